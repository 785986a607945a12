/** SQS, JSON 1.0 of 2012-11-05: SendMessage and SendMessageBatch. */
import { createHash } from "node:crypto";
import { jsonOrText, type WireFormat } from "../wire-format.ts";
import { awsFailure, awsJson, awsVariables, operationOf, unknownOperation } from "./aws-json.ts";

export interface ReceivedMessage {
  readonly queueUrl: string;
  /** A value of JSON, or a text. */
  readonly body: unknown;
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

interface Sent {
  readonly Id?: string;
  readonly MessageBody: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

interface Input extends Partial<Sent> {
  readonly QueueUrl: string;
  readonly QueueName?: string;
  readonly Entries?: readonly Sent[];
}

/** 1 MiB a message and a batch. */
const maxBytes = 1_048_576;

export const sqs: WireFormat<ReceivedMessage> = {
  variables: (url) => awsVariables("SQS", url),
  read: (request) => {
    const operation = operationOf(request);
    const input = JSON.parse(request.body.toString()) as Input;
    if (operation === "GetQueueUrl") {
      const QueueUrl = `http://${request.headers["host"]}/123456789012/${input.QueueName}`;
      return { kind: "call", answer: awsJson(200, { QueueUrl }) };
    }
    if (operation !== "SendMessage" && operation !== "SendMessageBatch") return unknownOperation("SQS", operation);
    const sent = input.Entries ?? [{ ...input, MessageBody: input.MessageBody ?? "" }];
    const why = problemWith(sent);
    if (why !== undefined)
      return {
        kind: "unreadable",
        why,
        answer: awsJson(400, { __type: "com.amazonaws.sqs#InvalidMessageContents", message: why }),
      };
    return {
      kind: "records",
      records: sent.map((message) => received(input.QueueUrl, message)),
      answer: (rejected) => {
        const taken = sent.filter((_, at) => !rejected.has(at)).map(success);
        if (operation === "SendMessage") return awsJson(200, taken[0] ?? {});
        const failed = sent.flatMap(({ Id }, at) =>
          rejected.has(at) ? [{ Id, Code: "InternalError", SenderFault: false, Message: "Try again." }] : [],
        );
        return awsJson(200, { Successful: taken, Failed: failed });
      },
    };
  },
  failure: awsFailure,
};

const received = (
  queueUrl: string,
  { MessageBody, MessageGroupId, MessageDeduplicationId }: Sent,
): ReceivedMessage => ({
  queueUrl,
  body: jsonOrText(MessageBody),
  ...(MessageGroupId === undefined ? {} : { groupId: MessageGroupId }),
  ...(MessageDeduplicationId === undefined ? {} : { deduplicationId: MessageDeduplicationId }),
});

/** SDKs check the digest of what they sent. */
const success = ({ Id, MessageBody }: Sent, at: number) => ({
  ...(Id === undefined ? {} : { Id }),
  MessageId: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
  MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
});

function problemWith(sent: readonly Sent[]): string | undefined {
  if (sent.length === 0 || sent.length > 10) return `${sent.length} messages, 1 to 10 are allowed`;
  const bytes = sent.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
  return bytes > maxBytes ? `the messages come to ${bytes} bytes, ${maxBytes} are allowed` : undefined;
}
