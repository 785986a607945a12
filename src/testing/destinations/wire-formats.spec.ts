/** Each back end's wire format: what is read of its requests, what it answers, what it refuses. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { judge } from "./judge.ts";
import { json, type WireFormat, type WireRequest } from "./wire-format.ts";
import { type DestinationKind, wireFormats } from "./wire-formats.ts";

const load = async (kind: DestinationKind): Promise<WireFormat> => await wireFormats[kind]();

type Sent = Partial<Omit<WireRequest, "body" | "query">> & { readonly query?: string; readonly body: unknown };

const request = ({ body, query = "", ...more }: Sent): WireRequest => ({
  method: "POST",
  path: "/",
  headers: { "content-type": "application/json" },
  ...more,
  query: new URLSearchParams(query),
  body: Buffer.from(typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body)),
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const aws = (target: string, body: unknown): WireRequest => request({ headers: { "x-amz-target": target }, body });

const splunk = { authorization: "Splunk x" };
const protobuf = { "content-type": "application/x-protobuf" };
/** Of protobuf: a field of bytes. */
const field = (number: number, content: Buffer | string): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), Buffer.from(content as string)]);
const entry = Buffer.concat([
  field(1, Buffer.from([0x08, 2, 0x10, 5])),
  field(2, "one"),
  field(3, Buffer.concat([field(1, "trace"), field(2, "t")])),
]);
const stream = field(1, Buffer.concat([field(1, '{app="a", b="\\"c"}'), field(2, entry)]));
/** Packed by Snappy, as one literal of less than 256 bytes. */
const packed = Buffer.concat([Buffer.from([stream.length, 60 << 2, stream.length - 1]), stream]);
const pushed = {
  streams: [
    {
      stream: { app: "a" },
      values: [
        ["1000", "one"],
        ["2000", "two", { trace: "t" }],
      ],
    },
  ],
};
const bulk = '{"create":{"_index":"logs","_id":"1"}}\n{"message":"one"}\n{"index":{}}\n{"message":"two"}\n';

test.each<readonly [DestinationKind, WireRequest, readonly unknown[]]>([
  ["webhook", request({ body: [{ a: 1 }, 2] }), [{ a: 1 }, 2]],
  [
    "webhook",
    request({ body: '{"a":1}\n{"a":2}\n', headers: { "content-type": "application/x-ndjson" } }),
    [{ a: 1 }, { a: 2 }],
  ],
  ["webhook", request({ body: "no JSON" }), ["no JSON"]],
  [
    "cloudwatch-logs",
    aws("Logs_20140328.PutLogEvents", {
      logGroupName: "g",
      logStreamName: "s",
      logEvents: [{ timestamp: 1, message: "m" }],
    }),
    [{ logGroup: "g", logStream: "s", timestamp: 1, message: "m" }],
  ],
  [
    "firehose",
    aws("Firehose_20150804.PutRecordBatch", {
      DeliveryStreamName: "d",
      Records: [{ Data: base64('{"a":1}\n{"a":2}\n') }, { Data: base64("x\n") }],
    }),
    [
      { stream: "d", data: { a: 1 } },
      { stream: "d", data: { a: 2 } },
      { stream: "d", data: "x" },
    ],
  ],
  [
    "kinesis",
    aws("Kinesis_20131202.PutRecords", {
      StreamARN: "arn:aws:kinesis:r:1:stream/k",
      Records: [{ Data: base64('{"a":1}'), PartitionKey: "p" }],
    }),
    [{ stream: "k", partitionKey: "p", data: { a: 1 } }],
  ],
  [
    "sqs",
    aws("AmazonSQS.SendMessageBatch", {
      QueueUrl: "q",
      Entries: [
        { Id: "1", MessageBody: '{"a":1}', MessageGroupId: "g" },
        { Id: "2", MessageBody: "b" },
      ],
    }),
    [
      { queueUrl: "q", body: { a: 1 }, groupId: "g" },
      { queueUrl: "q", body: "b" },
    ],
  ],
  [
    "s3",
    request({ method: "PUT", path: "/b/a%20key", body: gzipSync('{"a":1}\nb\n') }),
    [
      { bucket: "b", key: "a key", line: { a: 1 } },
      { bucket: "b", key: "a key", line: "b" },
    ],
  ],
  [
    "s3",
    request({
      method: "PUT",
      path: "/b/k",
      headers: { "content-encoding": "aws-chunked" },
      body: "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n",
    }),
    [{ bucket: "b", key: "k", line: "abc" }],
  ],
  [
    "splunk-hec",
    request({
      path: "/services/collector/event",
      headers: splunk,
      body: '{"event":"a}","time":1}{"event":{"b":"\\"{"}}\n',
    }),
    [{ event: "a}", time: 1 }, { event: { b: '"{' } }],
  ],
  [
    "splunk-hec",
    request({ path: "/services/collector/raw", headers: splunk, body: "one\ntwo" }),
    [{ event: "one" }, { event: "two" }],
  ],
  [
    "loki",
    request({ path: "/loki/api/v1/push", body: pushed }),
    [
      { labels: { app: "a" }, time: "1000", line: "one", metadata: {} },
      { labels: { app: "a" }, time: "2000", line: "two", metadata: { trace: "t" } },
    ],
  ],
  [
    "loki",
    request({ path: "/loki/api/v1/push", headers: protobuf, body: packed }),
    [{ labels: { app: "a", b: '"c' }, time: "2000000005", line: "one", metadata: { trace: "t" } }],
  ],
  [
    "elasticsearch",
    request({ path: "/mine/_bulk", body: bulk }),
    [
      { index: "logs", id: "1", action: "create", document: { message: "one" } },
      { index: "mine", action: "index", document: { message: "two" } },
    ],
  ],
  [
    "datadog",
    request({ path: "/api/v2/logs", headers: { "dd-api-key": "k" }, body: [{ message: "m", ddsource: "lambda" }] }),
    [{ message: "m", ddsource: "lambda" }],
  ],
  [
    "new-relic",
    request({
      path: "/log/v1",
      headers: { "api-key": "k" },
      body: [{ common: { attributes: { a: 1 } }, logs: [{ message: "m", timestamp: 2, attributes: { b: 2 } }] }],
    }),
    [{ message: "m", timestamp: 2, attributes: { a: 1, b: 2 } }],
  ],
])("%s reads the records of a request and takes them", async (kind, sent, records) => {
  const judged = judge(await load(kind), sent, undefined);
  expect(judged.taken).toEqual(records);
  expect(judged.answer.status).toBeLessThan(300);
});

describe("a record that is rejected", () => {
  const second = { kind: "reject", which: (record: unknown) => JSON.stringify(record).includes("two") } as const;

  test.each<readonly [DestinationKind, WireRequest, number, unknown, number]>([
    ["webhook", request({ body: ["one", "two"] }), 400, expect.anything(), 0],
    ["loki", request({ path: "/loki/api/v1/push", body: pushed }), 400, expect.stringContaining("1 entries"), 0],
    [
      "cloudwatch-logs",
      aws("Logs_20140328.PutLogEvents", {
        logGroupName: "g",
        logStreamName: "s",
        logEvents: [
          { timestamp: 1, message: "one" },
          { timestamp: 1, message: "two" },
        ],
      }),
      200,
      '{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":1}}',
      1,
    ],
    [
      "firehose",
      aws("Firehose_20150804.PutRecordBatch", {
        DeliveryStreamName: "d",
        Records: [{ Data: base64("one") }, { Data: base64("two") }],
      }),
      200,
      expect.stringMatching(/"FailedPutCount":1.*"RecordId":"1".*"ErrorCode":"ServiceUnavailableException"/),
      1,
    ],
    [
      "kinesis",
      aws("Kinesis_20131202.PutRecords", {
        StreamName: "k",
        Records: ["one", "two"].map((text) => ({ Data: base64(text), PartitionKey: "p" })),
      }),
      200,
      expect.stringMatching(/"FailedRecordCount":1.*ProvisionedThroughputExceededException/),
      1,
    ],
    [
      "sqs",
      aws("AmazonSQS.SendMessageBatch", {
        QueueUrl: "q",
        Entries: [
          { Id: "a", MessageBody: "one" },
          { Id: "b", MessageBody: "two" },
        ],
      }),
      200,
      expect.stringMatching(/"Successful":\[\{"Id":"a".*"Failed":\[\{"Id":"b"/),
      1,
    ],
    [
      "elasticsearch",
      request({ path: "/_bulk", body: bulk }),
      200,
      expect.stringMatching(/"errors":true.*"status":201.*"status":429/),
      1,
    ],
    [
      "splunk-hec",
      request({ path: "/services/collector", headers: splunk, body: '{"event":"one"}{"event":"two"}' }),
      400,
      expect.stringContaining('"invalid-event-number":1'),
      0,
    ],
  ])("is named by %s in its own way", async (kind, sent, status, body, taken) => {
    const judged = judge(await load(kind), sent, second);
    expect(judged.answer).toMatchObject({ status, body });
    expect(judged.taken).toHaveLength(taken);
    expect(judged.problem).toBe("rejected 1 of 2 records");
  });
});

test.each<readonly [DestinationKind, WireRequest, string]>([
  [
    "cloudwatch-logs",
    aws("Logs_20140328.PutLogEvents", {
      logEvents: [
        { timestamp: 2, message: "b" },
        { timestamp: 1, message: "a" },
      ],
    }),
    "chronological",
  ],
  [
    "cloudwatch-logs",
    aws("Logs_20140328.PutLogEvents", {
      logEvents: [
        { timestamp: 1, message: "a" },
        { timestamp: 90_000_000, message: "b" },
      ],
    }),
    "24 hours",
  ],
  ["cloudwatch-logs", aws("Logs_20140328.FlyToTheMoon", {}), "no operation FlyToTheMoon"],
  ["firehose", aws("Firehose_20150804.PutRecordBatch", { DeliveryStreamName: "d", Records: [] }), "0 records"],
  ["kinesis", aws("Kinesis_20131202.PutRecords", { StreamName: "k", Records: [] }), "0 records"],
  [
    "sqs",
    aws("AmazonSQS.SendMessageBatch", {
      QueueUrl: "q",
      Entries: Array.from({ length: 11 }, () => ({ MessageBody: "x" })),
    }),
    "11 messages",
  ],
  ["splunk-hec", request({ path: "/services/collector", body: '{"event":1}' }), "no token"],
  [
    "splunk-hec",
    request({ path: "/services/collector", headers: splunk, body: '{"event":1}{"evnt":2}' }),
    'event 1 has no field "event"',
  ],
  [
    "loki",
    request({ path: "/loki/api/v1/push", headers: { "content-type": "application/x-protobuf" }, body: "x" }),
    "not Snappy",
  ],
  ["elasticsearch", request({ path: "/_bulk", body: '{"create":{}}\n{}' }), "newline"],
  ["datadog", request({ path: "/api/v2/logs", body: [] }), "DD-API-KEY"],
  ["new-relic", request({ path: "/log/v1", body: [] }), "Api-Key"],
  ["otlp", request({ path: "/v2/logs", body: {} }), "/v1/logs"],
  [
    "otlp",
    request({ path: "/v1/logs", headers: { "content-type": "application/x-protobuf" }, body: "not it" }),
    "not protobuf",
  ],
])("%s refuses what it would not take, and says why", async (kind, sent, why) => {
  const judged = judge(await load(kind), sent, undefined);
  expect(judged.problem).toContain(why);
  expect(judged.answer.status).toBeGreaterThanOrEqual(400);
  expect(judged.taken).toEqual([]);
});

test("Elasticsearch creates a document once", async () => {
  const format = await load("elasticsearch");
  judge(format, request({ path: "/_bulk", body: bulk }), undefined);
  const again = judge(format, request({ path: "/_bulk", body: bulk }), undefined);
  expect(again.answer.body).toMatch(/version_conflict.*"status":201/);
  expect(again.taken).toHaveLength(1);
});

test("S3 puts the parts of an upload together when it is complete", async () => {
  const format = await load("s3");
  const begun = judge(format, request({ path: "/b/k", query: "uploads", body: "" }), undefined);
  const [, id] = /<UploadId>(.+)<\/UploadId>/.exec(String(begun.answer.body))!;
  const part = (number: number, body: string): number =>
    judge(
      format,
      request({ method: "PUT", path: "/b/k", query: `partNumber=${number}&uploadId=${id}`, body }),
      undefined,
    ).taken.length;
  expect([part(2, "wo\n"), part(1, "one\nt")]).toEqual([0, 0]);
  const done = judge(format, request({ path: "/b/k", query: `uploadId=${id}`, body: "" }), undefined);
  expect(done.taken).toEqual(["one", "two"].map((line) => ({ bucket: "b", key: "k", line })));
});

test.each<readonly [DestinationKind, number, string]>([
  ["kinesis", 400, "ThrottlingException"],
  ["s3", 503, "SlowDown"],
  ["loki", 429, "slow down"],
  ["splunk-hec", 429, '"code":26'],
])("%s throttles by %i", async (kind, status, words) => {
  const { answer } = judge(await load(kind), request({ body: "{}" }), {
    kind: "status",
    status: 429,
    why: "slow down",
    retryAfterMs: 1,
  });
  expect(answer).toMatchObject({ status, body: expect.stringContaining(words), headers: { "retry-after": "1" } });
});

test("a failure is worded as the back end words it", async () => {
  const bodies = await Promise.all(
    (["sqs", "s3", "splunk-hec", "elasticsearch", "datadog"] as const).map(async (kind) => {
      const { answer } = judge(await load(kind), request({ body: "{}" }), { kind: "status", status: 503, why: "down" });
      return String(answer.body);
    }),
  );
  expect(bodies).toEqual([
    expect.stringContaining('"__type":"ServiceUnavailableException"'),
    expect.stringContaining("<Code>SlowDown</Code>"),
    expect.stringContaining('"code":9'),
    expect.stringContaining('"reason":"down"'),
    json(503, { errors: [{ status: "503", title: "down" }] }).body,
  ]);
});
