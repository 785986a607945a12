/** Through the front door: with AWS's own client, and byte by byte in the protocols it does not speak. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type ListMetricsCommandInput,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { decode, encode } from "cborg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FrontDoor, openFrontDoor } from "../../aws-api/front-door.ts";
import { openStore, type Store } from "../store/open-store.ts";
import { cloudWatchApi } from "./cloudwatch-api.ts";
import { storedMetrics } from "./metric-sink.ts";

const now = Date.UTC(2026, 10, 23, 12, 0, 30);
const minute = (count: number): Date => new Date(Date.UTC(2026, 10, 23, 11, count));

let store: Store;
let door: FrontDoor;
let client: CloudWatchClient;
beforeAll(async () => {
  door = await openFrontDoor({
    port: 0,
    apis: [
      {
        service: "monitoring",
        claims: (request) => api().claims(request),
        answer: (request) => api().answer(request),
      },
    ],
    unclaimed: () => ({ status: 404 }),
    faulted: (cause) => {
      throw cause;
    },
  });
  client = clientIn("eu-west-1");
});
const clientIn = (region: string) =>
  new CloudWatchClient({
    endpoint: door.endpoint,
    region,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
const api = () => cloudWatchApi(storedMetrics(store), { now: () => now, defaultRegion: "eu-west-1" });
beforeEach(async () => {
  await store?.close();
  store = await openStore({ runs: "here", limits: { maxAgeMs: Infinity } });
});
afterAll(async () => {
  client.destroy();
  await door.close(0);
  await store.close();
});

const put = (MetricData: ConstructorParameters<typeof PutMetricDataCommand>[0]["MetricData"], Namespace = "Shop") =>
  client.send(new PutMetricDataCommand({ Namespace, MetricData }));
const orders = (value: number, at: number) => ({ MetricName: "orders", Value: value, Timestamp: minute(at) });

test("what was put comes back by the minute, the newest first", async () => {
  await put([orders(1, 0), orders(2, 0), orders(5, 3)]);
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      StartTime: minute(0),
      EndTime: minute(10),
      MetricDataQueries: [
        { Id: "m", MetricStat: { Metric: { Namespace: "Shop", MetricName: "orders" }, Period: 60, Stat: "Sum" } },
        { Id: "half", Expression: "m / 2", Label: "Half" },
      ],
    }),
  );
  expect(MetricDataResults).toMatchObject([
    { Id: "m", Label: "orders", Timestamps: [minute(3), minute(0)], Values: [5, 3], StatusCode: "Complete" },
    { Id: "half", Label: "Half", Timestamps: [minute(3), minute(0)], Values: [2.5, 1.5] },
  ]);
});

test("pages hold as many datapoints as were asked for, and go on where they ended", async () => {
  await put([orders(1, 0), orders(2, 1), orders(3, 2)]);
  const stat = (Stat: string) => ({
    Id: Stat.toLowerCase(),
    MetricStat: { Metric: { Namespace: "Shop", MetricName: "orders" }, Period: 60, Stat },
  });
  const ask = (NextToken?: string) =>
    client.send(
      new GetMetricDataCommand({
        StartTime: minute(0),
        EndTime: minute(10),
        ScanBy: "TimestampAscending",
        MaxDatapoints: 2,
        NextToken,
        MetricDataQueries: [stat("Sum"), stat("SampleCount")],
      }),
    );
  const first = await ask();
  const second = await ask(first.NextToken);
  const third = await ask(second.NextToken);
  const values = [first, second, third].map((page) =>
    page.MetricDataResults?.map(({ Id, Values, StatusCode }) => [Id, Values, StatusCode]),
  );
  expect(values).toEqual([
    [["sum", [1, 2], "PartialData"]],
    [
      ["sum", [3], "Complete"],
      ["samplecount", [1], "PartialData"],
    ],
    [["samplecount", [1, 1], "Complete"]],
  ]);
  expect(third.NextToken).toBeUndefined();
  await expect(ask("nonsense")).rejects.toMatchObject({ name: "InvalidNextToken", $metadata: { httpStatusCode: 400 } });
});

test("a metric without datapoints has an empty result", async () => {
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      StartTime: minute(0),
      EndTime: minute(1),
      MetricDataQueries: [
        { Id: "m", MetricStat: { Metric: { Namespace: "Shop", MetricName: "none" }, Period: 60, Stat: "p99" } },
      ],
    }),
  );
  expect(MetricDataResults).toMatchObject([{ Id: "m", Values: [], StatusCode: "Complete" }]);
});

test("values with counts and statistic sets add up with plain values", async () => {
  await put([
    { MetricName: "size", Values: [1, 3], Counts: [2, 1], Timestamp: minute(0), Unit: "Bytes" },
    { MetricName: "size", Value: 10, Timestamp: minute(0), Unit: "Bytes" },
    {
      MetricName: "size",
      StatisticValues: { SampleCount: 2, Sum: 5, Minimum: 1, Maximum: 4 },
      Timestamp: minute(1),
      Unit: "Bytes",
    },
  ]);
  const { Datapoints, Label } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: "Shop",
      MetricName: "size",
      StartTime: minute(0),
      EndTime: minute(5),
      Period: 60,
      Statistics: ["SampleCount", "Sum", "Minimum", "Maximum", "Average"],
      ExtendedStatistics: ["p50"],
    }),
  );
  expect(Label).toBe("size");
  expect(Datapoints).toEqual([
    {
      Timestamp: minute(0),
      SampleCount: 4,
      Sum: 15,
      Minimum: 1,
      Maximum: 10,
      Average: 3.75,
      Unit: "Bytes",
      ExtendedStatistics: { p50: 2 },
    },
    { Timestamp: minute(1), SampleCount: 2, Sum: 5, Minimum: 1, Maximum: 4, Average: 2.5, Unit: "Bytes" },
  ]);
});

test("metrics are listed by namespace, name and dimensions, and each region has its own", async () => {
  const dimension = (Value: string) => [{ Name: "zone", Value }];
  await put([
    { MetricName: "orders", Value: 1, Dimensions: dimension("a") },
    { MetricName: "orders", Value: 1, Dimensions: dimension("b") },
    { MetricName: "visits", Value: 1 },
  ]);
  await put([{ MetricName: "other", Value: 1 }], "Elsewhere");
  const names = async (input: ListMetricsCommandInput) => {
    const { Metrics = [] } = await client.send(new ListMetricsCommand(input));
    return Metrics.map(({ MetricName, Dimensions = [] }) => [MetricName, ...Dimensions.map(({ Value }) => Value)]);
  };
  expect(await names({ Namespace: "Shop" })).toEqual([["orders", "a"], ["orders", "b"], ["visits"]]);
  expect(await names({ MetricName: "other" })).toEqual([["other"]]);
  expect(await names({ Dimensions: [{ Name: "zone" }] })).toEqual([
    ["orders", "a"],
    ["orders", "b"],
  ]);
  expect(await names({ Dimensions: [{ Name: "zone", Value: "b" }] })).toEqual([["orders", "b"]]);
  const elsewhere = clientIn("us-east-1");
  expect((await elsewhere.send(new ListMetricsCommand({}))).Metrics).toEqual([]);
  elsewhere.destroy();
});

test("a long request is sent compressed and read all the same", async () => {
  await put(Array.from({ length: 1000 }, (_, index) => orders(index, 0)));
  const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: "Shop" }));
  expect(Metrics).toHaveLength(1);
});

const stats = (changes: object) =>
  client.send(
    new GetMetricStatisticsCommand({
      Namespace: "Shop",
      MetricName: "m",
      StartTime: minute(0),
      EndTime: minute(5),
      Period: 60,
      Statistics: ["Sum"],
      ...changes,
    }),
  );

test.each<[string, () => Promise<unknown>, string, string]>([
  [
    "a namespace of AWS's",
    () => put([{ MetricName: "m", Value: 1 }], "AWS/Lambda"),
    "InvalidParameterValueException",
    "Namespace",
  ],
  [
    "a time in three hours",
    () => put([{ MetricName: "m", Value: 1, Timestamp: new Date(now + 10_800_000) }]),
    "InvalidParameterValueException",
    "two hours in the future",
  ],
  [
    "a time of a month ago",
    () => put([{ MetricName: "m", Value: 1, Timestamp: new Date(now - 30 * 86_400_000) }]),
    "InvalidParameterValueException",
    "two weeks",
  ],
  ["no number", () => put([{ MetricName: "m", Value: Number.NaN }]), "InvalidParameterValueException", "NaN"],
  ["no value", () => put([{ MetricName: "m" }]), "MissingRequiredParameterException", "MetricData.member.1"],
  [
    "two kinds of values",
    () => put([{ MetricName: "m", Value: 1, Values: [1] }]),
    "InvalidParameterCombinationException",
    "mutually exclusive",
  ],
  [
    "more than 1,000 data",
    () => put(Array.from({ length: 1001 }, () => ({ MetricName: "m", Value: 1 }))),
    "InvalidParameterValueException",
    "1000",
  ],
  [
    "a unit nobody knows",
    () => put([{ MetricName: "m", Value: 1, Unit: "Orders" as never }]),
    "ValidationException",
    "enum value set",
  ],
  ["no statistic", () => stats({ Statistics: undefined }), "InvalidParameterCombinationException", "At least one"],
  [
    "an end before the start",
    () => stats({ EndTime: minute(-1) }),
    "InvalidParameterValueException",
    "StartTime must be less",
  ],
  ["a period of 45 s", () => stats({ Period: 45 }), "InvalidParameterValueException", "Period"],
  ["1,441 datapoints", () => stats({ EndTime: minute(1441) }), "InvalidParameterCombinationException", "1,441"],
  ["a percentile of 101", () => stats({ ExtendedStatistics: ["p101"] }), "InvalidParameterValueException", "p101"],
])("%s is refused", async (_, ask, name, words) => {
  await expect(ask()).rejects.toMatchObject({
    name,
    message: expect.stringContaining(words),
    $metadata: { httpStatusCode: 400 },
  });
});

const send = (path: string, headers: Record<string, string>, body: string | Uint8Array) =>
  fetch(`${door.endpoint}${path}`, { method: "POST", headers, body });
const form = (fields: Record<string, string>) =>
  send(
    "/",
    {
      "content-type": "application/x-www-form-urlencoded",
      authorization: "AWS4-HMAC-SHA256 Credential=a/20261123/eu-west-1/monitoring/aws4_request, Signature=0",
    },
    new URLSearchParams({ Version: "2010-08-01", ...fields }).toString(),
  );

test("clients of the protocol query send forms and get XML", async () => {
  const answer = await form({
    Action: "PutMetricData",
    Namespace: "Shop",
    "MetricData.member.1.MetricName": "orders",
    "MetricData.member.1.Dimensions.member.1.Name": "zone",
    "MetricData.member.1.Dimensions.member.1.Value": "a & b",
    "MetricData.member.1.Timestamp": minute(0).toISOString(),
    "MetricData.member.1.Value": "2.5",
  });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/xml"]);
  expect(await answer.text()).toContain(
    '<PutMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">',
  );
  expect(await (await form({ Action: "ListMetrics" })).text()).toContain(
    "<ListMetricsResult><Metrics><member><Namespace>Shop</Namespace><MetricName>orders</MetricName><Dimensions><member><Name>zone</Name><Value>a &amp; b</Value></member></Dimensions></member></Metrics></ListMetricsResult>",
  );
  const statistics = await form({
    Action: "GetMetricStatistics",
    Namespace: "Shop",
    MetricName: "orders",
    "Dimensions.member.1.Name": "zone",
    "Dimensions.member.1.Value": "a & b",
    StartTime: minute(0).toISOString(),
    EndTime: minute(5).toISOString(),
    Period: "300",
    "Statistics.member.1": "Sum",
    "ExtendedStatistics.member.1": "p50",
  });
  expect(await statistics.text()).toContain(
    "<Datapoints><member><Timestamp>2026-11-23T11:00:00.000Z</Timestamp><Sum>2.5</Sum><Unit>None</Unit><ExtendedStatistics><entry><key>p50</key><value>2.5</value></entry></ExtendedStatistics></member></Datapoints>",
  );
});

test("clients of the protocol query get their errors as XML with the codes they know", async () => {
  const answer = await form({ Action: "PutMetricData", Namespace: "AWS/Lambda" });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toMatch(
    /^<ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>InvalidParameterValue<\/Code><Message>[^<]+<\/Message><\/Error><RequestId>[-0-9a-f]{36}<\/RequestId><\/ErrorResponse>\n$/,
  );
});

const cbor = (operation: string, input: unknown) =>
  send(
    `/service/GraniteServiceVersion20100801/operation/${operation}`,
    { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-query-mode": "true" },
    encode(input),
  );
const tags = [undefined as never, (seconds: number) => new Date(seconds * 1000)];

test("clients of the protocol rpc-v2-cbor send and get CBOR, whole doubles as floats", async () => {
  expect((await cbor("PutMetricData", { Namespace: "Shop", MetricData: [{ MetricName: "m", Value: 2 }] })).status).toBe(
    200,
  );
  const answer = await cbor("GetMetricData", {
    StartTime: minute(0).getTime() / 1000,
    EndTime: minute(120).getTime() / 1000,
    MetricDataQueries: [
      { Id: "m", MetricStat: { Metric: { Namespace: "Shop", MetricName: "m" }, Period: 60, Stat: "Sum" } },
    ],
  });
  expect([answer.status, answer.headers.get("smithy-protocol")]).toEqual([200, "rpc-v2-cbor"]);
  const body = Buffer.from(await answer.arrayBuffer());
  expect(decode(body, { tags })).toMatchObject({
    MetricDataResults: [{ Id: "m", Timestamps: [minute(60)], Values: [2], StatusCode: "Complete" }],
  });
  // An array of one element, a float of eight bytes.
  expect(body.includes(Buffer.from("81fb4000000000000000", "hex"))).toBe(true);
});

test("an error in CBOR has its type in the body, and the old code in a header", async () => {
  const answer = await cbor("PutMetricData", { Namespace: "AWS/Lambda" });
  expect([answer.status, answer.headers.get("x-amzn-query-error")]).toEqual([400, "InvalidParameterValue;Sender"]);
  expect(decode(Buffer.from(await answer.arrayBuffer()))).toMatchObject({
    __type: "com.amazonaws.cloudwatch#InvalidParameterValueException",
  });
});

test.each([
  ["a body that is no JSON", "{", {}],
  ["a body that is not compressed as it says", "{}", { "content-encoding": "gzip" }],
])("%s is refused", async (_, body, headers) => {
  const answer = await send("/", { "x-amz-target": "GraniteServiceVersion20100801.ListMetrics", ...headers }, body);
  expect([answer.status, await answer.json()]).toMatchObject([
    400,
    { __type: expect.stringContaining("SerializationException") },
  ]);
});

test("an operation that is not offered says which are", async () => {
  const answer = await send("/", { "x-amz-target": "GraniteServiceVersion20100801.DescribeAlarms" }, "{}");
  expect([answer.status, await answer.json()]).toMatchObject([
    400,
    {
      __type: expect.stringContaining("UnknownOperationException"),
      message: expect.stringContaining("DescribeAlarms is not supported here"),
    },
  ]);
});
