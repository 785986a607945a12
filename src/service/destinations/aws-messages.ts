/** A delivery as what is said to SQS, SNS, EventBridge and S3 (SVC-191 to SVC-193). */
import { arnParts } from "./arn-parts.ts";
import type { Delivery } from "./delivery.ts";

type Attributes = Record<string, { readonly DataType: string; readonly StringValue: string }>;

export function queueMessage(endpoint: string, delivery: Delivery) {
  const { accountId, resource } = arnParts(delivery.destinationArn);
  return {
    QueueUrl: `${endpoint}/${accountId}/${resource}`,
    MessageBody: textOf(delivery),
    MessageAttributes: attributesOf(delivery),
  };
}

export const topicMessage = (delivery: Delivery) => ({
  TopicArn: delivery.destinationArn,
  Message: textOf(delivery),
  MessageAttributes: attributesOf(delivery),
});

/** SVC-192 */
export const busEvent = (delivery: Delivery) => ({
  Source: "lambda",
  DetailType: `Lambda Function Invocation Result - ${delivery.succeeded ? "Success" : "Failure"}`,
  Resources: [delivery.destinationArn, delivery.functionArn],
  Detail: textOf(delivery),
  EventBusName: delivery.destinationArn,
  Time: new Date(delivery.createdAt),
});

/** SVC-192; AWS goes on with the date, the time and a random id. */
export function bucketObject({ destinationArn, target, body, createdAt, id }: Delivery) {
  const time = new Date(createdAt).toISOString();
  const [day = ""] = time.split("T");
  return {
    Bucket: arnParts(destinationArn).resource,
    Key: `aws/lambda/async/${target.name}/${day.replaceAll("-", "/")}/${time.slice(0, 19).replaceAll(":", ".")}-${id}`,
    ContentType: "application/json",
    Body: body,
  };
}

const textOf = ({ body }: Delivery): string => Buffer.from(body).toString("utf8");

const attributesOf = ({ attributes = {} }: Delivery): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => [name, { DataType: type, StringValue: value }]),
  );
