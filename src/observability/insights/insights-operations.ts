/** Logs Insights in the API of CloudWatch Logs: StartQuery, GetQueryResults, StopQuery, DescribeQueries, GetLogRecord. */
import type { JsonOperation } from "../../aws-api/json-target-api.ts";
import { boolean, integer, list, oneOf, string, structure, type ValueOf } from "../../aws-api/shapes.ts";
import {
  groupIdentifier,
  groupName,
  invalid,
  invalidToken,
  logsOperation,
  type LogsService,
  nameIn,
  timestamp,
  token,
} from "../logs/api/logs-operation.ts";
import { readToken, writeToken } from "../logs/api/page-token.ts";
import { pointedAt } from "./event-fields.ts";
import { Queries, type StartedQuery } from "./queries.ts";
import { MalformedQuery } from "./query-syntax.ts";
import { readQuery } from "./read-query.ts";

const queryId = () => string({ max: 256 });
const language = () => oneOf(["CWLI", "SQL", "PPL"]);

const startShape = structure(
  {
    queryLanguage: language(),
    logGroupName: groupName(),
    logGroupNames: list(groupName()),
    logGroupIdentifiers: list(groupIdentifier()),
    startTime: timestamp(),
    endTime: timestamp(),
    queryString: string({ max: 10_000 }),
    limit: integer({ min: 1, max: 100_000 }),
  },
  ["startTime", "endTime", "queryString"],
);
const resultsShape = structure(
  { queryId: queryId(), nextToken: string({ max: 1024 }), maxItems: integer({ min: 0, max: 10_000 }) },
  ["queryId"],
);
const stopShape = structure({ queryId: queryId() }, ["queryId"]);
const describeShape = structure({
  logGroupName: groupName(),
  status: oneOf(["Scheduled", "Running", "Complete", "Failed", "Cancelled", "Timeout", "Unknown"]),
  maxResults: integer({ min: 1, max: 1000 }),
  nextToken: token(),
  queryLanguage: language(),
});
const recordShape = structure({ logRecordPointer: string(), unmask: boolean() }, ["logRecordPointer"]);

export function insightsOperations(service: LogsService): Readonly<Record<string, JsonOperation>> {
  const queries = new Queries(service.store, service.now);
  return {
    StartQuery: logsOperation(service, startShape, (input, { region }) => startQuery(service, queries, input, region)),
    GetQueryResults: logsOperation(service, resultsShape, async (input, { region }) => {
      const query = queries.find(region, input.queryId);
      return query === undefined ? noQuery(input.queryId) : queryResults(query, input);
    }),
    StopQuery: logsOperation(service, stopShape, async (input, { region }) => {
      const query = queries.find(region, input.queryId);
      if (query === undefined) return noQuery(input.queryId);
      return queries.stop(query) ? { output: { success: true } } : invalid(`Query ${query.id} is not running.`);
    }),
    DescribeQueries: logsOperation(service, describeShape, async (input, { region }) =>
      described(queries.all(region), input),
    ),
    GetLogRecord: logsOperation(service, recordShape, async ({ logRecordPointer }, { region }) => {
      const place = pointedAt(logRecordPointer);
      if (place === undefined) return invalid("The specified logRecordPointer is invalid.");
      const record = await service.store.query("insights", "record", { region, ...place });
      return record === undefined
        ? notFound("The specified log record does not exist.")
        : { output: { logRecord: record } };
    }),
  };
}

const notFound = (message: string) => ({ refusal: { name: "ResourceNotFoundException", status: 400, message } });
const noQuery = (id: string) => notFound(`Query with ID ${id} does not exist.`);

const mostGroups = 50;

async function startQuery(service: LogsService, queries: Queries, input: ValueOf<typeof startShape>, region: string) {
  const { logGroupName, logGroupNames, logGroupIdentifiers, startTime, endTime, queryString, limit } = input;
  if (input.queryLanguage !== undefined && input.queryLanguage !== "CWLI")
    return invalid(`Lambdarium does not carry out queries in ${input.queryLanguage}, only in CWLI.`);
  const given = [logGroupName === undefined ? undefined : [logGroupName], logGroupNames, logGroupIdentifiers];
  const [logGroups, ...more] = given.filter((names) => names !== undefined);
  if (logGroups === undefined || logGroups.length === 0 || more.length > 0)
    return invalid("Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given.");
  if (logGroups.length > mostGroups) return invalid(`A query takes ${mostGroups} log groups at most.`);
  if (endTime < startTime) return invalid("The end time must not be before the start time.");
  const malformed = faultOf(queryString);
  if (malformed !== undefined) return malformed;
  const started = await queries.start({
    region,
    logGroups: [...new Set(logGroups.map(nameIn))],
    // Whole seconds, the last one included.
    startMs: startTime * 1000,
    endMs: endTime * 1000 + 999,
    queryString,
    ...(limit === undefined ? {} : { limit }),
  });
  return typeof started === "string"
    ? notFound(`Log group '${started}' does not exist for account ID '${service.accountId}'`)
    : { output: { queryId: started.id } };
}

function faultOf(queryString: string) {
  try {
    readQuery(queryString);
    return undefined;
  } catch (error) {
    if (!(error instanceof MalformedQuery)) throw error;
    const { message, startCharOffset, endCharOffset } = error;
    const details = { queryCompileError: { location: { startCharOffset, endCharOffset }, message } };
    return { refusal: { name: "MalformedQueryException", status: 400, message, details } };
  }
}

/** Results are there when the query is complete; until then there are none. */
function queryResults(query: StartedQuery, { nextToken, maxItems }: ValueOf<typeof resultsShape>) {
  const from = readToken(nextToken, { id: query.id }, 0);
  if (from === undefined) return invalidToken;
  const to = from + (maxItems ?? 10_000);
  const { scanned, matched, scannedBytes } = query.progress;
  return {
    output: {
      queryLanguage: "CWLI",
      results: query.rows.slice(from, to),
      statistics: {
        recordsMatched: matched,
        recordsScanned: scanned,
        estimatedRecordsSkipped: 0,
        bytesScanned: scannedBytes,
        estimatedBytesSkipped: 0,
        logGroupsScanned: query.logGroups.length,
      },
      status: query.status,
      ...(to < query.rows.length ? { nextToken: writeToken({ id: query.id }, to) } : {}),
    },
  };
}

function described(queries: readonly StartedQuery[], input: ValueOf<typeof describeShape>) {
  const { logGroupName, status, maxResults = 1000, nextToken, queryLanguage } = input;
  const from = readToken(nextToken, { logGroupName, status }, 0);
  if (from === undefined) return invalidToken;
  const found = queries.filter(
    (query) =>
      (logGroupName === undefined || query.logGroups.includes(logGroupName)) &&
      (status === undefined || query.status === status) &&
      (queryLanguage === undefined || queryLanguage === "CWLI"),
  );
  return {
    output: {
      queries: found.slice(from, from + maxResults).map((query) => ({
        queryLanguage: "CWLI",
        queryId: query.id,
        queryString: query.queryString,
        status: query.status,
        createTime: Math.floor(query.createdAt),
        logGroupName: query.logGroups.join(","),
        queryDuration: Math.round(query.durationMs),
        bytesScanned: query.progress.scannedBytes,
      })),
      ...(from + maxResults < found.length
        ? { nextToken: writeToken({ logGroupName, status }, from + maxResults) }
        : {}),
    },
  };
}
