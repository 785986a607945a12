/** CreateLogStream, DeleteLogStream, DescribeLogStreams. */
import type { JsonOperation } from "../../../aws-api/json-target-api.ts";
import { boolean, integer, oneOf, structure } from "../../../aws-api/shapes.ts";
import type { StreamRow } from "../log-groups.ts";
import {
  chosenGroup,
  groupArn,
  groupIdentifier,
  groupName,
  invalid,
  invalidToken,
  logsOperation,
  type LogsService,
  noGroup,
  noStream,
  streamExists,
  streamName,
  token,
} from "./logs-operation.ts";
import { readToken, writeToken } from "./page-token.ts";

export function streamOperations(service: LogsService): Readonly<Record<string, JsonOperation>> {
  const { store } = service;
  return {
    CreateLogStream: logsOperation(service, streamShape, async ({ logGroupName, logStreamName }, { region }) => {
      const key = { region, logGroup: logGroupName, logStream: logStreamName };
      const created = await store.command("logs", "createStream", { ...key, now: Math.floor(service.now()) });
      if (created === "no group") return noGroup;
      return created === "exists" ? streamExists : { output: undefined };
    }),
    DeleteLogStream: logsOperation(service, streamShape, async ({ logGroupName, logStreamName }, { region }) => {
      const key = { region, logGroup: logGroupName, logStream: logStreamName };
      const deleted = await store.command("logs", "deleteStream", key);
      if (deleted === "no group") return noGroup;
      return deleted === "no stream" ? noStream : { output: undefined };
    }),
    DescribeLogStreams: describeLogStreams(service),
  };
}

const streamShape = structure({ logGroupName: groupName(), logStreamName: streamName() }, [
  "logGroupName",
  "logStreamName",
]);

const describeShape = structure({
  logGroupName: groupName(),
  logGroupIdentifier: groupIdentifier(),
  logStreamNamePrefix: streamName(),
  orderBy: oneOf(["LogStreamName", "LastEventTime"]),
  descending: boolean(),
  nextToken: token(),
  limit: integer({ min: 1, max: 50 }),
});

const describeLogStreams = (service: LogsService): JsonOperation =>
  logsOperation(service, describeShape, async (input, { region }) => {
    const { logStreamNamePrefix: prefix = "", orderBy = "LogStreamName", descending = false, limit = 50 } = input;
    const chosen = chosenGroup(input);
    if ("refusal" in chosen) return chosen;
    if (orderBy === "LastEventTime" && prefix !== "")
      return invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
    const query = { region, ...chosen, prefix, orderBy, descending };
    const offset = readToken(input.nextToken, query, 0);
    if (offset === undefined) return invalidToken;
    const group = await service.store.query("logs", "group", query);
    const rows = await service.store.query("logs", "streams", { ...query, offset, limit: limit + 1 });
    if (group === null || rows === null) return noGroup;
    const arn = groupArn(region, group.account_id, group.name);
    return {
      output: {
        logStreams: rows.slice(0, limit).map((row) => streamText(row, arn)),
        ...(rows.length > limit ? { nextToken: writeToken(query, offset + limit) } : {}),
      },
    };
  });

const streamText = (row: StreamRow, arn: string): object => ({
  logStreamName: row.name,
  creationTime: row.created_at,
  ...(row.first_event === null ? {} : { firstEventTimestamp: row.first_event }),
  ...(row.last_event === null ? {} : { lastEventTimestamp: row.last_event }),
  ...(row.last_ingestion === null ? {} : { lastIngestionTime: row.last_ingestion }),
  uploadSequenceToken: sequenceToken,
  arn: `${arn}:log-stream:${row.name}`,
  storedBytes: 0,
});

/** Ignored by PutLogEvents, here and in the cloud. */
export const sequenceToken = "4".repeat(56);
