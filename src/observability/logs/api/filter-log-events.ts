/** FilterLogEvents: a group's events, of all its streams together, that a pattern matches. */
import type { JsonOperation } from "../../../aws-api/json-target-api.ts";
import { boolean, integer, list, string, structure } from "../../../aws-api/shapes.ts";
import { eventId, type EventPlace, type StoredEvent } from "../event-place.ts";
import { pageBytes } from "./get-log-events.ts";
import {
  chosenGroup,
  groupIdentifier,
  groupName,
  invalid,
  invalidToken,
  logsOperation,
  type LogsService,
  noGroup,
  noStream,
  streamName,
  timestamp,
  token,
} from "./logs-operation.ts";
import { readToken, writeToken } from "./page-token.ts";

const shape = structure({
  logGroupName: groupName(),
  logGroupIdentifier: groupIdentifier(),
  logStreamNames: list(streamName(), { min: 1, max: 100 }),
  logStreamNamePrefix: streamName(),
  startTime: timestamp(),
  endTime: timestamp(),
  filterPattern: string({ max: 1024 }),
  nextToken: token(),
  limit: integer({ min: 1, max: 10_000 }),
  interleaved: boolean(),
});

export const filterLogEvents = (service: LogsService): JsonOperation =>
  logsOperation(service, shape, async (input, { region }) => {
    const chosen = chosenGroup(input);
    if ("refusal" in chosen) return chosen;
    const { logStreamNames: streams, logStreamNamePrefix: streamPrefix } = input;
    if (streams !== undefined && streamPrefix !== undefined)
      return invalid("LogStreamNames and LogStreamNamePrefix cannot both be given.");
    const query = {
      region,
      ...chosen,
      ...(streams === undefined ? {} : { streams }),
      ...(streamPrefix === undefined ? {} : { streamPrefix }),
      start: input.startTime ?? 0,
      end: input.endTime ?? Number.MAX_SAFE_INTEGER,
      pattern: input.filterPattern ?? "",
    };
    const after = readToken<EventPlace | null>(input.nextToken, query, null);
    if (after === undefined) return invalidToken;
    const answer = await service.store.query("logs", "search", {
      ...query,
      ...(after === null ? {} : { after }),
      limit: input.limit ?? 10_000,
      maxBytes: pageBytes,
    });
    if (answer.kind === "no group") return noGroup;
    if (answer.kind === "no stream") return noStream;
    return {
      output: {
        events: answer.events.map(eventText),
        // As in the cloud, which has not named them since 2019.
        searchedLogStreams: [],
        ...(answer.next === undefined ? {} : { nextToken: writeToken(query, answer.next) }),
      },
    };
  });

const eventText = (event: StoredEvent): object => ({
  logStreamName: event.logStream,
  timestamp: event.timestamp,
  message: event.message,
  ingestionTime: event.ingestionTime,
  eventId: eventId(event),
});
