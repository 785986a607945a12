/** Records as messages of an SQS queue: `import … from "lambdarium/extension/destinations/sqs"`. */
import type { TelemetryRecord } from "../telemetry-records.ts";
import { awsResult, isTransient, type OwnErrors } from "./aws/aws-results.ts";
import { type AwsPlace, configuredEndpoint } from "./aws/endpoint.ts";
import { jsonTarget } from "./aws/json-target.ts";
import { type LineOf, sourcedLine } from "./aws/sourced-line.ts";
import { type Destination, type FailedItem, type Item, type Origin, type SendResult, timeOf } from "./destination.ts";
import { httpAddress } from "./http/http-address.ts";
import { excerpt } from "./http/http-results.ts";
import { misconfigured } from "./misconfigured.ts";

export interface SqsSettings extends AwsPlace {
  /** The queue's URL; its host names the region. One that ends in `.fifo` is a FIFO queue. */
  readonly queueUrl: string | undefined;
  /** What a record becomes; default JSON with the record's id and the function it comes from. */
  readonly line?: LineOf;
  /**
   * The message group. Default in a FIFO queue one for each process of an extension, in which messages keep their order; in
   * others none, where one makes the queue a fair one.
   */
  readonly messageGroup?: string | ((record: TelemetryRecord, origin: Origin) => string);
  /** Of one message. Default 1,048,576; a queue that is older than August 2025 has 262,144 where nobody raised it. */
  readonly maxMessageBytes?: number;
}

interface Message extends Item {
  readonly id: string;
  readonly group: string | undefined;
}

/** SendMessageBatch, 2012-11-05: ten messages, 1 MiB together. */
const maxBatchBytes = 1_048_576;

/**
 * A message for each record. Messages that fail alone are sent again alone. In a FIFO queue the record's id is the
 * deduplication id: what is sent again within five minutes because an answer was lost is there once.
 */
export function sqs(settings: SqsSettings): Destination {
  const { queueUrl } = settings;
  const { url, problem } = httpAddress(queueUrl, "queueUrl", "no queue: set queueUrl");
  if (url === undefined) return misconfigured("sqs", problem);
  const region = settings.region ?? /^(?:sqs|queue)(?:-fips)?\.([a-z0-9-]+)\./.exec(url.hostname)?.[1];
  const endpoint = configuredEndpoint("sqs", settings) ?? url.origin;
  const target = jsonTarget("sqs", "AmazonSQS", "1.0", { endpoint, ...(region === undefined ? {} : { region }) });
  const fifo = url.pathname.endsWith(".fifo");
  const line = settings.line ?? sourcedLine;
  return {
    name: `sqs ${url.host}${url.pathname}`,
    limits: {
      maxItems: 10,
      maxBytes: maxBatchBytes,
      maxItemBytes: Math.min(maxBatchBytes, settings.maxMessageBytes ?? maxBatchBytes),
    },
    encode(record, origin, id): readonly Message[] {
      const body = allowed(line(record, origin, id) ?? "");
      const group = groupOf(settings.messageGroup ?? (fifo ? origin.processId : undefined), record, origin);
      return body === "" ? [] : [{ body, bytes: Buffer.byteLength(body), timeMs: timeOf(record), id, group }];
    },
    async send(request) {
      const Entries = (request.items as readonly Message[]).map(({ body, id, group }, index) => ({
        Id: String(index),
        MessageBody: String(body),
        ...(group === undefined ? {} : { MessageGroupId: group }),
        ...(fifo ? { MessageDeduplicationId: id } : {}),
      }));
      const content = JSON.stringify({ QueueUrl: queueUrl, Entries });
      const answer = await target.call("SendMessageBatch", content, request);
      return answer.status === 200 ? failedMessages(answer.text) : awsResult(answer, ownErrors);
    },
    thawed: () => target.renew(),
    close: () => target.close(),
  };
}

const ownErrors: OwnErrors = {
  BatchRequestTooLong: "too large",
  InvalidMessageContents: "refused",
};

function groupOf(wanted: SqsSettings["messageGroup"], record: TelemetryRecord, origin: Origin): string | undefined {
  return typeof wanted === "function" ? wanted(record, origin) : wanted;
}

/** What XML 1.0 has no place for is refused with its message. */
const allowed = (text: string): string =>
  text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");

interface FailedMessage {
  readonly Id: string;
  readonly Code: string;
  readonly Message?: string;
  /** Whether we are at fault. */
  readonly SenderFault?: boolean;
}

function failedMessages(text: string): SendResult {
  const { Failed = [] } = JSON.parse(text) as { readonly Failed?: readonly FailedMessage[] | null };
  const failed = (Failed ?? []).map(({ Id, Code, Message = "", SenderFault = false }): FailedItem => {
    // A key that may not be used is our fault, but no message's.
    const retry = !SenderFault || isTransient(Code) || /kms|access/i.test(Code);
    return { index: Number(Id), reason: `${Code}${excerpt(Message)}`, retry };
  });
  return failed.length === 0 ? { kind: "delivered" } : { kind: "partly", failed };
}
