/** Every back end there is a fake of, by name; each is loaded when it is asked for. */
import type { ReceivedLogEvent } from "./formats/cloudwatch-logs.ts";
import type { ReceivedDatadogLog } from "./formats/datadog.ts";
import type { ReceivedDocument } from "./formats/elasticsearch.ts";
import type { ReceivedFirehoseRecord } from "./formats/firehose.ts";
import type { ReceivedKinesisRecord } from "./formats/kinesis.ts";
import type { ReceivedLokiLine } from "./formats/loki.ts";
import type { ReceivedNewRelicLog } from "./formats/new-relic.ts";
import type { ReceivedOtlpRecord } from "./formats/otlp.ts";
import type { ReceivedObjectLine } from "./formats/s3.ts";
import type { ReceivedSplunkEvent } from "./formats/splunk-hec.ts";
import type { ReceivedMessage } from "./formats/sqs.ts";
import type { WireFormat } from "./wire-format.ts";

/** What a record is, by the kind of its destination. */
export interface ReceivedRecords {
  /** Each value of JSON, as it was sent: events as the platform has them, if the extension passes them on. */
  webhook: unknown;
  otlp: ReceivedOtlpRecord;
  "cloudwatch-logs": ReceivedLogEvent;
  firehose: ReceivedFirehoseRecord;
  kinesis: ReceivedKinesisRecord;
  s3: ReceivedObjectLine;
  sqs: ReceivedMessage;
  "splunk-hec": ReceivedSplunkEvent;
  loki: ReceivedLokiLine;
  elasticsearch: ReceivedDocument;
  opensearch: ReceivedDocument;
  datadog: ReceivedDatadogLog;
  "new-relic": ReceivedNewRelicLog;
}

export type DestinationKind = keyof ReceivedRecords;

type Formats = { readonly [Kind in DestinationKind]: () => Promise<WireFormat<ReceivedRecords[Kind]>> };

export const wireFormats: Formats = {
  webhook: async () => (await import("./formats/webhook.ts")).webhook,
  otlp: async () => (await import("./formats/otlp.ts")).otlp,
  "cloudwatch-logs": async () => (await import("./formats/cloudwatch-logs.ts")).cloudWatchLogs,
  firehose: async () => (await import("./formats/firehose.ts")).firehose,
  kinesis: async () => (await import("./formats/kinesis.ts")).kinesis,
  s3: async () => (await import("./formats/s3.ts")).s3(),
  sqs: async () => (await import("./formats/sqs.ts")).sqs,
  "splunk-hec": async () => (await import("./formats/splunk-hec.ts")).splunkHec,
  loki: async () => (await import("./formats/loki.ts")).loki,
  elasticsearch: async () => (await import("./formats/elasticsearch.ts")).elasticsearch(),
  opensearch: async () => (await import("./formats/elasticsearch.ts")).elasticsearch("OPENSEARCH_URL"),
  datadog: async () => (await import("./formats/datadog.ts")).datadog,
  "new-relic": async () => (await import("./formats/new-relic.ts")).newRelic,
};
