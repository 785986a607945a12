/** Records as log events: `import … from "lambdarium/extension/destinations/cloudwatch-logs"`. */
import type { TelemetryRecord } from "../telemetry-records.ts";
import { awsResult, errorIn, type OwnErrors } from "./aws/aws-results.ts";
import type { AwsPlace } from "./aws/endpoint.ts";
import { jsonTarget } from "./aws/json-target.ts";
import { cutText } from "./cut-text.ts";
import {
  type Destination,
  type FailedItem,
  type Item,
  type Origin,
  type SendResult,
  textItem,
  timeOf,
} from "./destination.ts";
import type { HttpAnswer } from "./http/http-client.ts";
import { misconfigured } from "./misconfigured.ts";

export interface CloudWatchLogsSettings extends AwsPlace {
  /** Created when it is missing, if the function's role allows it. */
  readonly logGroup: string | ((origin: Origin) => string) | undefined;
  /** Default `<date>/<version>/<extension>/<identifier>`, a stream of its own for each process. */
  readonly logStream?: string | ((origin: Origin) => string);
  /** What an event says; default a line as it was written, any other record as JSON. */
  readonly message?: (record: TelemetryRecord) => string;
}

/** PutLogEvents, 2014-03-28: 1,048,576 bytes with 26 for each event, 10,000 events, 24 hours, in order of time. */
const limits = {
  maxItems: 10_000,
  maxBytes: 1_048_576,
  itemOverheadBytes: 26,
  maxSpanMs: 86_400_000,
  sorted: true,
} as const;

/** An event may have 1 MB with its 26 bytes; what is longer is cut rather than lost. */
const maxMessageBytes = 1_048_576 - 26;

export function cloudWatchLogs(settings: CloudWatchLogsSettings): Destination {
  const { logGroup, logStream = streamOf } = settings;
  if (!logGroup) return misconfigured("cloudwatch-logs", "no log group: set logGroup");
  const target = jsonTarget("logs", "Logs_20140328", "1.1", settings);
  let ready = false;
  return {
    name: `cloudwatch-logs ${typeof logGroup === "string" ? logGroup : ""}`.trim(),
    limits,
    encode: (record) => {
      const message = (settings.message ?? messageOf)(record);
      // An event without a message is refused with its whole batch.
      return message === "" ? [] : [textItem(cutText(message, maxMessageBytes), timeOf(record))];
    },
    async send(request) {
      const { items, origin } = request;
      const place = { logGroupName: named(logGroup, origin), logStreamName: named(logStream, origin) };
      const ask: Ask = (action, content) => target.call(action, JSON.stringify(content), request);
      if (!ready) {
        const problem = await makeStream(place, ask);
        if (problem !== undefined) return problem;
        ready = true;
      }
      const logEvents = items.map(({ body, timeMs }) => ({ timestamp: timeMs, message: String(body) }));
      const answer = await ask("PutLogEvents", { ...place, logEvents });
      // Somebody removed the stream: it is made again with the next attempt.
      if (errorIn(answer) === "ResourceNotFoundException") ready = false;
      return answer.status === 200 ? rejectedIn(answer, items) : awsResult(answer, ownErrors);
    },
    thawed: () => target.renew(),
    close: () => target.close(),
  };
}

function messageOf({ record, type, time }: TelemetryRecord): string {
  if (typeof record === "string" && (type === "function" || type === "extension")) return record.replace(/\n$/, "");
  return JSON.stringify({ time, type, record });
}

interface Place {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

const named = (given: string | ((origin: Origin) => string), origin: Origin): string =>
  typeof given === "string" ? given : given(origin);

/** `:` and `*` are not allowed in a stream's name; the brackets of Lambda's own streams are. */
const streamOf = ({ functionVersion, extensionName, processId }: Origin): string =>
  `${startDay}/[${functionVersion}]${extensionName}/${processId}`.replaceAll(/[:*]/g, "_");

/** One stream for the life of the process, also past midnight. */
const startDay = new Date().toISOString().slice(0, 10).replaceAll("-", "/");

type Ask = (action: string, content: object) => Promise<HttpAnswer>;

/** What keeps it from being made; undefined when it is there. */
async function makeStream(place: Place, ask: Ask): Promise<SendResult | undefined> {
  const { logGroupName } = place;
  let answer = await ask("CreateLogStream", place);
  if (errorIn(answer) === "ResourceNotFoundException") {
    const group = await ask("CreateLogGroup", { logGroupName });
    if (group.status !== 200 && errorIn(group) !== "ResourceAlreadyExistsException") return awsResult(group, ownErrors);
    answer = await ask("CreateLogStream", place);
  }
  return answer.status === 200 || errorIn(answer) === "ResourceAlreadyExistsException"
    ? undefined
    : awsResult(answer, ownErrors);
}

/** A stream that is gone is made again; others may be making it, or have made too many. */
const ownErrors: OwnErrors = {
  ResourceNotFoundException: "try later",
  OperationAbortedException: "try later",
  LimitExceededException: "try later",
  InvalidParameterException: "refused",
};

/** Events that were too old or too new are named inside a 200, by where they begin or end. */
function rejectedIn({ text }: HttpAnswer, items: readonly Item[]): SendResult {
  const { rejectedLogEventsInfo: rejected } = (text === "" ? {} : JSON.parse(text)) as {
    readonly rejectedLogEventsInfo?: Readonly<Record<string, number>>;
  };
  if (rejected === undefined) return { kind: "delivered" };
  // By the API model the start is inclusive and the ends are exclusive.
  const tooOld = Math.max(rejected["tooOldLogEventEndIndex"] ?? 0, rejected["expiredLogEventEndIndex"] ?? 0);
  const tooNew = rejected["tooNewLogEventStartIndex"] ?? items.length;
  const failed = items.flatMap((_, index): FailedItem[] => {
    if (index < tooOld) return [{ index, reason: "older than CloudWatch Logs takes", retry: false }];
    return index >= tooNew ? [{ index, reason: "further in the future than CloudWatch Logs takes", retry: false }] : [];
  });
  return { kind: "partly", failed };
}
