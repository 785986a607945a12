/** Records into a Firehose stream: `import … from "lambdarium/extension/destinations/firehose"`. */
import { awsResult, errorIn, failedRecords, type RecordAnswer } from "./aws/aws-results.ts";
import type { AwsPlace } from "./aws/endpoint.ts";
import { jsonTarget } from "./aws/json-target.ts";
import { type LineOf, sourcedLine } from "./aws/sourced-line.ts";
import { type Destination, textItem, timeOf } from "./destination.ts";
import { misconfigured } from "./misconfigured.ts";

export interface FirehoseSettings extends AwsPlace {
  /** The stream's name. Its source must be Direct PUT. */
  readonly stream: string | undefined;
  /** What a record becomes, without a line end; default JSON with the record's id and the function it comes from. */
  readonly line?: LineOf;
}

/**
 * PutRecordBatch, 2015-08-04: 500 records, 1,000 KiB each, 4 MiB together, all before base64. Each record ends with a line
 * end, since Firehose puts records after one another as they are. What fails of a request is sent again alone; Firehose keeps
 * no order then, and leaves nothing out that it has already.
 */
export function firehose(settings: FirehoseSettings): Destination {
  if (!settings.stream) return misconfigured("firehose", "no stream: set stream");
  const target = jsonTarget("firehose", "Firehose_20150804", "1.1", settings);
  const line = settings.line ?? sourcedLine;
  return {
    name: `firehose ${settings.stream}`,
    limits: { maxItems: 500, maxBytes: 4_194_304, maxItemBytes: 1_024_000 },
    encode(record, origin, id) {
      const text = line(record, origin, id);
      return text ? [textItem(`${text}\n`, timeOf(record))] : [];
    },
    async send(request) {
      const Records = request.items.map(({ body }) => ({ Data: Buffer.from(body).toString("base64") }));
      const body = JSON.stringify({ DeliveryStreamName: settings.stream, Records });
      const answer = await target.call("PutRecordBatch", body, request);
      if (answer.status !== 200) return awsResult(answer, aboutRecords(errorIn(answer), answer.text));
      const { RequestResponses } = JSON.parse(answer.text) as { readonly RequestResponses?: readonly RecordAnswer[] };
      return failedRecords(RequestResponses ?? []);
    },
    thawed: () => target.renew(),
    close: () => target.close(),
  };
}

/** The same name says that a stream takes no records from anybody but its source: no record is at fault then. */
export const aboutRecords = (error: string | undefined, text: string) =>
  error === "InvalidArgumentException" && /\brecords?\b|\bdata\b/i.test(text) ? { [error]: "refused" as const } : {};
