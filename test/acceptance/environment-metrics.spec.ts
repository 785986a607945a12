/** Metrics of real functions: what CloudWatch would have of them, with and without extensions and subscriptions. */
import { describe, expect, test } from "vitest";
import { open, records } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";

/** An extension that takes all telemetry, and one that only watches. */
const subscriber = `
  const { createServer } = require("node:http");
  const server = createServer((request, response) => request.resume().on("end", () => response.end())).listen(0, "0.0.0.0");
  await new Promise((listening) => server.once("listening", listening));
  const { id } = await register(["INVOKE", "SHUTDOWN"]);
  await call("PUT", "/2022-07-01/telemetry", {
    headers: { "Lambda-Extension-Identifier": id },
    body: JSON.stringify({
      schemaVersion: "2022-12-13",
      types: ["platform", "function", "extension"],
      buffering: { timeoutMs: 25, maxBytes: 262144, maxItems: 1000 },
      destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:" + server.address().port },
    }),
  });
  await follow(id);`;

const extensionsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "no extension": {},
  "an extension": { watcher: follower },
  "an extension that takes all telemetry": { subscriber },
};

/** Answers, fails, crashes or waits for ever, as its event says. */
const obedient = `
  for (;;) {
    const { requestId, body } = await next();
    const { do: what } = JSON.parse(body);
    if (what === "crash") process.exit(3);
    if (what === "wait") await forever();
    if (what === "fail") await fail(requestId, JSON.stringify({ errorType: "Error", errorMessage: "no" }));
    else if (what === "flood") await respond(requestId, "x".repeat(7 * 1024 * 1024));
    else await respond(requestId, body);
  }`;

describe.each(Object.entries(extensionsOf))("with %s", (_, extensions) => {
  test("[OBS-01, OBS-43, OBS-44] every invocation counts, and every error of whatever kind", async () => {
    const environment = await open({ bootstrap: obedient, extensions, timeoutMs: 1000 });
    const commands = ["answer", "fail", "flood", "crash", "answer", "wait", "answer"];
    for (const what of commands) await environment.invoke({ do: what });
    expect(environment.metrics.values("Invocations")).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(environment.metrics.values("Errors")).toEqual([0, 1, 1, 1, 0, 1, 0]);
  });

  test("[OBS-03, OBS-46] durations are those of the reports, a timeout's is the limit", async () => {
    const environment = await open({ bootstrap: obedient, extensions, timeoutMs: 1000 });
    for (const what of ["answer", "wait", "answer"]) await environment.invoke({ do: what });
    const reported = records(environment, "platform.report").map(({ metrics }) => metrics.durationMs);
    const measured = environment.metrics.values("Duration");
    expect(measured.map((value) => Math.round(value * 1000) / 1000)).toEqual(reported);
    expect(measured[1]).toBe(1000);
  });

  test("[OBS-57] a line in the embedded metric format publishes, whatever else there is", async () => {
    const environment = await open({
      bootstrap: `await serve(({ body }) => { process.stdout.write(JSON.parse(body)); return "{}"; });`,
      extensions,
    });
    await environment.invoke(`${embedded("Shop", { orders: 2 })}\n`);
    await environment.invoke(`${embedded("Shop", { orders: [1, 5] })}\n`);
    expect(environment.metrics.values("orders")).toEqual([2, 1, 5]);
  });
});

const embedded = (namespace: string, values: Readonly<Record<string, unknown>>, time = Date.now()): string =>
  JSON.stringify({
    _aws: {
      Timestamp: time,
      CloudWatchMetrics: [
        { Namespace: namespace, Dimensions: [["service"]], Metrics: Object.keys(values).map((Name) => ({ Name })) },
      ],
    },
    service: "till",
    ...values,
  });

test("[OBS-47] what extensions do after the response is measured, with zeros, and not without extensions", async () => {
  const slow = `
    const { id } = await register(["INVOKE"]);
    for (;;) { await event(id); await new Promise((resume) => setTimeout(resume, 30)); }`;
  const with_ = await open({ extensions: { slow } });
  await with_.invoke();
  const spans = records(with_, "platform.report").flatMap((report) => report.spans);
  const overhead = spans.find((span) => span?.name === "extensionOverhead");
  const [measured = 0] = with_.metrics.values("PostRuntimeExtensionsDuration");
  expect(measured).toBeGreaterThan(0);
  expect(measured).toBeCloseTo(Number(overhead?.durationMs), 2);

  const internalOnly = await open({ extensions: { idle: `await follow((await register(["SHUTDOWN"])).id);` } });
  await internalOnly.invoke();
  expect(internalOnly.metrics.values("PostRuntimeExtensionsDuration")).toEqual([0]);

  const without = await open();
  await without.invoke();
  expect(without.metrics.values("PostRuntimeExtensionsDuration")).toEqual([]);
});

test("[OBS-42] the function's metrics are published for all, the function and what was called", async () => {
  const environment = await open({ functionName: "shop" });
  await environment.invoke({}, { qualifier: "live" });
  const sets = environment.metrics.list().filter(({ name }) => name === "Errors");
  expect(sets.map(({ dimensions }) => dimensions)).toEqual([
    { FunctionName: "shop", Resource: "shop:live" },
    { FunctionName: "shop" },
    {},
  ]);
});

test("[OBS-44] a failed Init is an error of the invocation that caused it", async () => {
  const environment = await open({ bootstrap: "process.exit(1);" });
  await environment.invoke();
  expect([environment.metrics.sum("Invocations"), environment.metrics.sum("Errors")]).toEqual([1, 1]);
});

test("[OBS-57] extensions publish too, on stdout and on stderr", async () => {
  const line = JSON.stringify(`${embedded("Tool", { spans: 7 })}\n`);
  const environment = await open({
    extensions: {
      tool: `process.stdout.write(${line}); process.stderr.write(${line}); await follow((await register(["INVOKE"])).id);`,
    },
  });
  await environment.invoke();
  expect(environment.metrics.sum("spans", { namespace: "Tool", dimensions: { service: "till" } })).toBe(14);
});

test("[OBS-58] what the log level holds back publishes nothing, and telemetry has the record unchanged", async () => {
  const handler = `
    export const handler = async ({ line }) => { console.debug(JSON.parse(line)); console.error(JSON.parse(line)); };`;
  const environment = await open({
    files: { "index.mjs": handler },
    runtime: "nodejs20.x",
    logFormat: "JSON",
    applicationLogLevel: "ERROR",
  });
  await environment.invoke({ line: embedded("Shop", { orders: 2 }) });
  // Node.js's own JSON puts the object below `message`: no event of this format.
  expect(environment.metrics.list().filter(({ namespace }) => namespace === "Shop")).toEqual([]);

  const raw = await open({
    files: { "index.mjs": `export const handler = async ({ line }) => { process.stdout.write(line + "\\n"); };` },
    runtime: "nodejs20.x",
    logFormat: "JSON",
    applicationLogLevel: "ERROR",
  });
  const event = (level: string) =>
    embedded("Shop", { orders: 2 }).replace("{", `{"level":"${level}","timestamp":"2026-11-23T08:00:00Z",`);
  await raw.invoke({ line: event("INFO") });
  expect(raw.metrics.values("orders")).toEqual([]);
  await raw.invoke({ line: event("ERROR") });
  expect(raw.metrics.values("orders")).toEqual([2]);
});

describe("asking for a metric", () => {
  test("gives its values, sum, number and statistics", async () => {
    const environment = await open({
      bootstrap: `await serve(() => { process.stdout.write(${JSON.stringify(`${embedded("Shop", { size: [1, 2, 3, 4] })}\n`)}); return "{}"; });`,
    });
    await environment.invoke();
    const { metrics } = environment;
    expect([metrics.sum("size"), metrics.sampleCount("size"), metrics.statistic("size", "p50")]).toEqual([10, 4, 2.5]);
    expect(() => metrics.statistic("size", "median")).toThrow(expect.objectContaining({ code: "statistic-unknown" }));
    expect([metrics.sum("other"), metrics.statistic("other", "Maximum")]).toEqual([0, undefined]);
  });

  test("by a name that several have is refused, with the choices", async () => {
    const lines = [embedded("Shop", { orders: 1 }), embedded("Elsewhere", { orders: 2 })].join("\n");
    const environment = await open({
      bootstrap: `await serve(() => { process.stdout.write(${JSON.stringify(`${lines}\n`)}); return "{}"; });`,
    });
    await environment.invoke();
    expect(() => environment.metrics.sum("orders")).toThrow(
      expect.objectContaining({
        code: "metric-ambiguous",
        message: 'More than one metric is called "orders": Elsewhere with service=till; Shop with service=till.',
      }),
    );
    expect(environment.metrics.sum("orders", { namespace: "Shop" })).toBe(1);
  });
});
