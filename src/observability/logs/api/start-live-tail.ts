/** StartLiveTail: new events of up to ten groups, once a second, as frames of an event stream. */
import { setTimeout as pause } from "node:timers/promises";
import { exceptionFrame, jsonEventFrame } from "../../../aws-api/event-stream.ts";
import type { JsonOperation } from "../../../aws-api/json-target-api.ts";
import { list, string, structure } from "../../../aws-api/shapes.ts";
import { filterPattern } from "../filter-pattern/filter-pattern.ts";
import type { NewEventsQuery } from "../new-events.ts";
import {
  groupIdentifier,
  invalid,
  logsOperation,
  type LogsService,
  nameIn,
  noGroup,
  streamName,
} from "./logs-operation.ts";

/** What the API reference says of a session. */
const updateEveryMs = 1000;
const mostEvents = 500;
const longestSessionMs = 3 * 3_600_000;

const shape = structure(
  {
    logGroupIdentifiers: list(groupIdentifier(), { min: 1, max: 10 }),
    logStreamNames: list(streamName(), { min: 1, max: 100 }),
    logStreamNamePrefixes: list(streamName(), { min: 1, max: 100 }),
    logEventFilterPattern: string({ max: 1024 }),
  },
  ["logGroupIdentifiers"],
);

export const startLiveTail = (service: LogsService): JsonOperation =>
  logsOperation(service, shape, async (input, { region, request }) => {
    const { logGroupIdentifiers, logStreamNames: streams, logStreamNamePrefixes: streamPrefixes } = input;
    if ((streams !== undefined || streamPrefixes !== undefined) && logGroupIdentifiers.length > 1)
      return invalid("Log streams can be chosen only when there is one log group.");
    if (streams !== undefined && streamPrefixes !== undefined)
      return invalid("LogStreamNames and LogStreamNamePrefixes cannot both be given.");
    const pattern = input.logEventFilterPattern ?? "";
    filterPattern(pattern);
    const groups = logGroupIdentifiers.map((identifier) => ({ region, logGroup: nameIn(identifier) }));
    for (const group of groups) if ((await service.store.query("logs", "group", group)) === null) return noGroup;
    const query = {
      groups,
      ...(streams === undefined ? {} : { streams }),
      ...(streamPrefixes === undefined ? {} : { streamPrefixes }),
      pattern,
      limit: mostEvents,
    };
    const after = await service.store.query("logs", "lastId", undefined);
    const started = { requestId: request.requestId, sessionId: request.requestId, ...input };
    const body = session(service, { started, query, after, signal: request.signal });
    return { response: { status: 200, headers: { "content-type": "application/vnd.amazon.eventstream" }, body } };
  });

interface Session {
  readonly started: object;
  readonly query: Omit<NewEventsQuery, "after">;
  readonly after: number;
  readonly signal: AbortSignal;
}

async function* session(service: LogsService, { started, query, after, signal }: Session): AsyncGenerator<Uint8Array> {
  // The protocol's own first frame, without which botocore takes nothing.
  yield jsonEventFrame("initial-response", {});
  yield jsonEventFrame("sessionStart", started);
  const end = service.now() + longestSessionMs;
  let last = after;
  while (service.now() < end) {
    await pause(updateEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const found = await service.store.query("logs", "newEvents", { ...query, after: last });
    last = found.last;
    yield jsonEventFrame("sessionUpdate", {
      sessionMetadata: { sampled: found.sampled },
      sessionResults: found.events.map((event) => ({
        logStreamName: event.logStream,
        logGroupIdentifier: `${event.accountId}:${event.logGroup}`,
        message: event.message,
        timestamp: event.timestamp,
        ingestionTime: event.ingestionTime,
      })),
    });
  }
  yield exceptionFrame("SessionTimeoutException", "The Live Tail session has reached its limit of three hours.");
}
