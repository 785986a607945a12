import { afterEach, expect, test } from "vitest";
import type { AwsApi, AwsRequest } from "../../aws-api/exchange.ts";
import { openStore, type Store, type StoreOptions } from "../store/open-store.ts";
import type { SegmentDocument } from "./segment-document.ts";
import { xrayApi } from "./xray-api.ts";

const now = 0x69d9e8b0;
const rootOf = (n: number) => `1-69d9e8b0-${String(n).padStart(24, "0")}`;
const segment = (n: number, more: Partial<SegmentDocument> = {}) => ({
  id: String(n).padStart(16, "0"),
  name: "orders",
  trace_id: rootOf(n),
  start_time: now + n,
  end_time: now + n + 1,
  ...more,
});

const identity = { accountId: "123456789012", defaultRegion: "us-east-1" };
let store: Store;
afterEach(() => store.close());

/** What tests look at in answers, whichever operation it was. */
interface Answer {
  readonly status: number;
  readonly Traces: readonly { readonly Segments: readonly { readonly Document: string }[] }[];
  readonly TraceSummaries: readonly { readonly Id: string }[];
  readonly TracesProcessedCount: number;
  readonly NextToken?: string;
  readonly Services: readonly { readonly Name: string; readonly Type?: string }[];
  readonly SamplingRuleRecords: readonly unknown[];
  readonly UnprocessedTraceSegments: readonly unknown[];
}

async function open(options: StoreOptions = {}) {
  store = await openStore({ ...options, runs: "here" });
  const api = xrayApi({ store, now: () => now * 1000, ...identity });
  return async (path: string, input: unknown = {}, region = "eu-north-1"): Promise<Answer> => {
    const { status, body } = await api.answer(requestOf(path, JSON.stringify(input), region));
    return { ...(JSON.parse(body as string) as Answer), status };
  };
}

const documentsOf = ({ Traces }: Answer) =>
  Traces.flatMap(({ Segments }) => Segments.map(({ Document }) => JSON.parse(Document) as SegmentDocument));

const requestOf = (path: string, body: string, region?: string): AwsRequest => ({
  requestId: "r",
  method: "POST",
  path,
  query: new URLSearchParams(),
  rawQuery: "",
  headers: {},
  scope: region === undefined ? undefined : { accessKeyId: "a", region, service: "xray" },
  sourceIp: "127.0.0.1",
  host: "localhost",
  signal: new AbortController().signal,
  body: () => Promise.resolve(Buffer.from(body)),
});

const put = (...segments: object[]) => ({ TraceSegmentDocuments: segments.map((one) => JSON.stringify(one)) });
const range = { StartTime: now, EndTime: now + 3600 };

test("[OBS-85] what is put is read again, by trace", async () => {
  const ask = await open();
  const child = { ...segment(1), id: "00000000000000c1", type: "subsegment", parent_id: segment(1).id, name: "inner" };
  expect(await ask("/TraceSegments", put(child, segment(1), segment(2)))).toEqual({
    status: 200,
    UnprocessedTraceSegments: [],
  });
  const found = await ask("/Traces", { TraceIds: [rootOf(1), rootOf(9)] });
  expect(found.Traces).toMatchObject([{ Id: rootOf(1), Duration: 1, LimitExceeded: false }]);
  expect(documentsOf(found)).toMatchObject([{ name: "orders", subsegments: [{ name: "inner" }] }]);
});

test("[OBS-83] one in progress is replaced, and never replaces a complete one", async () => {
  const ask = await open();
  const { end_time: _, ...begun } = segment(1, { in_progress: true, name: "begun" });
  const named = async () => documentsOf(await ask("/Traces", { TraceIds: [rootOf(1)] })).map(({ name }) => name);
  await ask("/TraceSegments", put(begun));
  expect(await named()).toEqual(["begun"]);
  await ask("/TraceSegments", put(segment(1)));
  await ask("/TraceSegments", put(begun));
  expect(await named()).toEqual(["orders"]);
});

test("what is no segment is named, and the rest is taken", async () => {
  const ask = await open();
  const { UnprocessedTraceSegments } = await ask("/TraceSegments", {
    TraceSegmentDocuments: ["no json", JSON.stringify({ ...segment(1), trace_id: "x" }), JSON.stringify(segment(2))],
  });
  expect(UnprocessedTraceSegments).toEqual([
    { ErrorCode: "ParseError", Message: "Invalid segment. ErrorCode: ParseError" },
    { Id: segment(1).id, ErrorCode: "InvalidTraceId", Message: "Invalid segment. ErrorCode: InvalidTraceId" },
  ]);
  expect((await ask("/TraceSummaries", range)).TraceSummaries).toHaveLength(1);
});

test("summaries are of a time range, of a region, and of what the filter passes", async () => {
  const ask = await open();
  await ask("/TraceSegments", put(segment(1), segment(2, { fault: true }), segment(5000)));
  const ids = async (input: object, region?: string) =>
    (await ask("/TraceSummaries", { ...range, ...input }, region)).TraceSummaries.map(({ Id }) => Id);
  expect(await ids({})).toEqual([rootOf(1), rootOf(2)]);
  expect(await ids({ EndTime: now + 9000 })).toHaveLength(3);
  expect(await ids({ EndTime: now + 1 })).toEqual([rootOf(1)]);
  expect(await ids({ FilterExpression: "fault" })).toEqual([rootOf(2)]);
  expect(await ids({}, "us-east-1")).toEqual([]);
  // Stored now, whenever they began; the last one ended later than the range.
  expect(await ids({ TimeRangeType: "Event" })).toHaveLength(3);
  expect(await ids({ TimeRangeType: "Service" })).toHaveLength(2);
});

test("summaries come in pages", async () => {
  const ask = await open();
  for (let n = 0; n < 300; n += 25)
    await ask("/TraceSegments", put(...Array.from({ length: 25 }, (_, i) => segment(n + i))));
  const first = await ask("/TraceSummaries", range);
  const second = await ask("/TraceSummaries", { ...range, NextToken: first.NextToken });
  expect([first, second].map(({ TracesProcessedCount }) => TracesProcessedCount)).toEqual([250, 50]);
  expect(second).not.toHaveProperty("NextToken");
  const ids = [...first.TraceSummaries, ...second.TraceSummaries].map(({ Id }) => Id);
  expect(new Set(ids).size).toBe(300);
});

test("graphs are made of a time range or of given traces", async () => {
  const ask = await open();
  await ask("/TraceSegments", put(segment(1), segment(2, { name: "other" })));
  const names = ({ Services }: Answer) => Services.filter(({ Type }) => Type !== "client").map(({ Name }) => Name);
  expect(names(await ask("/ServiceGraph", range))).toEqual(expect.arrayContaining(["orders", "other"]));
  expect(names(await ask("/TraceGraph", { TraceIds: [rootOf(2)] }))).toEqual(["other"]);
});

test("the sampling rule is X-Ray's default, and its targets are the same for every client", async () => {
  const ask = await open();
  expect((await ask("/GetSamplingRules")).SamplingRuleRecords).toMatchObject([
    { SamplingRule: { RuleName: "Default", FixedRate: 0.05, ReservoirSize: 1, Priority: 10_000 } },
  ]);
  const statistics = { ClientID: "0".repeat(24), Timestamp: now, RequestCount: 1, SampledCount: 1 };
  const documents = ["Default", "Other"].map((RuleName) => ({ ...statistics, RuleName }));
  expect(await ask("/SamplingTargets", { SamplingStatisticsDocuments: documents })).toMatchObject({
    SamplingTargetDocuments: [{ RuleName: "Default", ReservoirQuota: 1, ReservoirQuotaTTL: now + 10, Interval: 10 }],
    UnprocessedStatistics: [{ RuleName: "Other" }],
  });
  expect(await ask("/SamplingStatisticSummaries")).toEqual({ status: 200, SamplingStatisticSummaries: [] });
  expect(await ask("/TelemetryRecords", { TelemetryRecords: [] })).toEqual({ status: 200 });
});

test.each([
  ["/Traces", {}, "TraceIds is required"],
  ["/Traces", { TraceIds: ["x"] }, '"x" is not a trace id'],
  ["/Traces", { TraceIds: Array.from({ length: 6 }, (_, n) => rootOf(n)) }, "At most 5"],
  ["/TraceSummaries", { StartTime: now }, "EndTime is required"],
  ["/TraceSummaries", { StartTime: now, EndTime: now - 1 }, "StartTime is after EndTime"],
  ["/TraceSummaries", { ...range, FilterExpression: "edge()" }, 'the keyword "edge" is not offered here'],
  ["/TraceSummaries", { ...range, TimeRangeType: "Other" }, "TimeRangeType is"],
  ["/TraceSummaries", { ...range, NextToken: "x" }, "NextToken is none"],
  ["/ServiceGraph", { ...range, GroupName: "g" }, "Groups are not offered"],
  ["/TraceSegments", { TraceSegmentDocuments: "x" }, "TraceSegmentDocuments is required"],
  ["/SamplingTargets", {}, "SamplingStatisticsDocuments is required"],
])("%s refuses %j", async (path, input, why) => {
  const ask = await open();
  expect(await ask(path, input)).toMatchObject({ status: 400, Message: expect.stringContaining(why) });
});

test("what is not offered is said to be so", async () => {
  const ask = await open();
  expect(await ask("/CreateGroup")).toMatchObject({
    status: 404,
    __type: "UnknownOperationException",
    message: expect.stringMatching(
      /^POST \/CreateGroup is not offered here\. POST is, to .*\/TraceSegments, \/TraceSummaries/,
    ),
  });
});

test("claims what is signed for X-Ray, and its own paths without a signature", async () => {
  await open();
  const api: AwsApi = xrayApi({ store, now: () => 0, ...identity });
  expect(api.claims(requestOf("/anything", "", "eu-north-1"))).toBe(true);
  expect(api.claims(requestOf("/TraceSegments", ""))).toBe(true);
  expect(api.claims(requestOf("/2015-03-31/functions", ""))).toBe(false);
});
