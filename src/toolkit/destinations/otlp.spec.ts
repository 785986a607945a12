import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";
import type { SendResult } from "./destination.ts";
import { HttpSink, status } from "../../../test/fixtures/http-sink.ts";
import { otlp, type OtlpSettings } from "./otlp.ts";
import { protobufWriter } from "./otlp/protobuf-writer.ts";

/** Whatever arrived, looked into by the tests. */
type Json = ReturnType<typeof JSON.parse>;

let sink: HttpSink;
let endpoint: string;
beforeEach(async () => {
  sink = new HttpSink();
  endpoint = await sink.open();
});
afterEach(() => sink.close());

const requestId = "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5";
const tracing = {
  spanId: "5a4b3c2d1e0f9a8b",
  type: "X-Amzn-Trace-Id",
  value: "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=1",
};
const traceId = "69d9e8b0a1b2c3d4e5f60718293a4b5c";
const functionArn = "arn:aws:lambda:eu-north-1:222233334444:function:orders:live";

const start: TelemetryRecord = {
  time: "2026-04-11T06:20:00.520Z",
  type: "platform.start",
  record: { requestId, functionArn, version: "3", tracing },
};
const runtimeDone: TelemetryRecord = {
  time: "2026-04-11T06:20:00.598Z",
  type: "platform.runtimeDone",
  record: {
    requestId,
    status: "success",
    spans: [
      { name: "responseLatency", start: "2026-04-11T06:20:00.521Z", durationMs: 74.313 },
      { name: "responseDuration", start: "2026-04-11T06:20:00.596Z", durationMs: 0.094 },
    ],
    metrics: { durationMs: 76.144, producedBytes: 41 },
    tracing,
  },
};
const report: TelemetryRecord = {
  time: "2026-04-11T06:20:00.611Z",
  type: "platform.report",
  record: {
    requestId,
    status: "success",
    metrics: {
      durationMs: 88.905,
      billedDurationMs: 502,
      memorySizeMB: 512,
      maxMemoryUsedMB: 97,
      initDurationMs: 412.91,
    },
    spans: [{ name: "extensionOverhead", start: "2026-04-11T06:20:00.598Z", durationMs: 12.6 }],
    tracing,
  },
};

interface Sent {
  readonly results: readonly SendResult[];
  readonly logs: Json;
  readonly metrics: Json;
  readonly traces: Json;
}

/** What arrived for each signal, in JSON. */
async function sendAll(records: readonly TelemetryRecord[], settings: OtlpSettings = {}): Promise<Sent> {
  const to = otlp({ endpoint, encoding: "json", ...settings });
  const items = records.flatMap((record) => to.encode(record, origin, "id"));
  const signal = new AbortController().signal;
  const results: SendResult[] = [];
  for (const route of ["logs", "metrics", "traces"]) {
    const routed = items.filter((item) => item.route === route);
    if (routed.length > 0) results.push(await to.send({ items: routed, route, signal, origin }));
  }
  const arrived = (route: string): Json => {
    const found = sink.received.find(({ url }) => url === `/v1/${route}`);
    return found === undefined ? undefined : (JSON.parse(found.body.toString()) as unknown);
  };
  return { results, logs: arrived("logs"), metrics: arrived("metrics"), traces: arrived("traces") };
}

const value = (attributes: readonly { key: string; value: Record<string, unknown> }[], key: string): unknown =>
  Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0];

describe("spans, by AWS's mapping", () => {
  test("are one for the three events of an invocation, and one for each span of them", async () => {
    const { traces, results } = await sendAll([start, runtimeDone, report]);
    expect(results).toContainEqual({ kind: "delivered" });
    const [{ resource, scopeSpans }] = traces.resourceSpans;
    expect(value(resource.attributes, "faas.name")).toBe("orders");
    expect(value(resource.attributes, "cloud.account.id")).toBe("222233334444");
    const [root, ...children] = scopeSpans[0].spans;
    expect(root).toMatchObject({
      traceId,
      spanId: "5a4b3c2d1e0f9a8b",
      parentSpanId: "0f1e2d3c4b5a6978",
      flags: 1,
      name: "orders",
      kind: 2,
      startTimeUnixNano: "1775888400520000000",
      endTimeUnixNano: "1775888400611000000",
      status: { code: 1 },
    });
    expect(value(root.attributes, "faas.invocation_id")).toBe(requestId);
    expect(value(root.attributes, "faas.coldstart")).toBe(true);
    expect(value(root.attributes, "aws.lambda.invoked_arn")).toBe(functionArn);
    expect(children.map(({ name }: { name: string }) => name)).toEqual([
      "responseLatency",
      "responseDuration",
      "extensionOverhead",
    ]);
    expect(children[0]).toMatchObject({
      traceId,
      parentSpanId: "5a4b3c2d1e0f9a8b",
      kind: 2,
      startTimeUnixNano: "1775888400521000000",
      endTimeUnixNano: "1775888400595313000",
      status: { code: 1 },
    });
  });

  test("are the same for a report that the request before had no room for, and that is encoded again", () => {
    const to = otlp({ endpoint, encoding: "json" });
    const [, , first, second] = [start, runtimeDone, report, report].map((record) =>
      to.encode(record, origin, "id").find(({ route }) => route === "traces"),
    );
    expect(first?.body).toContain("responseLatency");
    expect(second?.body).toBe(first?.body);
  });

  test("of an attempt do not show what another attempt at the same event did", () => {
    const to = otlp({ endpoint, encoding: "json" });
    const spans = [start, runtimeDone, report, start, report].map((record) =>
      to.encode(record, origin, "id").find(({ route }) => route === "traces"),
    );
    expect(spans[2]?.body).toContain("responseLatency");
    expect(spans[4]?.body).not.toContain("responseLatency");
  });

  test("have the same ids when the same events are encoded again", async () => {
    const once = (await sendAll([start, runtimeDone, report])).traces;
    sink.received.length = 0;
    expect((await sendAll([start, runtimeDone, report])).traces).toEqual(once);
  });

  test("keep the spans of runtimeDone as span events where that is wanted", async () => {
    const { traces } = await sendAll([start, runtimeDone, report], { spans: "events" });
    const { spans } = traces.resourceSpans[0].scopeSpans[0];
    expect(spans).toHaveLength(1);
    expect(spans[0].events[0]).toMatchObject({ name: "responseLatency", timeUnixNano: "1775888400521000000" });
  });

  test("begin by the duration when the start was never seen, as after a restart of the process", async () => {
    const { traces } = await sendAll([report]);
    const { spans } = traces.resourceSpans[0].scopeSpans[0];
    expect(spans[0].startTimeUnixNano).toBe("1775888400522095000");
  });

  test("have the error of a failed invocation", async () => {
    const failed = {
      ...report,
      record: { ...(report.record as object), status: "error", errorType: "Runtime.ExitError" },
    };
    const { traces } = await sendAll([start, failed]);
    const [root] = traces.resourceSpans[0].scopeSpans[0].spans;
    expect(root.status).toEqual({ code: 2 });
    expect(value(root.attributes, "error.type")).toBe("Runtime.ExitError");
  });

  test("are not made for what is not sampled", async () => {
    const { tracing: _, ...untraced } = report.record as Record<string, unknown>;
    const unsampled = { ...untraced, tracing: { ...tracing, value: tracing.value.replace("Sampled=1", "Sampled=0") } };
    expect(
      (
        await sendAll([
          { ...report, record: untraced },
          { ...report, record: unsampled },
        ])
      ).traces,
    ).toBeUndefined();
  });
});

describe("log records", () => {
  const logsOf = async (records: readonly TelemetryRecord[]): Promise<Json[]> =>
    (await sendAll(records)).logs.resourceLogs[0].scopeLogs[0].logRecords;

  test("name the invocation that was last seen to start, and its trace", async () => {
    const [before, during] = await logsOf([line("before\n"), start, line("during\n")]);
    expect(value(before.attributes, "faas.invocation_id")).toBeUndefined();
    expect(during).toMatchObject({ body: { stringValue: "during" }, traceId, spanId: "5a4b3c2d1e0f9a8b" });
    expect(value(during.attributes, "faas.invocation_id")).toBe(requestId);
  });

  test("believe a line that names its own invocation, level and time", async () => {
    const other = "11111111-2222-4333-8444-555555555555";
    const [node, python, object] = await logsOf([
      start,
      line(`2026-04-11T06:20:00.100Z\t${other}\tERROR\tbroken\n`),
      line(`[WARNING]\t2026-04-11T06:20:00.200Z\t${other}\tcareful\n`),
      {
        ...line(""),
        record: { timestamp: "2026-04-11T06:20:00.300Z", level: "info", requestId: other, message: "m", cart: 7 },
      },
    ]);
    expect(node).toMatchObject({ severityNumber: 17, severityText: "ERROR", timeUnixNano: "1775888400100000000" });
    expect(node.traceId).toBeUndefined();
    expect(python).toMatchObject({ severityNumber: 13, timeUnixNano: "1775888400200000000" });
    expect(object).toMatchObject({ severityNumber: 9, body: { stringValue: "m" } });
    for (const each of [node, python, object]) expect(value(each.attributes, "faas.invocation_id")).toBe(other);
    expect(value(object.attributes, "cart")).toBe("7");
  });

  test("are made of platform events only where something was lost", async () => {
    const logs = await logsOf([
      start,
      report,
      { ...line(""), type: "platform.logsDropped", record: { reason: "slow", droppedRecords: 3, droppedBytes: 99 } },
    ]);
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatchObject({ severityText: "WARN" });
  });
});

test("metrics are what a report measures, in the units of the conventions", async () => {
  const { metrics } = await sendAll([report]);
  const all = metrics.resourceMetrics[0].scopeMetrics[0].metrics as readonly Json[];
  const of = (name: string): Json => all.find((each) => each.name === name);
  expect(of("faas.invoke_duration")).toMatchObject({
    unit: "s",
    histogram: {
      aggregationTemporality: 1,
      dataPoints: [{ count: "1", sum: 0.088905, timeUnixNano: "1775888400611000000" }],
    },
  });
  expect(of("faas.init_duration").histogram.dataPoints[0].sum).toBeCloseTo(0.41291);
  expect(of("faas.mem_usage").histogram.dataPoints[0].sum).toBe(97 * 1_048_576);
  expect(of("faas.coldstarts").sum).toMatchObject({ isMonotonic: true, dataPoints: [{ asInt: "1" }] });
  expect(of("faas.errors")).toBeUndefined();
});

test("names the environment by its log stream, once its Init was seen", async () => {
  const initStart = { ...line(""), type: "platform.initStart", record: { instanceId: "2026/04/11/[3]9a8b" } };
  const { logs } = await sendAll([initStart, line("x")]);
  expect(value(logs.resourceLogs[0].resource.attributes, "faas.instance")).toBe("2026/04/11/[3]9a8b");
});

test("sends only the signals that are wanted, with the headers that are given", async () => {
  const { logs, metrics, traces } = await sendAll([start, line("x"), report], {
    signals: ["logs"],
    headers: { "api-key": "k" },
    resource: { "deployment.environment": "test" },
  });
  expect([metrics, traces]).toEqual([undefined, undefined]);
  expect(value(logs.resourceLogs[0].resource.attributes, "deployment.environment")).toBe("test");
  expect(sink.received[0]!.headers["api-key"]).toBe("k");
});

describe("answers", () => {
  test.each([
    [429, "try later"],
    [502, "try later"],
    [503, "try later"],
    [504, "try later"],
    [500, "refused"],
    [400, "refused"],
    [401, "closed"],
    [413, "too large"],
  ])("takes status %i for %s", async (code, kind) => {
    sink.answer = status(code);
    expect((await sendAll([line("x")])).results).toMatchObject([{ kind }]);
  });

  test("does not send a partial success again, and counts what was rejected", async () => {
    const text = JSON.stringify({ partialSuccess: { rejectedLogRecords: "1", errorMessage: "too old" } });
    sink.answer = status(200, text, { "Content-Type": "application/json" });
    expect((await sendAll([line("x"), line("y")])).results).toEqual([
      { kind: "partly", failed: [{ index: 1, reason: "too old", retry: false }] },
    ]);
  });
});

test("counts what was rejected in an answer in protobuf too", async () => {
  // partial_success: 1 rejected_log_records 1, 2 error_message "old".
  const answer = Buffer.from("0a07080112036f6c64", "hex");
  sink.answer = (_, response) => void response.writeHead(200, { "Content-Type": "application/x-protobuf" }).end(answer);
  const to = otlp({ endpoint });
  const items = to.encode(line("x"), origin, "id");
  const result = await to.send({ items, route: "logs", signal: new AbortController().signal, origin });
  expect(result).toEqual({ kind: "partly", failed: [{ index: 0, reason: "old", retry: false }] });
  expect(sink.received[0]!.headers["content-type"]).toBe("application/x-protobuf");
});

test("writes protobuf: field by field as the protocol's own description has it", () => {
  const item = protobufWriter.item({
    signal: "logs",
    parts: [
      {
        timeUnixNano: "1",
        observedTimeUnixNano: "2",
        severityNumber: 9,
        body: { stringValue: "hi" },
        attributes: [{ key: "k", value: { intValue: "300" } }],
        traceId: "00",
      },
    ],
  });
  // LogRecord: 1 time, 2 severity, 5 body {1 "hi"}, 6 attribute {1 "k", 2 {3 300}}, 9 trace id, 11 observed time.
  const record = "09010000000000000010092a040a02686932080a016b120318ac024a0100590200000000000000";
  expect(Buffer.from(item).toString("hex")).toBe(`12${(record.length / 2).toString(16)}${record}`);
});
