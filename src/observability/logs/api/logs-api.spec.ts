/** Through the front door, with AWS's own client. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeMetricFiltersCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  StartLiveTailCommand,
  TagLogGroupCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type FrontDoor, openFrontDoor } from "../../../aws-api/front-door.ts";
import { openStore, type Store } from "../../store/open-store.ts";
import type { LogsService } from "./logs-operation.ts";
import { logsApi } from "./logs-api.ts";

const now = Date.UTC(2026, 10, 23, 12);
const group = "/aws/lambda/parcels";
const stream = "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef";

let store: Store;
let door: FrontDoor;
let client: CloudWatchLogsClient;
const api = () => {
  const service: LogsService = {
    store,
    accountId: "123456789012",
    defaultRegion: "eu-west-1",
    now: () => now,
  };
  return logsApi(service);
};
beforeAll(async () => {
  door = await openFrontDoor({
    port: 0,
    apis: [{ service: "logs", claims: (request) => api().claims(request), answer: (request) => api().answer(request) }],
    unclaimed: () => ({ status: 404 }),
    faulted: (cause) => {
      throw cause;
    },
  });
  client = clientOf("eu-west-1");
});
const clientOf = (region: string) =>
  new CloudWatchLogsClient({
    endpoint: door.endpoint,
    region,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    disableHostPrefix: true,
  });
beforeEach(async () => {
  await store?.close();
  store = await openStore({ runs: "here", limits: { maxAgeMs: Infinity } });
});
afterAll(async () => {
  client.destroy();
  await door.close(0);
  await store.close();
});

const destination = (logStream = stream, region = "eu-west-1") => ({
  region,
  accountId: "123456789012",
  logGroup: group,
  logStream,
});
/** As the sink stores it: one event each, a millisecond apart, ingested together. */
const keep = (messages: readonly string[], { logStream = stream, from = now - 1000, region = "eu-west-1" } = {}) =>
  store.insert(
    "logs",
    messages.map((message, at) => ({
      to: destination(logStream, region),
      timestamp: from + at,
      ingestionTime: now,
      message,
    })),
    100,
  );
const messagesOf = ({ events = [] }: FilterLogEventsCommandOutput) => events.map(({ message }) => message);
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `line ${at}\n`);
const refused = (name: string, message: string | RegExp) => ({
  name,
  message: typeof message === "string" ? message : expect.stringMatching(message),
  $metadata: expect.objectContaining({ httpStatusCode: 400 }),
});

describe("groups", () => {
  const create = (logGroupName: string) => client.send(new CreateLogGroupCommand({ logGroupName }));
  const named = async (input: object) =>
    (await client.send(new DescribeLogGroupsCommand(input))).logGroups?.map(({ logGroupName }) => logGroupName);

  test("[OBS-04] a function's group is made by its first event, and described", async () => {
    keep(["ünïcode\n"]);
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toEqual([
      {
        logGroupName: group,
        creationTime: now,
        metricFilterCount: 0,
        arn: `arn:aws:logs:eu-west-1:123456789012:log-group:${group}:*`,
        logGroupArn: `arn:aws:logs:eu-west-1:123456789012:log-group:${group}`,
        storedBytes: 10 + 26,
        logGroupClass: "STANDARD",
      },
    ]);
  });

  test("they are listed by name, by prefix, by part, page by page", async () => {
    for (const name of ["c/three", "a/one", "b/Two", "b/four"]) await create(name);
    expect(await named({})).toEqual(["a/one", "b/Two", "b/four", "c/three"]);
    expect(await named({ logGroupNamePrefix: "b/" })).toEqual(["b/Two", "b/four"]);
    expect(await named({ logGroupNamePattern: "Two" })).toEqual(["b/Two"]);
    expect(await named({ logGroupNamePattern: "two" })).toEqual([]);
    expect(await named({ logGroupIdentifiers: ["b/Two", "arn:aws:logs:eu-west-1:1:log-group:nowhere"] })).toEqual([
      "b/Two",
    ]);
    expect(await named({ logGroupClass: "DELIVERY" })).toEqual([]);
    const first = await client.send(new DescribeLogGroupsCommand({ limit: 3 }));
    expect(first.logGroups).toHaveLength(3);
    const second = await client.send(new DescribeLogGroupsCommand({ limit: 3, nextToken: first.nextToken }));
    expect(second.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(["c/three"]);
    expect(second.nextToken).toBeUndefined();
    await expect(named({ logGroupNamePrefix: "b/", nextToken: first.nextToken })).rejects.toMatchObject(
      refused("InvalidParameterException", "The specified nextToken is invalid."),
    );
  });

  test("each region has its own", async () => {
    keep(["here"], { region: "us-east-1" });
    const elsewhere = clientOf("us-east-1");
    expect((await elsewhere.send(new DescribeLogGroupsCommand({}))).logGroups).toHaveLength(1);
    expect(await named({})).toEqual([]);
    elsewhere.destroy();
  });

  test("what is there already is refused, and what is not there too", async () => {
    await create(group);
    await expect(create(group)).rejects.toMatchObject(
      refused("ResourceAlreadyExistsException", "The specified log group already exists"),
    );
    await client.send(new DeleteLogGroupCommand({ logGroupName: group }));
    await expect(client.send(new DeleteLogGroupCommand({ logGroupName: group }))).rejects.toMatchObject(
      refused("ResourceNotFoundException", "The specified log group does not exist."),
    );
    await expect(create("no spaces")).rejects.toMatchObject(
      refused(
        "InvalidParameterException",
        "1 validation error detected: Value 'no spaces' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
      ),
    );
  });

  test("a group that was deleted and made again is empty", async () => {
    keep(["before"]);
    await client.send(new DeleteLogGroupCommand({ logGroupName: group }));
    keep(["after"]);
    const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: group }));
    expect(events?.map(({ message }) => message)).toEqual(["after"]);
  });

  test("retention is set to one of AWS's numbers of days, and taken back", async () => {
    await create(group);
    await client.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 7 }));
    const described = () => client.send(new DescribeLogGroupsCommand({}));
    expect((await described()).logGroups?.[0]?.retentionInDays).toBe(7);
    await client.send(new DeleteRetentionPolicyCommand({ logGroupName: group }));
    expect((await described()).logGroups?.[0]?.retentionInDays).toBeUndefined();
    await expect(
      client.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 2 })),
    ).rejects.toMatchObject(refused("InvalidParameterException", /^1 validation error .*enum value set: \[1, 3, 5,/));
    await expect(
      client.send(new PutRetentionPolicyCommand({ logGroupName: "none", retentionInDays: 1 })),
    ).rejects.toMatchObject(refused("ResourceNotFoundException", "The specified log group does not exist."));
  });

  test("tags are kept, by ARN and by name", async () => {
    await client.send(new CreateLogGroupCommand({ logGroupName: group, tags: { team: "parcels" } }));
    const resourceArn = `arn:aws:logs:eu-west-1:123456789012:log-group:${group}`;
    await client.send(new TagResourceCommand({ resourceArn, tags: { stage: "test", team: "post" } }));
    await client.send(new TagLogGroupCommand({ logGroupName: group, tags: { more: "yes" } }));
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({
      team: "post",
      stage: "test",
      more: "yes",
    });
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["stage"] }));
    await client.send(new UntagLogGroupCommand({ logGroupName: group, tags: ["more"] }));
    expect((await client.send(new ListTagsLogGroupCommand({ logGroupName: group }))).tags).toEqual({ team: "post" });
  });
});

describe("streams", () => {
  const describeStreams = async (input: object) =>
    (await client.send(new DescribeLogStreamsCommand({ logGroupName: group, ...input }))).logStreams;
  const names = async (input: object) => (await describeStreams(input))?.map(({ logStreamName }) => logStreamName);

  test("a stream says when its first and last events were", async () => {
    keep(["one", "two"]);
    expect(await describeStreams({})).toEqual([
      {
        logStreamName: stream,
        creationTime: now,
        firstEventTimestamp: now - 1000,
        lastEventTimestamp: now - 999,
        lastIngestionTime: now,
        uploadSequenceToken: expect.stringMatching(/^\d{56}$/),
        arn: `arn:aws:logs:eu-west-1:123456789012:log-group:${group}:log-stream:${stream}`,
        storedBytes: 0,
      },
    ]);
  });

  test("they are ordered by name or by last event, either way, page by page", async () => {
    keep(["x"], { logStream: "b", from: now - 30 });
    keep(["x"], { logStream: "a", from: now - 20 });
    keep(["x"], { logStream: "c", from: now - 40 });
    expect(await names({})).toEqual(["a", "b", "c"]);
    expect(await names({ descending: true })).toEqual(["c", "b", "a"]);
    expect(await names({ orderBy: "LastEventTime", descending: true })).toEqual(["a", "b", "c"]);
    expect(await names({ orderBy: "LastEventTime" })).toEqual(["c", "b", "a"]);
    expect(await names({ logStreamNamePrefix: "b" })).toEqual(["b"]);
    const { nextToken } = await client.send(new DescribeLogStreamsCommand({ logGroupName: group, limit: 2 }));
    expect(await names({ limit: 2, nextToken })).toEqual(["c"]);
    await expect(names({ orderBy: "LastEventTime", logStreamNamePrefix: "b" })).rejects.toMatchObject(
      refused("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."),
    );
  });

  test("they are made and deleted, with their events", async () => {
    const key = { logGroupName: group, logStreamName: "mine" };
    await expect(client.send(new CreateLogStreamCommand(key))).rejects.toMatchObject(
      refused("ResourceNotFoundException", "The specified log group does not exist."),
    );
    await client.send(new CreateLogGroupCommand({ logGroupName: group }));
    await client.send(new CreateLogStreamCommand(key));
    await expect(client.send(new CreateLogStreamCommand(key))).rejects.toMatchObject(
      refused("ResourceAlreadyExistsException", "The specified log stream already exists"),
    );
    keep(["gone"], { logStream: "mine" });
    await client.send(new DeleteLogStreamCommand(key));
    await expect(client.send(new DeleteLogStreamCommand(key))).rejects.toMatchObject(
      refused("ResourceNotFoundException", "The specified log stream does not exist."),
    );
    expect((await client.send(new FilterLogEventsCommand({ logGroupName: group }))).events).toEqual([]);
  });
});

describe("GetLogEvents", () => {
  const get = (input: Partial<GetLogEventsCommandInput> = {}) =>
    client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: stream, ...input }));
  const messages = async (input: Partial<GetLogEventsCommandInput> = {}) =>
    (await get(input)).events?.map(({ message }) => message);

  test("[OBS-09] gives the message as produced, its time and when it was taken in", async () => {
    keep(["START\n", "no line end"]);
    expect((await get()).events).toEqual([
      { timestamp: now - 1000, message: "START\n", ingestionTime: now },
      { timestamp: now - 999, message: "no line end", ingestionTime: now },
    ]);
  });

  test("[OBS-10] events of one time stay in the order in which they were accepted", async () => {
    for (const message of ["c", "a", "b"]) keep([message]);
    expect(await messages()).toEqual(["c", "a", "b"]);
  });

  test("gives the last events, or with startFromHead the first", async () => {
    keep(numbered(5));
    expect(await messages({ limit: 2 })).toEqual(["line 3\n", "line 4\n"]);
    expect(await messages({ limit: 2, startFromHead: true })).toEqual(["line 0\n", "line 1\n"]);
  });

  test("includes the start of the time range and leaves out its end", async () => {
    keep(numbered(5));
    expect(await messages({ startTime: now - 999, endTime: now - 997 })).toEqual(["line 1\n", "line 2\n"]);
  });

  test("forward tokens lead to the end, repeat there, and go on with what comes later", async () => {
    keep(numbered(3));
    const first = await get({ limit: 2, startFromHead: true });
    const second = await get({ nextToken: first.nextForwardToken, startFromHead: true });
    expect(second.events?.map(({ message }) => message)).toEqual(["line 2\n"]);
    const end = await get({ nextToken: second.nextForwardToken, startFromHead: true });
    expect(end.events).toEqual([]);
    expect(end.nextForwardToken).toBe(second.nextForwardToken);
    expect(await messages({ nextToken: end.nextBackwardToken, limit: 1 })).toEqual(["line 2\n"]);
    keep(["later"], { from: now });
    expect(await messages({ nextToken: end.nextForwardToken })).toEqual(["later"]);
  });

  test("backward tokens lead to the start and repeat there", async () => {
    keep(numbered(3));
    const last = await get({ limit: 2 });
    const before = await get({ limit: 2, nextToken: last.nextBackwardToken });
    expect(before.events?.map(({ message }) => message)).toEqual(["line 0\n"]);
    const end = await get({ limit: 2, nextToken: before.nextBackwardToken });
    expect(end.events).toEqual([]);
    expect(end.nextBackwardToken).toBe(before.nextBackwardToken);
    expect(await messages({ limit: 1, nextToken: end.nextForwardToken })).toEqual(["line 0\n"]);
  });

  test("an empty stream has tokens too, which find its first events", async () => {
    keep(["x"], { logStream: "other" });
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }));
    const empty = await get();
    expect(empty.events).toEqual([]);
    keep(["first"]);
    expect(await messages({ nextToken: empty.nextForwardToken })).toEqual(["first"]);
  });

  test("a page holds a megabyte of messages at most", async () => {
    keep(["a", "b", "c"].map((letter) => letter.repeat(400_000)));
    expect((await messages({ startFromHead: true }))?.map((message) => message?.[0])).toEqual(["a", "b"]);
    expect((await messages())?.map((message) => message?.[0])).toEqual(["b", "c"]);
  });

  test.each([
    [{ logStreamName: "none" }, "ResourceNotFoundException", "The specified log stream does not exist."],
    [{ logGroupName: "none" }, "ResourceNotFoundException", "The specified log group does not exist."],
    [{ nextToken: "nonsense" }, "InvalidParameterException", "The specified nextToken is invalid."],
    [
      { limit: 10_001 },
      "InvalidParameterException",
      "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    ],
  ])("%j is refused", async (input, name, message) => {
    keep(["x"]);
    await expect(get(input)).rejects.toMatchObject(refused(name, message));
  });
});

describe("FilterLogEvents", () => {
  const filter = (input: Partial<FilterLogEventsCommandInput> = {}) =>
    client.send(new FilterLogEventsCommand({ logGroupName: group, ...input }));
  const messages = async (input: Partial<FilterLogEventsCommandInput> = {}) =>
    (await filter(input)).events?.map(({ message }) => message);

  test("mixes the streams of a group by time", async () => {
    keep(["1", "2", "3"], { logStream: "a", from: now - 100 });
    keep(["1.5", "4"], { logStream: "b", from: now - 99 });
    const { events, searchedLogStreams } = await filter();
    expect(events?.map(({ logStreamName, message }) => [logStreamName, message])).toEqual([
      ["a", "1"],
      ["a", "2"],
      ["b", "1.5"],
      ["a", "3"],
      ["b", "4"],
    ]);
    expect(searchedLogStreams).toEqual([]);
    expect(events?.[0]).toEqual({
      logStreamName: "a",
      timestamp: now - 100,
      message: "1",
      ingestionTime: now,
      eventId: expect.stringMatching(/^\d{56}$/),
    });
  });

  test.each([
    ["ERROR", ["an ERROR here", '{"level":"ERROR","ms":12}']],
    ["?here ?there", ["an ERROR here", "info there"]],
    ["-ERROR", ["info there", '{"level":"INFO","ms":7}']],
    ['{ $.level = "ERROR" }', ['{"level":"ERROR","ms":12}']],
    ["{ $.ms > 5 && $.ms < 10 }", ['{"level":"INFO","ms":7}']],
    ["[word = info, ...]", ["info there"]],
  ])("%s", async (filterPattern, expected) => {
    keep(["an ERROR here", "info there", '{"level":"ERROR","ms":12}', '{"level":"INFO","ms":7}']);
    expect(await messages({ filterPattern })).toEqual(expected);
  });

  test("a JSON string that is written with escapes is found by what it means", async () => {
    keep(['{"level":"\\u0045RROR"}']);
    expect(await messages({ filterPattern: "{ $.level = ERROR }" })).toHaveLength(1);
  });

  test("includes both ends of the time range", async () => {
    keep(numbered(5));
    expect(await messages({ startTime: now - 999, endTime: now - 997 })).toEqual(["line 1\n", "line 2\n", "line 3\n"]);
  });

  test("is limited to streams by name or by prefix", async () => {
    keep(["a1"], { logStream: "a/1" });
    keep(["a2"], { logStream: "a/2" });
    keep(["b"], { logStream: "b" });
    expect(await messages({ logStreamNames: ["a/2", "b"] })).toEqual(["a2", "b"]);
    expect(await messages({ logStreamNamePrefix: "a/" })).toEqual(["a1", "a2"]);
    expect(await messages({ logStreamNamePrefix: "c" })).toEqual([]);
    await expect(filter({ logStreamNames: ["a/1", "none"] })).rejects.toMatchObject(
      refused("ResourceNotFoundException", "The specified log stream does not exist."),
    );
  });

  test("goes on page by page until nothing is left, each event once", async () => {
    keep(Array.from({ length: 25 }, (_, at) => `${["even", "odd"][at % 2]} ${at}`));
    const pages: (string | undefined)[][] = [];
    let nextToken: string | undefined;
    do {
      const page = await filter({ filterPattern: "even", limit: 5, nextToken });
      pages.push(messagesOf(page));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(pages.map((page) => page.length).slice(0, 2)).toEqual([5, 5]);
    expect(pages.flat()).toEqual(Array.from({ length: 13 }, (_, at) => `even ${at * 2}`));
  });

  test("a page holds a megabyte of messages at most", async () => {
    keep(["a", "b", "c"].map((letter) => letter.repeat(400_000)));
    const first = await filter();
    expect(first.events).toHaveLength(2);
    expect((await filter({ nextToken: first.nextToken })).events).toHaveLength(1);
  });

  test.each([
    [{ filterPattern: "a:b" }, "InvalidParameterException", "Invalid character(s) in term 'a:b'"],
    [{ filterPattern: "{ $.a = }" }, "InvalidParameterException", /^Invalid filter pattern: expected a value/],
    [{ nextToken: "bm9uc2Vuc2U" }, "InvalidParameterException", "The specified nextToken is invalid."],
    [{ logGroupName: "none" }, "ResourceNotFoundException", "The specified log group does not exist."],
    [{ logStreamNames: ["a"], logStreamNamePrefix: "a" }, "InvalidParameterException", /cannot both be given/],
    [{ logGroupName: undefined }, "InvalidParameterException", /at 'logGroupName' failed/],
  ])("%j is refused", async (input, name, message) => {
    keep(["x"]);
    await expect(filter(input)).rejects.toMatchObject(refused(name, message));
  });

  test("takes the group's ARN as identifier", async () => {
    keep(["x"]);
    const logGroupIdentifier = `arn:aws:logs:eu-west-1:123456789012:log-group:${group}`;
    expect(await messages({ logGroupName: undefined, logGroupIdentifier })).toEqual(["x"]);
  });
});

describe("PutLogEvents", () => {
  const put = (logEvents: { timestamp: number; message: string }[], key: object = {}) =>
    client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents, ...key }));
  const event = (timestamp: number, message = "put") => ({ timestamp, message });
  beforeEach(async () => {
    await client.send(new CreateLogGroupCommand({ logGroupName: group }));
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }));
  });

  test("stores what extensions ship, whatever the sequence token", async () => {
    const { rejectedLogEventsInfo } = await put([event(now - 2, "a"), event(now - 2, "b"), event(now - 1, "c")], {
      sequenceToken: "any",
    });
    expect(rejectedLogEventsInfo).toBeUndefined();
    const { events } = await client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: stream }));
    expect(events?.map(({ message }) => message)).toEqual(["a", "b", "c"]);
  });

  test("rejects what is too old, expired or too new, and keeps the rest", async () => {
    await client.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 1 }));
    const day = 86_400_000;
    const { rejectedLogEventsInfo } = await put([
      event(now - 15 * day),
      event(now - 15 * day),
      event(now - 2 * day),
      event(now, "kept"),
      event(now + 3 * 3_600_000),
    ]);
    expect(rejectedLogEventsInfo).toEqual({
      tooOldLogEventEndIndex: 2,
      expiredLogEventEndIndex: 3,
      tooNewLogEventStartIndex: 4,
    });
    const { events } = await client.send(new FilterLogEventsCommand({ logGroupName: group }));
    expect(events?.map(({ message }) => message)).toEqual(["kept"]);
  });

  const hour = 3_600_000;
  test.each([
    ["out of order", [event(now), event(now - 1)], /must be in chronological order\.$/],
    ["over more than a day", [event(now - 25 * hour), event(now)], /cannot span more than 24 hours\.$/],
    [
      "of more than a megabyte",
      [event(now, "x".repeat(600_000)), event(now, "x".repeat(600_000))],
      /^Upload too large: 1200052 bytes/,
    ],
    ["with one of more than a megabyte", [event(now, "x".repeat(1_048_600))], /^Log event too large: 1048626 bytes/],
    [
      "that is empty",
      [],
      /at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1$/,
    ],
    ["with an empty message", [event(now, "")], /at 'logEvents.1.member.message' failed/],
  ])("a batch %s is refused as a whole", async (_what, events, message) => {
    await expect(put(events)).rejects.toMatchObject(refused("InvalidParameterException", message));
    expect((await client.send(new FilterLogEventsCommand({ logGroupName: group }))).events).toEqual([]);
  });

  test("neither makes a group nor a stream", async () => {
    await expect(put([event(now)], { logGroupName: "none" })).rejects.toMatchObject(
      refused("ResourceNotFoundException", "The specified log group does not exist."),
    );
    await expect(put([event(now)], { logStreamName: "none" })).rejects.toMatchObject(
      refused("ResourceNotFoundException", "The specified log stream does not exist."),
    );
  });
});

describe("StartLiveTail", () => {
  const arn = `arn:aws:logs:eu-west-1:123456789012:log-group:${group}`;

  test("begins with the session, then sends what is new and matches", async () => {
    keep(["old ERROR"]);
    const { responseStream } = await client.send(
      new StartLiveTailCommand({ logGroupIdentifiers: [arn], logEventFilterPattern: "ERROR" }),
    );
    const events = responseStream?.[Symbol.asyncIterator]();
    const first = await events?.next();
    expect(first?.value).toMatchObject({
      sessionStart: { logGroupIdentifiers: [arn], logEventFilterPattern: "ERROR" },
    });
    keep(["an ERROR\n", "nothing"]);
    const update = await events?.next();
    expect(update?.value).toMatchObject({
      sessionUpdate: {
        sessionMetadata: { sampled: false },
        sessionResults: [
          {
            logStreamName: stream,
            logGroupIdentifier: `123456789012:${group}`,
            message: "an ERROR\n",
            timestamp: now - 1000,
            ingestionTime: now,
          },
        ],
      },
    });
    await events?.return?.();
  });

  test.each([
    [{ logGroupIdentifiers: ["none"] }, "ResourceNotFoundException", /does not exist/],
    [{ logGroupIdentifiers: [arn], logEventFilterPattern: "a:b" }, "InvalidParameterException", /Invalid character/],
    [{ logGroupIdentifiers: [arn, arn], logStreamNames: ["a"] }, "InvalidParameterException", /one log group/],
    [
      { logGroupIdentifiers: [arn], logStreamNames: ["a"], logStreamNamePrefixes: ["a"] },
      "InvalidParameterException",
      /cannot both be given/,
    ],
  ])("%j is refused", async (input, name, message) => {
    keep(["x"]);
    await expect(client.send(new StartLiveTailCommand(input))).rejects.toMatchObject(refused(name, message));
  });
});

test("an operation that is not offered says so, and what is", async () => {
  await expect(client.send(new DescribeMetricFiltersCommand({}))).rejects.toMatchObject(
    refused(
      "UnknownOperationException",
      /^Lambdarium does not offer DescribeMetricFilters of CloudWatch Logs\. It offers CreateLogGroup/,
    ),
  );
});

test.each([
  ["no JSON", "{"],
  ["no object", "[1]"],
])("a body that is %s is refused", async (_what, body) => {
  const response = await fetch(door.endpoint, {
    method: "POST",
    headers: { "x-amz-target": "Logs_20140328.DescribeLogGroups" },
    body,
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ __type: expect.stringMatching(/Exception$/) });
});
