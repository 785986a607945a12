/** What stands in the events that real subscribers receive (EVT-). */
import { afterEach, describe, expect, test } from "vitest";
import type { DeliveredEvent } from "../fixtures/telemetry/journal-reader.ts";
import {
  collector,
  type ExtensionScript,
  overHttp,
  type RuntimeScript,
  type Step,
} from "../fixtures/telemetry/scripts.ts";
import {
  endAll,
  freePort,
  freePorts,
  scripted,
  type ScriptedEnvironment,
  type Scripts,
} from "../fixtures/telemetry/scripted-environment.ts";

afterEach(endAll);

const versions = ["2022-07-01", "2022-12-13", "2025-01-29"] as const;

/** One extension with a subscription of each version, and what each of them received when all is over. */
async function inAllVersions(options: Scripts, play: (it: ScriptedEnvironment) => Promise<unknown>) {
  const ports = await freePorts(3);
  const it = await scripted({
    ...options,
    scripts: {
      ...options.scripts,
      all: {
        start: ports.map((port) => ({ listen: { port } })),
        registered: ports.map((port, index) => ({
          subscribe: { body: overHttp(port, { schemaVersion: versions[index] }) },
        })),
      },
    },
  });
  await play(it);
  await it.end();
  const [first, second, third] = ports.map((port) => it.journal("all").events(port));
  return { it, first: first!, second: second!, third: third! };
}

const recordsOf = (events: readonly DeliveredEvent[], type: string) =>
  events.filter((event) => event.type === type).map(({ record }) => record);

const one = (events: readonly DeliveredEvent[], type: string) => recordsOf(events, type)[0];

test("[EVT-03, EVT-09, EVT-10, EVT-11, EVT-12, EVT-32, EVT-33] a cold start in all three versions", async () => {
  const { it, first, second, third } = await inAllVersions({ memorySizeMb: 4096, functionVersion: "7" }, async (it) => {
    await it.invoke();
    await it.invoke({ fail: true });
  });
  const place = ({ time, type }: DeliveredEvent) => `${time} ${type}`;
  // Each of the three sees the subscriptions before it in its replay and those after it live.
  expect(first.map(place)).toEqual(second.map(place));
  expect(second.map(place)).toEqual(third.map(place));
  const facts = { initializationType: "on-demand", phase: "init" };
  const version = {
    runtimeVersion: expect.stringContaining("provided:al2023"),
    runtimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/),
  };
  const environment = {
    functionName: "scripted",
    functionVersion: "7",
    instanceId: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[7\][0-9a-f]{32}$/),
    // More than 32 bits can hold: 4,096 MB is 2 to the 32nd.
    instanceMaxMemory: 4_294_967_296,
  };
  expect(one(first, "platform.initStart")).toEqual({ ...facts, ...version });
  expect(one(third, "platform.initStart")).toEqual({ ...facts, ...version, ...environment });
  expect(one(second, "platform.initStart").instanceMaxMemory).toBe(4_294_967_295);
  for (const events of [first, second, third])
    expect(one(events, "platform.initRuntimeDone")).toEqual({ ...facts, status: "success" });
  expect(it.environment.telemetry.map(({ type }) => type)).toEqual(third.map(({ type }) => type));
});

describe("the trace header", () => {
  const sampled = "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=1;Lineage=a:1";

  test("[EVT-15, EVT-16, EVT-17, EVT-22] of a sampled invocation is on start, runtimeDone and report, equal, without Lineage", async () => {
    const { it, second } = await inAllVersions({}, async (it) => it.invoke({}, { traceHeader: sampled }));
    const done = recordsOf(second, "platform.runtimeDone");
    const records = [...recordsOf(second, "platform.start"), ...done, ...recordsOf(second, "platform.report")];
    const tracing = {
      type: "X-Amzn-Trace-Id",
      value: expect.stringMatching(/^Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=[0-9a-f]{16};Sampled=1$/),
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    };
    expect(records.map((record) => record.tracing)).toEqual([tracing, tracing, tracing]);
    expect(new Set(records.map((record) => JSON.stringify(record.tracing))).size).toBe(1);
    const requestId = it.runtime.all("invocation")[0]?.["requestId"];
    const event = it.journal("all").all("event")[0]?.["event"] as { requestId: string };
    expect(new Set([...records.map((record) => record.requestId as string), requestId, event.requestId]).size).toBe(1);
  });

  test.each([
    ["not sampled", "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=0"],
    ["without a decision", "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c"],
  ])("[EVT-16] that is %s is on none of them", async (_, traceHeader) => {
    const { third } = await inAllVersions({}, async (it) => it.invoke({}, { traceHeader }));
    expect(third.filter(({ record }) => "tracing" in Object(record))).toEqual([]);
  });
});

test("[EVT-45, EVT-46, EVT-47] version, ARN as the caller addressed it, and tenant", async () => {
  const { first, second, third } = await inAllVersions({ functionVersion: "7" }, async (it) => {
    await it.invoke({}, { tenantId: "blue" });
    await it.invoke({}, { qualifier: "live" });
  });
  const arn = "arn:aws:lambda:us-east-1:123456789012:function:scripted";
  const starts = recordsOf(third, "platform.start");
  expect(starts.map(({ version, functionArn }) => [version, functionArn])).toEqual([
    ["7", arn],
    ["7", `${arn}:live`],
  ]);
  const tenants = third
    .filter(({ record }) => "tenantId" in Object(record))
    .map(({ type, record }) => [type, record.tenantId]);
  expect(tenants).toEqual([
    ["platform.start", "blue"],
    ["platform.runtimeDone", "blue"],
    ["platform.report", "blue"],
  ]);
  for (const events of [first, second])
    expect(Object.keys(one(events, "platform.start"))).toEqual(["requestId", "version"]);
});

test("[EVT-14, EVT-48, EVT-51, EVT-52, EVT-53, EVT-54, EVT-57, EVT-64] spans and measures of success, handler error and no extension's INVOKE", async () => {
  const { third } = await inAllVersions({ scripts: { slow: { invoke: [[{ sleepMs: 60 }]] } } }, async (it) => {
    await it.invoke({ before: [{ sleepMs: 40 }], respondBytes: 1000 });
    await it.invoke({ fail: true });
  });
  const [done, failed] = recordsOf(third, "platform.runtimeDone");
  const [report] = recordsOf(third, "platform.report");
  const [latency, duration, overhead] = done.spans;
  expect(done.spans.map(({ name }: { name: string }) => name)).toEqual([
    "responseLatency",
    "responseDuration",
    "runtimeOverhead",
  ]);
  expect(latency.durationMs).toBeGreaterThanOrEqual(39);
  const sum = latency.durationMs + duration.durationMs + overhead.durationMs;
  expect(Math.abs(sum - done.metrics.durationMs)).toBeLessThan(5);
  expect(done.metrics.producedBytes).toBe(1000);
  expect(report.spans).toEqual([
    { name: "extensionOverhead", start: expect.any(String), durationMs: expect.any(Number) },
  ]);
  expect(report.metrics.durationMs).toBeGreaterThanOrEqual(done.metrics.durationMs);
  expect(report.spans[0].durationMs).toBeLessThanOrEqual(report.metrics.durationMs);
  expect(Object.keys(failed)).toEqual(["requestId", "status", "metrics"]);
  expect([failed.status, failed.metrics.producedBytes]).toEqual(["success", 0]);
});

test("[EVT-58, EVT-59, EVT-60, EVT-62, EVT-18] durations, bills and memory over a timeout and a second Init", async () => {
  const { third } = await inAllVersions({ timeoutMs: 2000 }, async (it) => {
    await it.invoke();
    await it.invoke({ before: [{ hang: true }] });
    await it.invoke();
  });
  const reports = recordsOf(third, "platform.report").map(({ metrics }) => metrics);
  expect(reports.map((metrics) => "initDurationMs" in metrics)).toEqual([true, false, false]);
  expect(reports[1].durationMs).toBe(2000);
  const billed = reports.map(({ durationMs, initDurationMs = 0 }) => Math.ceil(durationMs + initDurationMs));
  expect(reports.map(({ billedDurationMs }) => billedDurationMs)).toEqual(billed);
  expect(reports.map(({ memorySizeMB }) => memorySizeMB)).toEqual([128, 128, 128]);
  const used = reports.map(({ maxMemoryUsedMB }) => maxMemoryUsedMB as number);
  expect(used[0]).toBeGreaterThan(0);
  expect(used).toEqual(used.toSorted((less, more) => less - more));
  expect(used.filter((mb) => mb > 128)).toEqual([]);
  const instances = recordsOf(third, "platform.initStart").map(({ instanceId }) => instanceId as string);
  expect([instances.length, new Set(instances).size]).toEqual([2, 1]);
  const [, timedOut] = recordsOf(third, "platform.runtimeDone");
  expect(timedOut).not.toHaveProperty("spans");
  expect(timedOut.metrics.durationMs).toBeGreaterThanOrEqual(2000);
});

test("[EVT-61] with provisioned concurrency the first report has the Init's duration and does not bill it", async () => {
  const options = { initializationType: "provisioned-concurrency" } as const;
  const { third } = await inAllVersions(options, async (it) => {
    await it.environment.init();
    await it.invoke();
  });
  const { metrics } = one(third, "platform.report");
  expect(metrics.initDurationMs).toBeGreaterThan(0);
  expect(metrics.billedDurationMs).toBe(Math.ceil(metrics.durationMs));
  expect(one(third, "platform.initStart").initializationType).toBe("provisioned-concurrency");
});

test("[EVT-41, EVT-42, EVT-43, EVT-63] a restore in all three versions", async () => {
  const options: Scripts = {
    initializationType: "snap-start",
    runtimeScript: { snapshot: true, restored: [{ sleepMs: 20 }] },
  };
  const { first, second, third } = await inAllVersions(options, async (it) => {
    await it.environment.init();
    await it.invoke();
    await it.invoke();
  });
  expect(Object.keys(one(first, "platform.restoreStart"))).toEqual(["runtimeVersion", "runtimeVersionArn"]);
  expect(one(third, "platform.restoreStart")).toMatchObject({
    functionName: "scripted",
    instanceMaxMemory: 134_217_728,
  });
  expect(one(first, "platform.restoreReport")).toEqual({ metrics: { durationMs: expect.any(Number) } });
  expect(one(second, "platform.restoreReport")).toEqual({
    status: "success",
    metrics: { durationMs: expect.any(Number) },
  });
  const [restored, later] = recordsOf(third, "platform.report").map(({ metrics }) => metrics);
  expect(restored.restoreDurationMs).toBeGreaterThanOrEqual(20);
  expect(restored.billedRestoreDurationMs).toBeLessThanOrEqual(Math.ceil(restored.restoreDurationMs));
  expect(restored.billedDurationMs).toBe(Math.ceil(restored.durationMs + restored.billedRestoreDurationMs));
  expect(Object.keys(one(first, "platform.report").metrics)).not.toContain("billedRestoreDurationMs");
  expect(later).not.toHaveProperty("restoreDurationMs");
});

test("[EVT-44] a restore hook that fails gives its error on both events", async () => {
  const port = await freePort();
  const it = await scripted({
    initializationType: "snap-start",
    runtimeScript: { snapshot: true, restoreError: "Function.RestoreHookFailed" },
    scripts: { one: collector({ port }) },
  });
  await it.environment.init();
  await it.invoke().catch(() => undefined);
  const error = { status: "error", errorType: "Function.RestoreHookFailed" };
  const { telemetry } = it.environment;
  expect(telemetry.find(({ type }) => type === "platform.restoreRuntimeDone")?.record).toMatchObject(error);
  expect(telemetry.find(({ type }) => type === "platform.restoreReport")?.record).toMatchObject(error);
});

describe("states of extensions at the end of Init", () => {
  const states = (it: ScriptedEnvironment) =>
    it.environment.telemetry.flatMap((event) => recordsOf([event], "platform.extension"));

  test("[EVT-21, EVT-67, EVT-68] external ones before internal ones, each by name", async () => {
    const inside = (name: string): Step[] => [{ register: { name, events: [] } }];
    const start = [...inside("in"), { askForEvents: true } as const];
    const it = await scripted({
      runtimeScript: { start },
      scripts: { zebra: { events: ["SHUTDOWN", "INVOKE"] as never }, ant: { events: [] } },
    });
    await it.invoke();
    expect(states(it)).toEqual([
      { name: "ant", state: "Ready", events: [] },
      { name: "zebra", state: "Ready", events: ["INVOKE", "SHUTDOWN"] },
      { name: "in", state: "Ready", events: [] },
    ]);
  });

  test("[EVT-69, EVT-21, EVT-91] of one that registered and died: Registered", async () => {
    const it = await scripted({ scripts: { one: { registered: [{ exit: 1 }] } } });
    expect(await it.environment.init()).toMatchObject({ status: "error", errorType: "Extension.Crash" });
    expect(states(it)).toEqual([{ name: "one", state: "Registered", events: ["INVOKE", "SHUTDOWN"] }]);
  });

  test("[EVT-69, EVT-21] of one that posted init/error: InitError", async () => {
    const post: Step = {
      call: {
        method: "POST",
        path: "/2020-01-01/extension/init/error",
        headers: { "Lambda-Extension-Function-Error-Type": "Extension.Unwell" },
        body: "{}",
        as: "error",
      },
    };
    const it = await scripted({ scripts: { one: { registered: [post, { exit: 1 }] } } });
    await it.environment.init();
    expect(states(it)).toMatchObject([{ name: "one", state: "InitError" }]);
  });

  test("[EVT-69, EVT-92, EVT-36] of one that cannot be executed: LaunchError, and the runtime is not started", async () => {
    const it = await scripted({ brokenExtensions: { broken: { text: "#!/bin/sh\n", mode: 0o644 } } });
    expect(await it.environment.init()).toMatchObject({ status: "error", errorType: "Extension.LaunchError" });
    expect(states(it)).toEqual([{ name: "broken", state: "LaunchError", events: [], errorType: "PermissionDenied" }]);
    expect(it.environment.telemetry.map(({ type }) => type)).toEqual([
      "platform.initStart",
      "platform.extension",
      "platform.initReport",
    ]);
  });
});

test("[EVT-73, EVT-74] function has what the runtime's processes write, extension what external extensions write", async () => {
  const port = await freePort();
  const child = `${process.execPath} -e 'console.log("from a child")'`;
  const talkative: ExtensionScript = {
    ...collector({ port }),
    invoke: [[{ print: "out\n" }, { printError: "err\n" }]],
  };
  const internal: RuntimeScript = { start: [{ register: { name: "in", events: [] } }, { askForEvents: true }] };
  const it = await scripted({ scripts: { one: talkative }, runtimeScript: internal });
  await it.invoke({ before: [{ print: "function out\n" }, { printError: "function err\n" }, { spawn: child }] });
  await it.end();
  const events = it.journal("one").events();
  expect(new Set(recordsOf(events, "function"))).toEqual(
    new Set(["function out\n", "function err\n", "from a child\n"]),
  );
  expect(new Set(recordsOf(events, "extension"))).toEqual(new Set(["out\n", "err\n"]));
});

test("[EVT-75, EVT-76, CAP-41, CAP-46, LGS-31] lines that are JSON objects, in each version", async () => {
  const line = '{"z":1.50,"a":[1,2],"level":"WARN"}\n';
  const { first, second, third } = await inAllVersions({ logFormat: "JSON" }, async (it) =>
    it.invoke({ before: [{ print: `${line}plain\n` }] }),
  );
  expect(recordsOf(first, "function")).toEqual([line, "plain\n"]);
  for (const events of [second, third])
    expect(recordsOf(events, "function")).toEqual([{ z: 1.5, a: [1, 2], level: "WARN" }, "plain\n"]);
});

test("[EVT-27] consumers must expect other types: a runtime's own is passed on", async () => {
  const port = await freePort();
  const it = await scripted({
    runtimeScript: [{ start: [{ subscribed: { names: ["one"], times: 1 } }], initError: "Function.SomethingNew" }, {}],
    scripts: { one: collector({ port }) },
  });
  await it.environment.init();
  await it.invoke();
  await it.end();
  expect(one(it.journal("one").events(), "platform.initRuntimeDone")).toMatchObject({
    errorType: "Function.SomethingNew",
  });
});
