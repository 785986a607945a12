/** GetLogEvents: a stream page by page, from its end or its head, with AWS's tokens that never run out. */
import type { JsonOperation } from "../../../aws-api/json-target-api.ts";
import { boolean, integer, structure } from "../../../aws-api/shapes.ts";
import { eventId, type EventPlace, placeOf, type StoredEvent } from "../event-place.ts";
import type { EventsQuery } from "../read-events.ts";
import {
  chosenGroup,
  groupIdentifier,
  groupName,
  invalidToken,
  logsOperation,
  type LogsService,
  noGroup,
  noStream,
  streamName,
  timestamp,
  token,
} from "./logs-operation.ts";

/** Of a page, in messages. */
export const pageBytes = 1_048_576;

const shape = structure(
  {
    logGroupName: groupName(),
    logGroupIdentifier: groupIdentifier(),
    logStreamName: streamName(),
    startTime: timestamp(),
    endTime: timestamp(),
    nextToken: token(),
    limit: integer({ min: 1, max: 10_000 }),
    startFromHead: boolean(),
  },
  ["logStreamName"],
);

export const getLogEvents = (service: LogsService): JsonOperation =>
  logsOperation(service, shape, async (input, { region }) => {
    const chosen = chosenGroup(input);
    if ("refusal" in chosen) return chosen;
    const from = startingPoint(input);
    if (from === undefined) return invalidToken;
    const start = input.startTime ?? 0;
    const answer = await service.store.query("logs", "events", {
      region,
      ...chosen,
      logStream: input.logStreamName,
      start,
      end: input.endTime ?? Number.MAX_SAFE_INTEGER,
      from,
      limit: input.limit ?? 10_000,
      maxBytes: pageBytes,
    });
    if (answer.kind === "no group") return noGroup;
    if (answer.kind === "no stream") return noStream;
    const { before, after } = edges(answer.events, from, start);
    return {
      output: {
        events: answer.events.map(eventText),
        nextForwardToken: `f/${eventId(after)}/s`,
        nextBackwardToken: `b/${eventId(before)}/s`,
      },
    };
  });

const eventText = ({ timestamp, message, ingestionTime }: StoredEvent): object => ({
  timestamp,
  message,
  ingestionTime,
});

type From = EventsQuery["from"];

/** The token knows the direction, whatever `startFromHead` says. */
function startingPoint({
  nextToken,
  startFromHead,
}: {
  nextToken?: string;
  startFromHead?: boolean;
}): From | undefined {
  if (nextToken === undefined) return { kind: startFromHead === true ? "head" : "tail" };
  const [, direction, digits = ""] = /^([fb])\/(\d+)\/s$/.exec(nextToken) ?? [];
  const place = placeOf(digits);
  if (direction === undefined || place === undefined) return undefined;
  return { kind: direction === "f" ? "after" : "before", place };
}

/** At an end the token of that direction is the one that was given, and the other one leads back over what was shown. */
function edges(events: readonly StoredEvent[], from: From, start: number): { before: EventPlace; after: EventPlace } {
  const [first, last] = [events[0], events.at(-1)];
  if (first !== undefined && last !== undefined) return { before: first, after: last };
  if (!("place" in from)) return { before: { timestamp: start, id: 0 }, after: { timestamp: start, id: 0 } };
  const { timestamp, id } = from.place;
  return from.kind === "after"
    ? { before: { timestamp, id: id + 1 }, after: from.place }
    : { before: from.place, after: { timestamp, id: Math.max(0, id - 1) } };
}
