/** Streamed responses from the runtime to the caller, chunk by chunk. */
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { newGate, open, openGate, records, said } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";

const MiB = 1_048_576;
const streaming = { streaming: true };
const timeoutMs = 120_000;

/** Answers each event with these chunks, an expression. */
const streamed = (chunks: string, rest = ""): string => `
  for (;;) {
    const { requestId } = await next();
    const answer = await stream(requestId, ${chunks}${rest});
    say({ status: answer.status });
  }
`;

async function textOf(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

async function lengthOf(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const piece of stream) bytes += (piece as Buffer).length;
  return bytes;
}

test("[RT-51, RT-52] hands bytes and content type to the caller while the runtime is still sending", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: streamed(
      `(async function* () { yield "first "; await gate(${JSON.stringify(gate)}); yield "second"; })()`,
      ', { "Content-Type": "text/event-stream" }',
    ),
    timeoutMs,
  });
  const invocation = environment.invoke({}, streaming);
  const [first] = (await new Promise((resolve) => {
    invocation.stream.once("data", (piece: Buffer) => resolve([piece.toString()]));
  })) as [string];
  expect(first).toBe("first ");
  expect(invocation.stream.contentType).toBe("text/event-stream");
  invocation.stream.pause();
  openGate(gate);
  expect(await textOf(invocation.stream)).toBe("second");
  expect(await invocation).toMatchObject({ payload: "first second", status: "success" });
});

test("[RT-53, RT-55] delivers 7 MiB intact, what exceeds 6 MiB at no more than 2 MiB a second", async () => {
  const environment = await open({
    bootstrap: streamed(
      `(async function* () { for (let i = 0; i < 112; i++) yield Buffer.alloc(65536, 97 + (i % 26)); })()`,
    ),
    timeoutMs,
  });
  const { payloadBytes, durationMs } = await environment.invoke({}, streaming);
  const expected = Buffer.concat(Array.from({ length: 112 }, (_, i) => Buffer.alloc(65_536, 97 + (i % 26))));
  expect(Buffer.from(payloadBytes).equals(expected)).toBe(true);
  expect(durationMs).toBeGreaterThanOrEqual(490);
});

test("[RT-56] lets a stream pass as fast as it can when the rate limit is switched off, and says so", async () => {
  const environment = await open({
    bootstrap: streamed(`(function* () { for (let i = 0; i < 32; i++) yield Buffer.alloc(${MiB}); })()`),
    limitStreamingRate: false,
    timeoutMs,
  });
  const invocation = environment.invoke({}, streaming);
  expect(await lengthOf(invocation.stream)).toBe(32 * MiB);
  // With the limit it would take 13 seconds.
  expect((await invocation).durationMs).toBeLessThan(10_000);
  expect(environment.notices.map(({ text }) => text).join("\n")).toContain("streaming rate: unlimited");
});

test("[RT-54] forwards one byte more than 200 MiB, drops the rest, and ends the stream normally", async () => {
  const environment = await open({
    bootstrap: streamed(
      `(function* () { const piece = Buffer.alloc(${MiB}, "x"); for (let i = 0; i < 202; i++) yield piece; })()`,
    ),
    limitStreamingRate: false,
    timeoutMs,
  });
  const invocation = environment.invoke({}, streaming);
  expect(await lengthOf(invocation.stream)).toBe(200 * MiB + 1);
  expect((await invocation).status).toBe("success");
  expect(said(environment, "function")).toEqual([{ status: 202 }]);
});

test("[RT-57] collects a streamed response for a caller that does not stream", async () => {
  const environment = await open({ bootstrap: streamed('["one ", "two"]') });
  const invocation = environment.invoke();
  expect(await invocation.answered()).toEqual({ payload: "one two" });
});

test("[RT-57] holds a streamed response to 6,291,556 bytes for a caller that does not stream", async () => {
  const environment = await open({ bootstrap: streamed('["x".repeat(6_291_556), "y"]'), timeoutMs });
  expect(await environment.invoke()).toMatchObject({
    functionError: "Unhandled",
    payload: { errorType: "Function.ResponseSizeTooLarge" },
  });
  expect(said(environment, "function")).toEqual([{ status: 413 }]);
});

const startAndHang = '(async function* () { yield "begun"; await forever(); })()';

test("[RT-57] gives a caller that does not stream the timeout, and nothing of the part", async () => {
  const environment = await open({ bootstrap: streamed(startAndHang), timeoutMs: 1000 });
  expect(await environment.invoke()).toMatchObject({
    functionError: "Unhandled",
    payload: { errorType: "Sandbox.Timedout" },
  });
});

test("[RT-63] leaves a streaming caller what was sent before the timeout, without a mark, and replaces the process", async () => {
  const environment = await open({ bootstrap: streamed(startAndHang), timeoutMs: 1000 });
  const invocation = environment.invoke({}, streaming);
  expect(await textOf(invocation.stream)).toBe("begun");
  const result = await invocation;
  expect(result).toMatchObject({ payload: "begun", status: "timeout" });
  expect(result).not.toHaveProperty("functionError");
  expect(environment.snapshot.phase).toBe("empty");
});

test("[RT-63] drops what a runtime still streams after the timeout, while it is being ended", async () => {
  const environment = await open({
    bootstrap: `
      process.on("SIGTERM", () => {});
      ${streamed('(async function* () { for (;;) { yield "more "; await new Promise((resolve) => setTimeout(resolve, 5)); } })()')}
    `,
    extensions: { follower },
    timeoutMs: 1000,
  });
  const invocation = environment.invoke({}, streaming);
  expect(await textOf(invocation.stream)).toMatch(/^(more )+$/);
  expect((await invocation).status).toBe("timeout");
});

test("[RT-58] gives a streaming caller a response that was not streamed, and then the end", async () => {
  const environment = await open();
  const invocation = environment.invoke("whole", streaming);
  expect(await textOf(invocation.stream)).toBe('"whole"');
  expect(await invocation).toMatchObject({ payload: "whole", status: "success" });
});

test("[RT-61] keeps the bytes and shows no mark when the stream ends in error trailers", async () => {
  const environment = await open({
    bootstrap: streamed(
      '["half"]',
      `, { Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body" }, {
        "Lambda-Runtime-Function-Error-Type": "Runtime.Broken",
        "Lambda-Runtime-Function-Error-Body": Buffer.from("{}").toString("base64"),
      }`,
    ),
  });
  const result = await environment.invoke({}, streaming);
  expect(result).toMatchObject({ payload: "half", status: "success" });
  expect(result).not.toHaveProperty("functionError");
  expect(records(environment, "platform.runtimeDone")).toMatchObject([{ status: "success" }]);
});

test("[RT-62] makes an error the stream's bytes without a mark, and a function error for others", async () => {
  const environment = await open({
    bootstrap: 'for (;;) { const { requestId } = await next(); await fail(requestId, \'{"errorType":"Sorry"}\'); }',
  });
  const invocation = environment.invoke({}, streaming);
  expect(await textOf(invocation.stream)).toBe('{"errorType":"Sorry"}');
  expect(await invocation).not.toHaveProperty("functionError");
  expect(await environment.invoke()).toMatchObject({ functionError: "Unhandled", payload: { errorType: "Sorry" } });
});

test("[RT-64] reads the upload to its end when the caller has gone", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: streamed(
      `(async function* () { yield "first"; await gate(${JSON.stringify(gate)}); for (let i = 0; i < 20; i++) yield Buffer.alloc(${MiB}); })()`,
    ),
    limitStreamingRate: false,
    timeoutMs,
  });
  const invocation = environment.invoke({}, streaming);
  await new Promise((resolve) => {
    invocation.stream.once("data", resolve);
  });
  invocation.stream.destroy();
  openGate(gate);
  expect((await invocation).status).toBe("success");
  expect(said(environment, "function")).toEqual([{ status: 202 }]);
});
