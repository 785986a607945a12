/** Records into a Kinesis data stream: `import … from "lambdarium/extension/destinations/kinesis"`. */
import type { TelemetryRecord } from "../telemetry-records.ts";
import { awsResult, errorIn, failedRecords, type RecordAnswer } from "./aws/aws-results.ts";
import type { AwsPlace } from "./aws/endpoint.ts";
import { jsonTarget } from "./aws/json-target.ts";
import { type LineOf, sourcedLine } from "./aws/sourced-line.ts";
import { type Destination, type Item, type Origin, timeOf } from "./destination.ts";
import { aboutRecords } from "./firehose.ts";
import { logEntries } from "./log-entry.ts";
import { misconfigured } from "./misconfigured.ts";

export interface KinesisSettings extends AwsPlace {
  /** The stream's name, or its ARN, which names its region too. */
  readonly stream: string | undefined;
  /**
   * Records with the same key go to the same shard, where their order can be kept: `environment`, all of this one's; or
   * `invocation`, which spreads those of one environment. At most 256 characters. Default `environment`.
   */
  readonly partitionKey?: "environment" | "invocation" | ((record: TelemetryRecord, origin: Origin) => string);
  /** What a record becomes; default JSON with the record's id and the function it comes from. */
  readonly line?: LineOf;
  /** Of one record with its key. Default 1,048,576, as a stream has it that was not told otherwise; at most 10,485,760. */
  readonly maxRecordBytes?: number;
  /** Of one request, keys included. Default 5,242,880, which every region takes; at most 10,485,760. */
  readonly maxBytes?: number;
}

interface Entry extends Item {
  readonly partitionKey: string;
}

/**
 * PutRecords, 2013-12-02: 500 records. What fails of a request, as when a shard has had its 1 MB or 1000 records of the second,
 * is sent again alone; Kinesis keeps no order then, and leaves nothing out that it has already: readers know a record by its `id`.
 */
export function kinesis(settings: KinesisSettings): Destination {
  if (!settings.stream) return misconfigured("kinesis", "no stream: set stream");
  const byArn = settings.stream.startsWith("arn:");
  const region = settings.region ?? (byArn ? settings.stream.split(":")[3] : undefined);
  const target = jsonTarget("kinesis", "Kinesis_20131202", "1.1", { ...settings, ...(region ? { region } : {}) });
  const stream = byArn ? { StreamARN: settings.stream } : { StreamName: settings.stream };
  const line = settings.line ?? sourcedLine;
  const keyOf = partitionKeys(settings.partitionKey ?? "environment");
  const maxBytes = settings.maxBytes ?? 5_242_880;
  return {
    name: `kinesis ${settings.stream}`,
    limits: { maxItems: 500, maxBytes, maxItemBytes: Math.min(maxBytes, settings.maxRecordBytes ?? 1_048_576) },
    encode(record, origin, id): readonly Entry[] {
      const partitionKey = keyOf(record, origin).slice(0, maxKeyLength) || origin.processId;
      const body = line(record, origin, id);
      if (!body) return [];
      const bytes = Buffer.byteLength(body) + Buffer.byteLength(partitionKey);
      return [{ body, bytes, timeMs: timeOf(record), partitionKey }];
    },
    async send(request) {
      const Records = (request.items as readonly Entry[]).map(({ body, partitionKey }) => ({
        Data: Buffer.from(body).toString("base64"),
        PartitionKey: partitionKey,
      }));
      const answer = await target.call("PutRecords", JSON.stringify({ ...stream, Records }), request);
      if (answer.status !== 200) return awsResult(answer, aboutRecords(errorIn(answer), answer.text));
      const result = JSON.parse(answer.text) as { readonly Records?: readonly RecordAnswer[] };
      return failedRecords(result.Records ?? []);
    },
    thawed: () => target.renew(),
    close: () => target.close(),
  };
}

const maxKeyLength = 256;

type KeyOf = (record: TelemetryRecord, origin: Origin) => string;

function partitionKeys(wanted: NonNullable<KinesisSettings["partitionKey"]>): KeyOf {
  if (typeof wanted === "function") return wanted;
  if (wanted === "environment") return (_, { processId }) => processId;
  const entryOf = logEntries();
  return (record, { processId }) => entryOf(record)?.requestId ?? processId;
}
