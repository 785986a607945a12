/** PutLogEvents: what extensions and log shippers send, within AWS's limits. */
import type { JsonOperation } from "../../../aws-api/json-target-api.ts";
import { list, string, structure } from "../../../aws-api/shapes.ts";
import { eventOverheadBytes, type LogEvent } from "../log-events.ts";
import {
  groupName,
  invalid,
  logsOperation,
  type LogsService,
  noGroup,
  noStream,
  streamName,
  timestamp,
} from "./logs-operation.ts";
import { sequenceToken } from "./stream-operations.ts";

const shape = structure(
  {
    logGroupName: groupName(),
    logStreamName: streamName(),
    logEvents: list(structure({ timestamp: timestamp(), message: string({ min: 1 }) }, ["timestamp", "message"]), {
      min: 1,
      max: 10_000,
    }),
    sequenceToken: string({ min: 1 }),
  },
  ["logGroupName", "logStreamName", "logEvents"],
);

export const putLogEvents = (service: LogsService): JsonOperation =>
  logsOperation(service, shape, async ({ logGroupName, logStreamName, logEvents }, { region }) => {
    const problem = batchProblem(logEvents);
    if (problem !== undefined) return invalid(problem);
    const group = await service.store.query("logs", "group", { region, logGroup: logGroupName });
    if (group === null) return noGroup;
    const now = Math.floor(service.now());
    const { accepted, rejected } = judged(logEvents, now, group.retention_days);
    if (spanMs(accepted) > dayMs)
      return invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
    const to = { region, accountId: group.account_id, logGroup: logGroupName, logStream: logStreamName };
    const put = await service.store.command("logs", "putEvents", { to, events: accepted, ingestionTime: now });
    if (put !== "put") return put === "no group" ? noGroup : noStream;
    const info = Object.keys(rejected).length === 0 ? {} : { rejectedLogEventsInfo: rejected };
    return { output: { nextSequenceToken: sequenceToken, ...info } };
  });

const dayMs = 86_400_000;
const maxBatchBytes = 1_048_576;
const maxEventBytes = 1_048_576;

function batchProblem(events: readonly LogEvent[]): string | undefined {
  const sizes = events.map(({ message }) => Buffer.byteLength(message) + eventOverheadBytes);
  const largest = Math.max(...sizes);
  if (largest > maxEventBytes) return `Log event too large: ${largest} bytes exceeds limit of ${maxEventBytes}`;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > maxBatchBytes) return `Upload too large: ${total} bytes exceeds limit of ${maxBatchBytes}`;
  const disordered = events.some((event, at) => event.timestamp < (events[at - 1]?.timestamp ?? 0));
  return disordered ? "Log events in a single PutLogEvents request must be in chronological order." : undefined;
}

const spanMs = (events: readonly LogEvent[]): number => (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);

/** The batch is in order, so what is too old stands at its start and what is too new at its end. */
function judged(events: readonly LogEvent[], now: number, retentionDays: number | null) {
  const oldest = now - 14 * dayMs;
  const expired = retentionDays === null ? oldest : now - retentionDays * dayMs;
  const newest = now + 2 * 3_600_000;
  const tooOldEnd = firstAt(events, ({ timestamp }) => timestamp >= oldest);
  const expiredEnd = firstAt(events, ({ timestamp }) => timestamp >= expired);
  const tooNewStart = firstAt(events, ({ timestamp }) => timestamp > newest);
  return {
    accepted: events.slice(Math.max(tooOldEnd, expiredEnd), tooNewStart),
    rejected: {
      ...(tooNewStart < events.length ? { tooNewLogEventStartIndex: tooNewStart } : {}),
      ...(tooOldEnd > 0 ? { tooOldLogEventEndIndex: tooOldEnd } : {}),
      ...(expiredEnd > tooOldEnd ? { expiredLogEventEndIndex: expiredEnd } : {}),
    },
  };
}

function firstAt(events: readonly LogEvent[], test: (event: LogEvent) => boolean): number {
  const at = events.findIndex(test);
  return at < 0 ? events.length : at;
}
