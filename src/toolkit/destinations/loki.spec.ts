import { expect, test, vi } from "vitest";
import { status } from "../../../test/fixtures/http-sink.ts";
import { line } from "../delivery/simulated-destination.spec-support.ts";
import { loki, type LokiSettings } from "./loki.ts";
import {
  bodyAt,
  jsonLine,
  lokiExample,
  report,
  requestId,
  sendAll,
  shapeOf,
  simulatedVendor,
  spanId,
  start,
  timeMs,
  traceId,
} from "./vendor-requests.spec-support.ts";

const vendor = simulatedVendor(status(204));

const make = (more: LokiSettings = {}) => loki({ url: vendor.url, ...more });

test("posts what Loki's documentation shows", async () => {
  expect(await sendAll(make(), [line("hello\n")])).toEqual({ kind: "delivered" });
  expect(vendor.sink.received[0]).toMatchObject({
    url: "/loki/api/v1/push",
    headers: { "content-type": "application/json" },
  });
  expect(vendor.sink.received[0]!.headers["authorization"]).toBeUndefined();
  expect(bodyAt(vendor.sink)).toEqual(shapeOf(lokiExample, ["stream", "values"]));
  const kinds = (values: readonly (readonly unknown[])[]): string[][] =>
    values.map((each) => each.map((one) => typeof one));
  expect(kinds(bodyAt(vendor.sink).streams[0].values)).toEqual(kinds(lokiExample.streams[0]!.values));
});

test("makes a stream of each kind of record, with few labels; ids go with the lines", async () => {
  await sendAll(make({ labels: { team: "shop" } }), [start, line("one\n"), jsonLine, report]);
  const { streams } = bodyAt(vendor.sink);
  const labels = { service_name: "orders", cloud_region: "eu-north-1", team: "shop" };
  expect(streams.map(({ stream }: { stream: object }) => stream)).toEqual([
    { ...labels, record_type: "platform" },
    { ...labels, record_type: "function" },
  ]);
  const ids = { faas_invocation_id: requestId, trace_id: traceId, span_id: spanId };
  expect(streams[1].values).toEqual([
    [expect.any(String), "one", ids],
    [expect.any(String), JSON.stringify(jsonLine.record), { ...ids, level: "warn" }],
  ]);
  const [, reported] = streams[0].values;
  expect(JSON.parse(reported[1])).toEqual({ type: "platform.report", record: report.record });
  expect(reported[2]).toMatchObject({ level: "error", faas_invocation_id: requestId });
});

test("gives equal lines of one millisecond times of their own, in order, the same when they are sent again", async () => {
  const to = make();
  await sendAll(to, [line("same"), line("same"), line("same")]);
  await sendAll(to, [line("same"), line("same"), line("same")]);
  const times = (index: number): string[] =>
    bodyAt(vendor.sink, index).streams[0].values.map(([time]: readonly string[]) => time);
  expect(times(0)).toEqual([`${timeMs}000000`, `${timeMs}000001`, `${timeMs}000002`]);
  expect(times(1)).toEqual(times(0));
});

test("leaves ids out for a Loki that does not take them", async () => {
  await sendAll(make({ structuredMetadata: false }), [line("x")]);
  expect(bodyAt(vendor.sink).streams[0].values).toEqual([[`${timeMs}000000`, "x"]]);
});

test("cuts a line that Loki would refuse", async () => {
  await sendAll(make({ maxLineBytes: 20 }), [line("x".repeat(100))]);
  expect(bodyAt(vendor.sink).streams[0].values[0][1]).toBe(`${"x".repeat(12)}…[cut]`);
});

test.each([
  [{ username: "12345", password: "pass" }, { authorization: `Basic ${btoa("12345:pass")}` }],
  [{ bearerToken: async () => "t0ken" }, { authorization: "Bearer t0ken" }],
  [{ tenant: "shop" }, { "x-scope-orgid": "shop" }],
])("is let in by %o", async (settings, headers) => {
  await sendAll(make(settings), [line("x")]);
  expect(vendor.sink.received[0]!.headers).toMatchObject(headers);
});

test("is told where and by whom by the variables of Loki's own client", async () => {
  vi.stubEnv("LOKI_ADDR", `${vendor.url}/`);
  vi.stubEnv("LOKI_USERNAME", "u");
  vi.stubEnv("LOKI_PASSWORD", "p");
  vi.stubEnv("LOKI_ORG_ID", "o");
  await sendAll(loki(), [line("x")]);
  expect(vendor.sink.received[0]!.headers).toMatchObject({
    authorization: `Basic ${btoa("u:p")}`,
    "x-scope-orgid": "o",
  });
});

test.each([
  [401, "closed"],
  [404, "closed"],
  [413, "too large"],
  [429, "try later"],
  [500, "try later"],
  [503, "try later"],
])("takes status %i for %s", async (code, kind) => {
  vendor.sink.answer = status(code, "why");
  expect(await sendAll(make(), [line("x")])).toMatchObject({ kind });
});

// What Loki 3.7.8 answered, with two of three lines in it.
const tooFarBehind = `entry with timestamp 2026-04-11 04:10:00.54 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-04-11T04:10:00Z, oldest acceptable timestamp is: 2026-04-11T05:20:00Z',
user 'fake', total ignored: 1 out of 3 for stream: {record_type="function", service_name="orders"}
`;
const tooOld = `entry for stream '{service_name="orders"}' has timestamp too old: 2026-04-11T04:10:00Z, oldest acceptable timestamp is: 2026-04-11T05:20:00Z
`;

test.each([
  ["too far behind its stream", tooFarBehind],
  ["too old", tooOld],
])("does not send again what was %s, nor the lines beside it, which Loki has taken", async (_, text) => {
  vendor.sink.answer = status(400, text);
  const result = await sendAll(make(), [line("one"), line("old", "2026-04-11T04:10:00.540Z"), line("three")]);
  expect(result).toEqual({
    kind: "partly",
    failed: [{ index: 1, reason: expect.stringContaining("oldest acceptable"), retry: false }],
  });
});

test("asks again of the streams that Loki does not speak of: of several it names one", async () => {
  vendor.sink.answer = status(400, tooFarBehind);
  const late = "2026-04-11T04:10:00.540Z";
  expect(await sendAll(make(), [{ ...start, time: late }, line("old", late), line("three")])).toMatchObject({
    kind: "partly",
    failed: [
      { index: 0, retry: true },
      { index: 1, retry: false },
    ],
  });
});

test("counts no more lines of the second that Loki names than it left out", async () => {
  vendor.sink.answer = status(400, tooFarBehind);
  const times = ["2026-04-11T05:20:00.900Z", "2026-04-11T05:20:00.100Z", "2026-04-11T05:20:01.000Z"];
  const result = await sendAll(
    make(),
    times.map((time) => line("x", time)),
  );
  expect(result).toMatchObject({ kind: "partly", failed: [{ index: 1, retry: false }] });
});

test("looks for the line at fault where Loki does not say when it was", async () => {
  vendor.sink.answer = status(400, "max entry size '262144' bytes exceeded for stream");
  expect(await sendAll(make(), [line("x")])).toMatchObject({ kind: "refused" });
});
