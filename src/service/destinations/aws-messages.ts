/** A delivery as a request to SQS, SNS, EventBridge or S3 (SVC-191 to SVC-193). */
import type { Delivery } from "./delivery.ts";

export interface ServiceRequest {
  readonly method: "POST" | "PUT";
  /** Below the endpoint; begins with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type DestinationService = "sqs" | "sns" | "events" | "s3";

export const isDestinationService = (service: string): service is DestinationService =>
  service === "sqs" || service === "sns" || service === "events" || service === "s3";

/** The parts of an ARN that lead to its resource. */
export interface ArnParts {
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  /** What stands behind the account, colons included. */
  readonly resource: string;
}

export function arnParts(arn: string): ArnParts {
  const [, , service = "", region = "", accountId = "", ...resource] = arn.split(":");
  return { service, region, accountId, resource: resource.join(":") };
}

export function serviceRequest(service: DestinationService, endpoint: string, delivery: Delivery): ServiceRequest {
  switch (service) {
    case "sqs":
      return sqsMessage(endpoint, delivery);
    case "sns":
      return snsMessage(delivery);
    case "events":
      return busEvent(delivery);
    case "s3":
      return bucketObject(delivery);
    default:
      return service satisfies never;
  }
}

/** S3 alone says by its status that it took something; EventBridge takes a request and may refuse the event in it. */
export const refusedEntries = (service: DestinationService, answer: string): boolean =>
  service === "events" && /"FailedEntryCount"\s*:\s*[1-9]/u.test(answer);

function sqsMessage(endpoint: string, { destinationArn, body, attributes = {} }: Delivery): ServiceRequest {
  const { accountId, resource } = arnParts(destinationArn);
  const message = {
    QueueUrl: `${endpoint.replace(/\/$/u, "")}/${accountId}/${resource}`,
    MessageBody: Buffer.from(body).toString("utf8"),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { type, value }]) => [name, { DataType: type, StringValue: value }]),
    ),
  };
  return json("application/x-amz-json-1.0", "AmazonSQS.SendMessage", message);
}

function snsMessage({ destinationArn, body, attributes = {} }: Delivery): ServiceRequest {
  const form = new URLSearchParams({
    Action: "Publish",
    Version: "2010-03-31",
    TopicArn: destinationArn,
    Message: Buffer.from(body).toString("utf8"),
  });
  for (const [at, [name, { type, value }]] of Object.entries(attributes).entries()) {
    const entry = `MessageAttributes.entry.${at + 1}`;
    form.set(`${entry}.Name`, name);
    form.set(`${entry}.Value.DataType`, type);
    form.set(`${entry}.Value.StringValue`, value);
  }
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  return { method: "POST", path: "/", headers, body: Buffer.from(form.toString()) };
}

/** SVC-192 */
function busEvent({ destinationArn, functionArn, succeeded, body, createdAt }: Delivery): ServiceRequest {
  const entry = {
    Source: "lambda",
    DetailType: `Lambda Function Invocation Result - ${succeeded ? "Success" : "Failure"}`,
    Resources: [destinationArn, functionArn],
    Detail: Buffer.from(body).toString("utf8"),
    EventBusName: destinationArn,
    Time: Math.floor(createdAt / 1000),
  };
  return json("application/x-amz-json-1.1", "AWSEvents.PutEvents", { Entries: [entry] });
}

/** SVC-192; AWS goes on with the date, the time and a random id. */
function bucketObject({ destinationArn, target, body, createdAt, id }: Delivery): ServiceRequest {
  const time = new Date(createdAt).toISOString();
  const [day = ""] = time.split("T");
  const key = `aws/lambda/async/${target.name}/${day.replaceAll("-", "/")}/${time.slice(0, 19).replaceAll(":", ".")}-${id}`;
  const { resource } = arnParts(destinationArn);
  return { method: "PUT", path: `/${resource}/${key}`, headers: { "content-type": "application/json" }, body };
}

function json(contentType: string, target: string, value: unknown): ServiceRequest {
  const headers = { "content-type": contentType, "x-amz-target": target };
  return { method: "POST", path: "/", headers, body: Buffer.from(JSON.stringify(value)) };
}
