/** Frames of the log descriptor, log formats, and the log tail a caller gets. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { events, lines, open, said, writeCode } from "../fixtures/environments.ts";
import { echo, follower, program } from "../fixtures/programs.ts";

/** A managed runtime whose wrapper is the runtime itself: it sees the descriptor before a client takes it away. */
const managed = (body: string) => ({
  files: { "index.mjs": "export const handler = async () => 1;" },
  environmentVariables: { AWS_LAMBDA_EXEC_WRAPPER: join(writeCode({ wrapper: program(frames + body) }), "wrapper") },
});

const frames = `
  const { writeSync, closeSync } = require("node:fs");
  const descriptor = Number(process.env._LAMBDA_TELEMETRY_LOG_FD);
  const frame = (type, milliseconds, text, length = Buffer.byteLength(text)) => {
    const head = Buffer.alloc(16);
    head.writeUInt32BE(type, 0);
    head.writeUInt32BE(length, 4);
    head.writeBigInt64BE(BigInt(milliseconds) * 1000n + 999n, 8);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const write = (bytes) => writeSync(descriptor, bytes);
`;
const textInfo = "0xa55a000f";
const at = 1_790_000_000_123;

test("[CAP-23] gives runtimes an open descriptor and names it, and gives extensions none", async () => {
  const environment = await open({
    ...managed(
      `say({ named: process.env._LAMBDA_TELEMETRY_LOG_FD }); write(frame(${textInfo}, ${at}, "open")); ${echo}`,
    ),
    extensions: {
      teller: `say({ names: Object.keys(process.env).filter((name) => name.startsWith("_LAMBDA")) }); ${follower}`,
    },
  });
  await environment.invoke();
  expect(said(environment, "function")).toEqual([{ named: expect.stringMatching(/^\d+$/) }]);
  expect(said(environment, "extension")).toEqual([{ names: [] }]);
  expect(lines(environment, "function")).toContain("open");
});

test("[CAP-36] leaves it out where the runtime is the customer's own", async () => {
  const environment = await open({ bootstrap: "await serve(() => JSON.stringify(process.env));" });
  expect((await environment.invoke()).payload).not.toHaveProperty("_LAMBDA_TELEMETRY_LOG_FD");
});

test("[CAP-24, CAP-25, CAP-27, CAP-29, CAP-35] makes one record of a frame, with its LFs and its time", async () => {
  const environment = await open(managed(`write(frame(0xa55a0017, ${at}, "line one\\nline two")); ${echo}`));
  await environment.invoke();
  expect(events(environment, "function")).toEqual([
    { time: new Date(at).toISOString(), type: "function", record: "line one\nline two" },
  ]);
});

test("[CAP-26] puts frames together that come in pieces, and takes several of one write apart", async () => {
  const environment = await open(
    managed(`
      const two = Buffer.concat([frame(${textInfo}, ${at}, "first"), frame(${textInfo}, ${at}, "second")]);
      for (const [from, to] of [[0, 3], [3, 18], [18, two.length]]) write(two.subarray(from, to));
      ${echo}
    `),
  );
  await environment.invoke();
  expect(lines(environment, "function")).toEqual(["first", "second"]);
});

test("[CAP-28] ends a frame in the log tail by an LF that the record does not have", async () => {
  const environment = await open(
    managed(`await serve(() => { write(frame(${textInfo}, ${at}, "framed")); return "1"; });`),
  );
  const { logTail, requestId } = await environment.invoke();
  expect(logTail).toContain(`START RequestId: ${requestId} Version: $LATEST\nframed\nEND RequestId`);
  expect(lines(environment, "function")).toEqual(["framed"]);
});

test("[CAP-34] makes a record of the part of a frame that came before the end", async () => {
  const environment = await open(
    managed(`await next(); write(frame(${textInfo}, ${at}, "half", 100)); process.exit(1);`),
  );
  await environment.invoke();
  expect(lines(environment, "function")).toEqual(["half"]);
});

test("[CAP-38, CAP-40, CAP-43] keeps JSON lines strings in Text, and makes objects of them in JSON", async () => {
  const bootstrap = `console.log('{"level":"INFO","n":1.0}'); console.log("plain"); ${echo}`;
  const text = await open({ bootstrap });
  await text.invoke();
  expect(events(text, "function").map(({ record }) => record)).toEqual(['{"level":"INFO","n":1.0}\n', "plain\n"]);
  await text.kill();
  const json = await open({ bootstrap, logFormat: "JSON" });
  await json.invoke();
  expect(events(json, "function").map(({ record }) => record)).toEqual([{ level: "INFO", n: 1 }, "plain\n"]);
});

test("[OBS-29, OBS-30, OBS-36, OBS-39] writes system lines as telemetry events in JSON, without an END", async () => {
  const environment = await open({ logFormat: "JSON", systemLogLevel: "DEBUG" });
  const { logTail } = await environment.invoke();
  const types = logTail
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types).toEqual([
    "platform.initRuntimeDone",
    "platform.initReport",
    "platform.start",
    "platform.runtimeDone",
    "platform.report",
  ]);
  // In the log they are the events of the newest schema, one each, and there is nothing else.
  const logged = environment.logs.map(({ message }) => JSON.parse(message) as { type: string; record: object });
  expect(logged.map(({ type }) => type)).toEqual(["platform.initStart", ...types]);
  expect(logged.map((event) => Object.keys(event))).toEqual(logged.map(() => ["time", "type", "record"]));
  expect(logged).toEqual(environment.telemetry.filter(({ type }) => type.startsWith("platform.")));
});

test("[OBS-37, CAP-50] filters neither tail nor telemetry by the level of the log", async () => {
  const environment = await open({
    bootstrap: `await serve(() => (console.log('{"level":"DEBUG","message":"quiet"}'), "1"));`,
    logFormat: "JSON",
    applicationLogLevel: "ERROR",
  });
  const { logTail } = await environment.invoke();
  expect(logTail).toContain('{"level":"DEBUG","message":"quiet"}\n');
  expect(events(environment, "function")).toHaveLength(1);
});

test("[OBS-34, OBS-35] gives the last 4,096 bytes of the log, cut by bytes", async () => {
  const environment = await open({
    bootstrap:
      'await serve(() => { for (let i = 0; i < 200; i++) console.log(i + " " + "ü".repeat(30)); return "1"; });',
  });
  const { logTail } = await environment.invoke();
  expect(Buffer.byteLength(logTail)).toBeGreaterThanOrEqual(4096);
  expect(Buffer.byteLength(logTail)).toBeLessThanOrEqual(4099);
  expect(logTail).toContain("199 ü");
  expect(logTail).not.toContain("START");
});

test("[OBS-11, OBS-38, OBS-16] has the output of Init and the EXTENSION lines in the first tail only, and no INIT_START", async () => {
  const environment = await open({
    bootstrap: `console.log("in Init"); await serve(({ body }) => (console.log("in Invoke"), body));`,
    extensions: { follower },
  });
  const first = (await environment.invoke()).logTail;
  const second = (await environment.invoke()).logTail;
  expect(first).toMatch(/^in Init\nEXTENSION\tName: follower\tState: Ready\tEvents: \[INVOKE, SHUTDOWN\]\nSTART /);
  expect(first).not.toContain("INIT_START");
  expect(second).toMatch(/^START .*\nin Invoke\nEND .*\nREPORT .*\n$/);
});

test("[OBS-20, OBS-26] ends a success with a TAB, without a status", async () => {
  const environment = await open();
  await environment.invoke();
  const { logTail, requestId } = await environment.invoke();
  expect(logTail).toMatch(
    new RegExp(
      String.raw`\nREPORT RequestId: ${requestId}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t\n$`,
    ),
  );
});

test("[OBS-23] names the trace of a sampled invocation after its REPORT", async () => {
  const environment = await open();
  const root = "1-5759e988-bd862e3fe1be46a994272793";
  const { logTail } = await environment.invoke({}, { traceHeader: `Root=${root};Parent=53995c3f42cd8ad8;Sampled=1` });
  expect(logTail).toMatch(new RegExp(String.raw`\nXRAY TraceId: ${root}\tSegmentId: [0-9a-f]{16}\tSampled: true\t\n$`));
});

test("[OBS-25] writes an ordinary REPORT for a handler's error", async () => {
  const environment = await open({ bootstrap: "for (;;) await fail((await next()).requestId, '{}');" });
  expect((await environment.invoke()).logTail).toMatch(/Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n$/);
});

test("[ENV-82] shows the peak of memory, also of processes that were ended for it, and never lets it fall", async () => {
  const environment = await open({
    bootstrap: `
      await serve(({ body }) => {
        if (body === '"hang"') return forever();
        const kept = body === '"much"' ? Buffer.alloc(60_000_000, 1) : Buffer.alloc(0);
        return String(kept.length);
      });
    `,
    memorySizeMb: 256,
    timeoutMs: 1000,
  });
  const used = [
    await environment.invoke("little"),
    await environment.invoke("much"),
    await environment.invoke("little"),
    await environment.invoke("hang"),
  ].map(({ maxMemoryUsedMb }) => maxMemoryUsedMb);
  expect(used[0]).toBeGreaterThan(0);
  expect(used[1]).toBeGreaterThanOrEqual(used[0]! + 40);
  expect(used[2]).toBeGreaterThanOrEqual(used[1]!);
  expect(used[3]).toBeGreaterThanOrEqual(used[2]!);
  expect(used[3]).toBeLessThanOrEqual(256);
});
