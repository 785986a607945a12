/** Through the front door, with AWS's own client. */
import {
  CloudWatchLogsClient,
  DescribeQueriesCommand,
  GetLogRecordCommand,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryCommand,
  type StartQueryCommandInput,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type FrontDoor, openFrontDoor } from "../../aws-api/front-door.ts";
import { logsApi } from "../logs/api/logs-api.ts";
import { openStore, type Store } from "../store/open-store.ts";
import { insightsOperations } from "./insights-operations.ts";
import { Queries, type StartedQuery } from "./queries.ts";

const morning = Date.UTC(2026, 10, 23, 8);
const groups = ["/aws/lambda/shop", "/aws/lambda/till"] as const;
const region = "eu-west-1";
/** Both together are more than one part of the search. */
const perGroup = 12_000;
const newest = String(perGroup - 1);

let store: Store;
let door: FrontDoor;
let client: CloudWatchLogsClient;
beforeAll(async () => {
  store = await openStore({ runs: "here", limits: { maxAgeMs: Infinity } });
  const service = { store, accountId: "123456789012", defaultRegion: region, now: Date.now };
  door = await openFrontDoor({
    port: 0,
    apis: [logsApi(service, insightsOperations(service))],
    unclaimed: () => ({ status: 404 }),
    faulted: (cause) => {
      throw cause;
    },
  });
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  client = new CloudWatchLogsClient({ endpoint: door.endpoint, region, credentials, maxAttempts: 1 });
  for (const [at, logGroup] of groups.entries())
    store.insert(
      "logs",
      Array.from({ length: perGroup }, (_, index) => ({
        to: { region, accountId: "123456789012", logGroup, logStream: "one" },
        timestamp: morning + index * 2 + at,
        ingestionTime: morning,
        message: JSON.stringify({ group: at, order: index }),
      })),
      1,
    );
});
afterAll(async () => {
  client.destroy();
  await door.close(0);
  await store.close();
});

const start = async (queryString: string, changes: Partial<StartQueryCommandInput> = {}) => {
  const range = { startTime: morning / 1000, endTime: morning / 1000 + 3600 };
  const started = await client.send(
    new StartQueryCommand({ logGroupNames: [...groups], ...range, queryString, ...changes }),
  );
  return String(started.queryId);
};
const results = async (queryId: string): Promise<GetQueryResultsCommandOutput> =>
  vi.waitFor(
    async () => {
      const answer = await client.send(new GetQueryResultsCommand({ queryId }));
      expect(answer.status).not.toBe("Running");
      return answer;
    },
    { timeout: 60_000, interval: 20 },
  );
const rows = ({ results: all = [] }: GetQueryResultsCommandOutput) =>
  all.map((row) => Object.fromEntries(row.map(({ field, value }) => [field, value])));

test("a query goes through all events of its groups, and tells how many they were", async () => {
  const answer = await results(
    await start(`filter order >= ${perGroup - 10} | stats count(*) as n, max(order) by group | sort group`),
  );
  expect(answer).toMatchObject({
    status: "Complete",
    queryLanguage: "CWLI",
    statistics: { recordsScanned: 2 * perGroup, recordsMatched: 20, logGroupsScanned: 2 },
  });
  expect(answer.statistics?.bytesScanned).toBeGreaterThan(400_000);
  expect(rows(answer)).toEqual([
    { group: "0", n: "10", "max(order)": newest },
    { group: "1", n: "10", "max(order)": newest },
  ]);
});

test("the events of several groups come in one order, the newest first, and a limit ends the search", async () => {
  const answer = await results(await start("fields group, order | limit 3"));
  expect(rows(answer)).toMatchObject([
    { group: "1", order: newest },
    { group: "0", order: newest },
    { group: "1", order: String(perGroup - 2) },
  ]);
  expect(answer.statistics?.recordsScanned).toBe(3);
});

test("who asks for the newest first need not wait for the oldest, unless the time was made something else", async () => {
  const quick = await results(await start("fields order | sort @timestamp desc | limit 2"));
  expect([quick.statistics?.recordsScanned, rows(quick).map(({ order }) => order)]).toEqual([2, [newest, newest]]);
  const slow = await results(await start("fields order as @timestamp | sort @timestamp desc | limit 1"));
  expect(slow.statistics?.recordsScanned).toBe(2 * perGroup);
});

test("a row's pointer leads to the whole record", async () => {
  const [row] = rows(await results(await start("fields order | limit 1")));
  const { logRecord } = await client.send(new GetLogRecordCommand({ logRecordPointer: row?.["@ptr"] }));
  expect(logRecord).toEqual({
    "@timestamp": String(morning + 2 * perGroup - 1),
    "@ingestionTime": String(morning),
    "@message": `{"group":1,"order":${newest}}`,
    "@logStream": "one",
    "@log": "123456789012:/aws/lambda/till",
    group: "1.0",
    order: `${newest}.0`,
  });
});

test("the range is whole seconds, the last one included", async () => {
  const second = morning / 1000 + 10;
  const answer = await results(await start("stats count(*) as n", { startTime: second, endTime: second }));
  expect(rows(answer)).toEqual([{ n: "1000" }]);
});

test("results come page by page when that is asked for", async () => {
  const queryId = await start("fields order | limit 5");
  await results(queryId);
  const first = await client.send(new GetQueryResultsCommand({ queryId, maxItems: 3 }));
  const second = await client.send(new GetQueryResultsCommand({ queryId, maxItems: 3, nextToken: first.nextToken }));
  expect([first.results?.length, second.results?.length, second.nextToken]).toEqual([3, 2, undefined]);
});

test("queries are described, and one that has ended cannot be stopped", async () => {
  const queryId = await start("stats count(*)", { logGroupNames: undefined, logGroupName: groups[0] });
  await results(queryId);
  const { queries } = await client.send(new DescribeQueriesCommand({ logGroupName: groups[0], status: "Complete" }));
  expect(queries?.[0]).toMatchObject({
    queryId,
    queryString: "stats count(*)",
    status: "Complete",
    logGroupName: groups[0],
  });
  await expect(client.send(new StopQueryCommand({ queryId }))).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
});

test("a query that runs can be stopped", async () => {
  const queries = new Queries(store, Date.now);
  const range = { startMs: morning, endMs: morning + 3_600_000 };
  const query = await queries.start({ region, logGroups: groups, ...range, queryString: "stats count(*)" });
  expect(query).toMatchObject({ status: "Running" });
  expect(queries.stop(query as StartedQuery)).toBe(true);
  expect(queries.stop(query as StartedQuery)).toBe(false);
  expect(await store.query("insights", "advance", { id: (query as StartedQuery).id })).toBeUndefined();
  expect(query).toMatchObject({ status: "Cancelled", rows: [] });
});

test("a malformed query is refused with the place of the fault", async () => {
  await expect(start("fields order | patern @message")).rejects.toMatchObject({
    name: "MalformedQueryException",
    message: "unexpected symbol found patern at line 1 and position 15",
    queryCompileError: {
      location: { startCharOffset: 15, endCharOffset: 21 },
      message: "unexpected symbol found patern at line 1 and position 15",
    },
    $metadata: { httpStatusCode: 400 },
  });
});

test.each<[string, Partial<StartQueryCommandInput>, string]>([
  ["an unknown group", { logGroupNames: ["/nowhere"] }, "ResourceNotFoundException"],
  ["no group", { logGroupNames: undefined }, "InvalidParameterException"],
  ["two kinds of groups", { logGroupName: groups[0] }, "InvalidParameterException"],
  ["another language", { queryLanguage: "SQL" }, "InvalidParameterException"],
  ["an end before the start", { endTime: 1 }, "InvalidParameterException"],
])("%s is refused", async (_, changes, name) => {
  await expect(start("fields order", changes)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
});

test("a query nobody started is not found", async () => {
  await expect(client.send(new GetQueryResultsCommand({ queryId: "nobody" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});
