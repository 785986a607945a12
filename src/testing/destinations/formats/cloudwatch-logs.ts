/** CloudWatch Logs, JSON 1.1 of 2014-03-28: PutLogEvents, and what makes groups and streams. */
import type { Reading, WireFormat } from "../wire-format.ts";
import { awsFailure, awsJson, awsVariables, operationOf, unknownOperation } from "./aws-json.ts";

export interface ReceivedLogEvent {
  readonly logGroup: string;
  readonly logStream: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

interface PutLogEvents {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly logEvents: readonly { readonly timestamp: number; readonly message: string }[];
}

/** Limits of PutLogEvents; what is over them is refused as AWS refuses it. */
const maxEvents = 10_000;
const maxBytes = 1_048_576;
const bytesPerEvent = 26;
const maxSpanMs = 86_400_000;

export const cloudWatchLogs: WireFormat<ReceivedLogEvent> = {
  variables: (url) => awsVariables("CLOUDWATCH_LOGS", url),
  read: (request) => {
    const operation = operationOf(request);
    const input = JSON.parse(request.body.toString("utf8")) as unknown;
    if (operation === "PutLogEvents") return put(input as PutLogEvents);
    if (operation.startsWith("Describe")) return { kind: "call", answer: awsJson(200, described[operation] ?? {}) };
    if (/^(Create|Put|Tag)/.test(operation)) return { kind: "call", answer: awsJson(200, {}) };
    return unknownOperation("CloudWatch Logs", operation);
  },
  failure: awsFailure,
};

const described: Readonly<Record<string, unknown>> = {
  DescribeLogGroups: { logGroups: [] },
  DescribeLogStreams: { logStreams: [] },
};

function put({ logGroupName, logStreamName, logEvents }: PutLogEvents): Reading<ReceivedLogEvent> {
  const why = problemWith(logEvents);
  if (why !== undefined)
    return { kind: "unreadable", why, answer: awsJson(400, { __type: "InvalidParameterException", message: why }) };
  return {
    kind: "records",
    records: logEvents.map(({ timestamp, message }) => ({
      logGroup: logGroupName,
      logStream: logStreamName,
      timestamp,
      message,
    })),
    answer: (rejected) => awsJson(200, rejected.size === 0 ? {} : { rejectedLogEventsInfo: rejectedInfo(rejected) }),
  };
}

function problemWith(events: PutLogEvents["logEvents"]): string | undefined {
  if (events.length === 0) return "logEvents is empty";
  if (events.length > maxEvents) return `${events.length} log events, ${maxEvents} are allowed`;
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + bytesPerEvent, 0);
  if (bytes > maxBytes) return `Upload too large: ${bytes} bytes exceeds limit of ${maxBytes}`;
  if (events.some(({ message }) => message === "")) return "a message is empty";
  if (events.some(({ timestamp }, at) => timestamp < (events[at - 1]?.timestamp ?? 0)))
    return "Log events in a single PutLogEvents request must be in chronological order.";
  const spanMs = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  return spanMs > maxSpanMs
    ? "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
    : undefined;
}

/** AWS rejects from the beginning (too old) or to the end (too new), nothing in between. */
function rejectedInfo(rejected: ReadonlySet<number>) {
  let old = 0;
  while (rejected.has(old)) old += 1;
  const rest = [...rejected].filter((at) => at >= old);
  return {
    ...(old === 0 ? {} : { tooOldLogEventEndIndex: old }),
    ...(rest.length === 0 ? {} : { tooNewLogEventStartIndex: Math.min(...rest) }),
  };
}
