/** Tracing: what runtime, extension and log are told, the platform's segments, and the daemon of the environment. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Environment, Trace, TraceSegment } from "lambdarium";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually, newGate, open, records, said } from "../fixtures/environments.ts";

const root = "1-5759e988-bd862e3fe1be46a994272793";
const sampled = `Root=${root};Parent=53995c3f42cd8ad8;Sampled=1`;

/** Answers with what the runtime got. */
const tellHeader = `
  await serve(({ headers }) => JSON.stringify(headers["lambda-runtime-trace-id"]));
`;
const tellEvents = `
  const { id } = await register(["INVOKE"]);
  for (;;) say(JSON.parse((await event(id)).body));
`;

/** Parts of a program that sends documents to the daemon as its event says. */
const daemonClient = `
  const { createSocket } = require("node:dgram");
  const [host, port] = process.env.AWS_XRAY_DAEMON_ADDRESS.split(":");
  const socket = createSocket("udp4");
  const header = '{"format":"json","version":1}';
  const datagram = (text) => new Promise((sent) => socket.send(Buffer.from(text), Number(port), host, sent));
  const document = (value) => datagram(header + "\\n" + JSON.stringify(value));
  const parsed = (text) => Object.fromEntries(text.split(";").map((pair) => pair.split("=")));
  const subsegment = (trace, id, more) => ({
    id, name: "sub " + id, type: "subsegment", trace_id: trace.Root, parent_id: trace.Parent,
    start_time: Date.now() / 1000, end_time: Date.now() / 1000, ...more });
`;
/** Each invocation runs \`body\` with the trace of its header; \`input\` is the event. */
const sender = (body: string): string => `
  ${daemonClient}
  await serve(async ({ headers, body: text }) => {
    const trace = parsed(headers["lambda-runtime-trace-id"]);
    const input = JSON.parse(text);
    ${body}
    return JSON.stringify(trace);
  });
`;

const one = (environment: Environment): Trace => {
  const [trace, ...more] = environment.traces;
  expect(more).toEqual([]);
  return trace!;
};
const names = (segments: readonly TraceSegment[] = []): readonly string[] => segments.map(({ name }) => name);
const end = ({ startedAt, durationMs = Number.NaN }: TraceSegment): number => startedAt + durationMs;

describe("the trace header", () => {
  test("[OBS-63, OBS-64, OBS-65, OBS-66, OBS-23] names another parent to the runtime, to the extension and to telemetry", async () => {
    const environment = await open({ tracing: "Active", bootstrap: tellHeader, extensions: { teller: tellEvents } });
    const traceHeader = `${sampled};Lineage=1:4e491d77:0`;
    const { payload, logTail } = await environment.invoke({}, { traceHeader });
    const trace = one(environment);
    const [service, invoked] = trace.segments;
    const invocation = trace.find("Invocation");
    const [told] = said<{ tracing: { type: string; value: string } }>(environment, "extension");
    expect(payload).toBe(`Root=${root};Parent=${invocation?.id};Sampled=1;Lineage=1:4e491d77:0`);
    expect(told?.tracing).toEqual({
      type: "X-Amzn-Trace-Id",
      value: `Root=${root};Parent=${invoked?.id};Sampled=1;Lineage=1:4e491d77:0`,
    });
    expect(records(environment, "platform.report")[0]?.tracing).toEqual({
      spanId: invoked?.id,
      type: "X-Amzn-Trace-Id",
      value: `Root=${root};Parent=${service?.id};Sampled=1`,
    });
    expect(logTail).toMatch(`\nXRAY TraceId: ${root}\tSegmentId: ${invoked?.id}\tSampled: true\t\n`);
  });

  test("[OBS-62, OBS-68] Active without a header samples the first request of a second", async () => {
    const environment = await open({ tracing: "Active", bootstrap: tellHeader });
    const { payload } = await environment.invoke();
    const trace = one(environment);
    expect(payload).toBe(`Root=${trace.id};Parent=${trace.find("Invocation")?.id};Sampled=1`);
    expect(trace.roots[0]?.document).not.toHaveProperty("parent_id");
  });

  test("[OBS-69, OBS-62] Sampled=0 is kept: no segment, no XRAY line, one header for all", async () => {
    const environment = await open({ tracing: "Active", bootstrap: tellHeader, extensions: { teller: tellEvents } });
    const traceHeader = `Root=${root};Parent=53995c3f42cd8ad8;Sampled=0`;
    const { payload, logTail } = await environment.invoke({}, { traceHeader });
    const [told] = said<{ tracing: { value: string } }>(environment, "extension");
    expect(payload).toBe(traceHeader);
    expect(told?.tracing.value).toBe(traceHeader);
    expect(logTail).not.toContain("XRAY");
    expect(environment.traces).toEqual([]);
  });

  test("[OBS-67] PassThrough forwards the header and makes no segment", async () => {
    const environment = await open({ bootstrap: tellHeader });
    expect((await environment.invoke({}, { traceHeader: sampled })).payload).toBe(sampled);
    expect((await environment.invoke()).payload).toMatch(/;Sampled=0$/);
    expect(environment.traces).toEqual([]);
  });
});

describe("the platform's segments", () => {
  test("[OBS-70, OBS-71, OBS-72, OBS-73, OBS-74, OBS-77, OBS-03] of a cold and of a warm invocation agree with telemetry", async () => {
    const environment = await open({ tracing: "Active", bootstrap: tellHeader });
    const cold = await environment.invoke({}, { traceHeader: sampled });
    await environment.invoke({}, { traceHeader: sampled.replace("5759e988", "5759e989") });
    const [first, second] = environment.traces;
    const arn = `arn:aws:lambda:us-east-1:123456789012:function:${environment.functionName}`;
    const [service, invoked] = first!.segments;
    expect(service?.document).toMatchObject({
      origin: "AWS::Lambda",
      name: environment.functionName,
      trace_id: root,
      parent_id: "53995c3f42cd8ad8",
      http: { response: { status: 200 } },
      aws: { request_id: cold.requestId },
      resource_arn: arn,
    });
    expect(first!.requestIds).toEqual([cold.requestId]);
    expect(invoked?.document).toMatchObject({
      origin: "AWS::Lambda::Function",
      parent_id: service?.id,
      aws: { function_arn: arn, account_id: "123456789012", resource_names: [environment.functionName] },
    });
    expect(names(invoked?.children)).toEqual(["Initialization", "Invocation", "Overhead"]);
    expect(names(second!.segments[1]?.children)).toEqual(["Invocation", "Overhead"]);
    const [initialization, invocation, overhead] = invoked!.children;
    const [report] = records(environment, "platform.report");
    const [init] = records(environment, "platform.initReport");
    expect(initialization?.durationMs).toBeCloseTo(Number(init?.metrics.durationMs), 1);
    expect(end(initialization!)).toBeLessThanOrEqual(Number(invoked?.startedAt) + 0.01);
    expect(invoked?.durationMs).toBeCloseTo(Number(report?.metrics.durationMs), 1);
    expect(end(invocation!)).toBeCloseTo(Number(overhead?.startedAt), 2);
    expect(end(overhead!)).toBeCloseTo(end(invoked!), 2);
    for (const { id } of first!.segments) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  test("[OBS-01, OBS-72] are the same beside an extension with a subscription, and Overhead waits for the extension", async () => {
    const slow = `
      const { id } = await register(["INVOKE"]);
      await call("PUT", "/2022-07-01/telemetry", {
        headers: { "Lambda-Extension-Identifier": id },
        body: JSON.stringify({ schemaVersion: "2022-12-13", types: ["platform"],
          destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:9" } }),
      });
      for (;;) { await event(id); await new Promise((resume) => setTimeout(resume, 100)); }
    `;
    const environment = await open({ tracing: "Active", bootstrap: tellHeader, extensions: { slow } });
    await environment.invoke({}, { traceHeader: sampled });
    const [, invoked] = one(environment).segments;
    expect(names(invoked?.children)).toEqual(["Initialization", "Invocation", "Overhead"]);
    expect(one(environment).find("Overhead")?.durationMs).toBeGreaterThan(50);
  });

  test("[OBS-76] an error of the handler is an error and a fault, with the runtime's cause", async () => {
    const environment = await open({
      tracing: "Active",
      runtime: "nodejs22.x",
      files: { "index.mjs": 'export const handler = async () => { throw new RangeError("out of reach"); };' },
    });
    await environment.invoke({}, { traceHeader: sampled });
    const trace = one(environment);
    for (const segment of [trace.segments[1], trace.find("Invocation")]) {
      expect(segment).toMatchObject({ error: true, fault: true });
      expect(segment?.document).toMatchObject({
        cause: { exceptions: [{ type: "RangeError", message: "out of reach" }] },
      });
    }
    expect(trace.segments[0]).toMatchObject({ error: false, fault: false });
  });

  test.each([
    ["a crash", "process.exit(3)", {}],
    ["a timeout", "await forever()", { timeoutMs: 1000 }],
  ])("[OBS-76] %s is a fault", async (_, body, options) => {
    const environment = await open({ tracing: "Active", bootstrap: `await next(); ${body};`, ...options });
    await environment.invoke({}, { traceHeader: sampled });
    const trace = one(environment);
    for (const segment of [trace.segments[1], trace.find("Invocation")])
      expect(segment).toMatchObject({ error: false, fault: true });
    expect(trace.find("Overhead")).toBeUndefined();
  });

  test("[OBS-73] an Init that failed and was tried again inside the invocation is sent with that invocation", async () => {
    const bootstrap = `
      const { existsSync, writeFileSync } = require("node:fs");
      const mark = process.env.MARK;
      if (!existsSync(mark)) { writeFileSync(mark, ""); process.exit(1); }
      await serve();
    `;
    const environment = await open({ tracing: "Active", bootstrap, environmentVariables: { MARK: newGate("mark") } });
    const { status } = await environment.invoke({}, { traceHeader: sampled });
    expect(status).toBe("success");
    const [, invoked] = one(environment).segments;
    expect(names(invoked?.children)).toEqual(["Initialization", "Invocation", "Overhead"]);
    expect(invoked?.children[0]?.startedAt).toBeGreaterThanOrEqual(Number(invoked?.startedAt) - 0.01);
  });
});

describe("the daemon", () => {
  test("[OBS-79, OBS-81] what the function sends joins below Invocation, as soon as the invocation is over", async () => {
    const body = `
      await document(subsegment(trace, "00000000000000a2", { parent_id: "00000000000000a1", name: "inner" }));
      await document(subsegment(trace, "00000000000000a1", { name: "outer", annotations: { parcel: 17 } }));
    `;
    const environment = await open({ tracing: "Active", bootstrap: sender(body) });
    await environment.invoke({}, { traceHeader: sampled });
    const trace = one(environment);
    const [outer] = trace.find("Invocation")!.children;
    expect(outer).toMatchObject({ name: "outer", kind: "subsegment", annotations: { parcel: 17 } });
    expect(names(outer?.children)).toEqual(["inner"]);
  });

  test("[OBS-80] what is no datagram of its kind is dropped, and later ones still work", async () => {
    const body = `
      const dropped = JSON.stringify(subsegment(trace, "00000000000000b1", { name: "dropped" }));
      for (const head of ['{"format":"xml","version":1}\\n', '{"format":"json","version":2}\\n', header, "\\n", "junk\\n"])
        await datagram(head + dropped);
      for (const whole of ["", "{", header + "\\n", header + "\\nno document"]) await datagram(whole);
      await datagram('{"format":"JSON","version":1}\\n' + JSON.stringify(subsegment(trace, "00000000000000b2", { name: "kept" })));
    `;
    const environment = await open({ tracing: "Active", bootstrap: sender(body) });
    await environment.invoke({}, { traceHeader: sampled });
    expect(names(one(environment).find("Invocation")?.children)).toEqual(["kept"]);
    expect(environment.notices.filter(({ text }) => text.startsWith("A datagram to the X-Ray daemon"))).toMatchObject([
      { text: expect.stringContaining('{"format":"json","version":1}') },
      { text: expect.stringContaining("ParseError") },
    ]);
  });

  test("[OBS-82] a function cannot change the function segment", async () => {
    const body = `
      await document({ ...subsegment(trace, trace.Parent, { parent_id: "00000000000000c1" }), name: "forged" });
      await document({ id: input.functionSegment, name: "forged", trace_id: trace.Root, start_time: 1, end_time: 2 });
    `;
    const environment = await open({ tracing: "Active", bootstrap: sender(body), extensions: { teller: tellEvents } });
    await environment.invoke({}, { traceHeader: sampled });
    const before = one(environment).segments[1]!;
    await environment.invoke({ functionSegment: before.id }, { traceHeader: sampled });
    expect(one(environment).find("forged")).toBeUndefined();
    expect(one(environment).segments.find(({ id }) => id === before.id)?.document).toEqual(before.document);
  });

  test("[OBS-83] one in progress is seen, and replaced when it is complete", async () => {
    const body = `
      const more = input.done ? {} : { in_progress: true, end_time: undefined };
      await document(subsegment({ Root: "${root}", Parent: "00000000000000d0" }, "00000000000000d1", { name: "long", ...more }));
    `;
    const environment = await open({ bootstrap: sender(body) });
    await environment.invoke({ done: false });
    expect(one(environment).find("long")).not.toHaveProperty("durationMs");
    await environment.invoke({ done: true });
    expect(one(environment).find("long")?.durationMs).toBeGreaterThanOrEqual(0);
    expect(one(environment).segments).toHaveLength(1);
  });

  test("[OBS-84] datagrams up to 65,507 bytes are read", async () => {
    const body = `
      const base = subsegment(trace, "00000000000000e1", { name: "long", metadata: { text: "" } });
      const room = 65507 - header.length - 1 - JSON.stringify(base).length;
      await document({ ...base, metadata: { text: "x".repeat(room) } });
    `;
    const environment = await open({ tracing: "Active", bootstrap: sender(body) });
    await environment.invoke({}, { traceHeader: sampled });
    const { metadata } = one(environment).find("long")!;
    expect(String(metadata["text"]).length).toBeGreaterThan(65_000);
  });

  test("[OBS-84] a function that sends more than anybody can read is neither held up nor failed", async () => {
    const body = `for (let i = 0; i < 5000; i++) socket.send(header + "\\n{}", Number(port), host);
      await document(subsegment(trace, "00000000000000f1"));`;
    const environment = await open({ tracing: "Active", timeoutMs: 30_000, bootstrap: sender(body) });
    for (let i = 0; i < 3; i++) expect(await environment.invoke()).toMatchObject({ status: "success" });
  });

  test("[OBS-85] what the function sends is there in mode PassThrough too, below the caller's parent", async () => {
    const environment = await open({ bootstrap: sender('await document(subsegment(trace, "00000000000000a1"));') });
    await environment.invoke({}, { traceHeader: sampled });
    const trace = one(environment);
    expect(trace.id).toBe(root);
    expect(trace.segments.map(({ document }) => document["parent_id"])).toEqual(["53995c3f42cd8ad8"]);
  });

  test("[OBS-85] everything is forwarded to a real daemon when one is configured", async () => {
    const daemon = createSocket("udp4").bind(0, "127.0.0.1");
    onTestFinished(() => void daemon.close());
    await once(daemon, "listening");
    const received: string[] = [];
    daemon.on("message", (bytes) => received.push(String(bytes)));
    const environment = await open({
      tracing: "Active",
      bootstrap: sender('await document(subsegment(trace, "00000000000000a1", { name: "own" }));'),
      xrayDaemon: `127.0.0.1:${daemon.address().port}`,
    });
    await environment.invoke({}, { traceHeader: sampled });
    const documents = await eventually(() => {
      expect(received).toHaveLength(3);
      return received.map((text) => JSON.parse(text.slice(text.indexOf("\n"))) as { id: string; origin?: string });
    });
    expect(received.every((text) => text.startsWith('{"format":"json","version":1}\n'))).toBe(true);
    expect(new Set(documents.map(({ origin }) => origin))).toEqual(
      new Set(["AWS::Lambda", "AWS::Lambda::Function", undefined]),
    );
    for (const { id } of documents) expect(one(environment).segments.map((segment) => segment.id)).toContain(id);
  });

  test("[OBS-85] an address that is none is refused before anything is started", async () => {
    await expect(open({ xrayDaemon: "localhost" })).rejects.toMatchObject({ code: "invalid-setting" });
  });

  test("answers a program that asks by TCP what is to be sampled, as the daemon hands it on from X-Ray", async () => {
    const body = `
      const ask = (path, value) => fetch("http://" + process.env.AWS_XRAY_DAEMON_ADDRESS + path,
        { method: "POST", body: value === undefined ? undefined : JSON.stringify(value) });
      const documents = [{ RuleName: "Default", ClientID: "0".repeat(24), Timestamp: 1, RequestCount: 1, SampledCount: 1 }];
      say({ rules: await (await ask("/GetSamplingRules")).json(),
        targets: await (await ask("/SamplingTargets", { SamplingStatisticsDocuments: documents })).json(),
        other: (await ask("/TraceSummaries", {})).status });
    `;
    const environment = await open({ bootstrap: sender(body) });
    await environment.invoke();
    const told = await eventually(() => said(environment, "function")[0]!);
    expect(told).toMatchObject({
      rules: { SamplingRuleRecords: [{ SamplingRule: { RuleName: "Default", FixedRate: 0.05, ReservoirSize: 1 } }] },
      targets: { SamplingTargetDocuments: [{ RuleName: "Default", FixedRate: 0.05, ReservoirQuota: 1 }] },
      other: 404,
    });
  });
});
