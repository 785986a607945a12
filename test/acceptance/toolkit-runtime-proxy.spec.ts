/** The toolkit's Runtime API proxy, between real runtimes and the platform. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { wrapperScript } from "../../src/toolkit/runtime-proxy/runtime-proxy.ts";
import { newGate, open, openGate, said, type Setup, writeCode } from "../fixtures/environments.ts";
import { extensionFile } from "../fixtures/toolkit/shipping.ts";

/** A port for each test file and no other: the wrapper script has to know it. */
const port = 10_000 + (process.pid % 200);

/** A managed runtime behind a proxy that an external extension runs, as the guide has it. */
const proxied = (hooks: string, handler: string, setup: Setup = {}) => {
  const wrapper = join(writeCode({ wrapper: wrapperScript(port) }), "wrapper");
  return open({
    files: { "index.mjs": handler },
    runtime: "nodejs22.x",
    extensionPaths: [
      extensionFile(
        "between.mjs",
        `const say = (value) => console.log(JSON.stringify(value));
         await startRuntimeProxy({ port: ${port}, ${hooks} });
         defineExtension({});`,
      ),
    ],
    ...setup,
    environmentVariables: { AWS_LAMBDA_EXEC_WRAPPER: wrapper },
  });
};

const echo = "export const handler = async (event) => ({ event, api: process.env.AWS_LAMBDA_RUNTIME_API });";

test("lets everything pass where there is no hook, and is what the runtime talks to", async () => {
  const environment = await proxied("", echo);
  const event = { text: "ü".repeat(10_000) };
  for (let at = 0; at < 3; at += 1)
    expect((await environment.invoke(event)).payload).toEqual({ event, api: `127.0.0.1:${port}` });
  expect(await environment.invoke(event)).toMatchObject({ status: "success" });
});

test("sees each event and response with its invocation", async () => {
  const environment = await proxied(
    `onEvent: ({ requestId, deadlineMs, invokedFunctionArn }) => {
       let bytes = 0;
       return observing((piece) => (bytes += piece.length), () => say({ saw: "event", requestId, bytes, inTime: deadlineMs > Date.now(), arn: invokedFunctionArn.split(":").at(-1) }));
     },
     onResponse: (invocation, { streaming }) => void say({ saw: "response", requestId: invocation.requestId, streaming }),`,
    echo,
    { functionName: "orders" },
  );
  const { requestId } = await environment.invoke({ a: 1 });
  expect(said(environment, "extension")).toEqual([
    { saw: "event", requestId, bytes: 7, inTime: true, arn: "orders" },
    { saw: "response", requestId, streaming: false },
  ]);
});

test("changes events and responses", async () => {
  const environment = await proxied(
    `onEvent: () => changingJson((event) => ({ ...event, added: "on the way in" })),
     onResponse: () => changingJson((response) => ({ ...response, and: "out" })),`,
    "export const handler = async (event) => event;",
  );
  expect((await environment.invoke({ given: 1 })).payload).toEqual({ given: 1, added: "on the way in", and: "out" });
});

test("sees errors with their invocation, and changes them", async () => {
  const environment = await proxied(
    `onError: ({ requestId }) => {
       say({ requestId });
       return changingJson((error) => ({ ...error, errorMessage: "hidden" }));
     },`,
    'export const handler = async () => { throw new TypeError("a secret"); };',
  );
  const { payload, requestId } = await environment.invoke();
  expect(payload).toMatchObject({ errorType: "TypeError", errorMessage: "hidden" });
  expect(said(environment, "extension")).toEqual([{ requestId }]);
});

test("lets a body pass as it was when a change or a hook throws", async () => {
  const environment = await proxied(
    `onEvent: () => changingWhole(() => { throw new Error("no"); }),
     onResponse: () => { throw new Error("neither"); },
     onProblem: ({ code }) => say({ code }),`,
    "export const handler = async (event) => event;",
  );
  expect((await environment.invoke({ given: 1 })).payload).toEqual({ given: 1 });
  expect(said(environment, "extension")).toEqual([{ code: "hook-failed" }]);
});

test("[RT-51] hands a streamed response on while the runtime is still sending", async () => {
  const gate = newGate();
  const environment = await proxied(
    "onResponse: (_, { streaming }) => { say({ streaming }); return observing((piece) => say({ piece: piece.toString() })); },",
    `import { existsSync } from "node:fs";
     export const handler = awslambda.streamifyResponse(async (event, stream) => {
       stream.write("first ");
       while (!existsSync(event.gate)) await new Promise((resume) => setTimeout(resume, 5));
       stream.end("second");
     });`,
    { timeoutMs: 30_000 },
  );
  const invocation = environment.invoke({ gate }, { streaming: true });
  const first = await new Promise((resolve) => {
    invocation.stream.once("data", (piece: Buffer) => resolve(piece.toString()));
  });
  expect(first).toBe("first ");
  openGate(gate);
  expect(await invocation).toMatchObject({ status: "success", payload: "first second" });
  expect(said(environment, "extension")[0]).toEqual({ streaming: true });
});

test("passes trailers on: an error in the middle of a stream is told as it would be without the proxy", async () => {
  const handler = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.write("half");
    await new Promise((resume) => setTimeout(resume, 50));
    throw new RangeError("in the middle");
  });`;
  const through = await proxied("", handler);
  const direct = await open({ files: { "index.mjs": handler }, runtime: "nodejs22.x" });
  const told = async (environment: typeof direct) => {
    const { status, payload, functionError } = await environment.invoke({}, { streaming: true });
    return { status, payload, functionError };
  };
  expect(await told(through)).toEqual(await told(direct));
});

test("is left behind by nobody: a time-out of the function does not harm the invocations after it", async () => {
  const environment = await proxied(
    "",
    "export const handler = async ({ hangs }) => (hangs ? new Promise((resume) => setTimeout(resume, 60_000)) : 'well');",
    { timeoutMs: 1000 },
  );
  expect(await environment.invoke({ hangs: true })).toMatchObject({ status: "timeout" });
  expect((await environment.invoke({})).payload).toBe("well");
});

test("two of them stand behind one another: what one adds the other one sees", async () => {
  const [first, second] = [port + 200, port + 400];
  const wrapper = join(writeCode({ wrapper: wrapperScript(second) }), "wrapper");
  const adding = (word: string): string =>
    `onEvent: () => changingJson((event) => ({ ...event, seen: [...(event.seen ?? []), "${word}"] })),
     onResponse: () => changingJson((response) => ({ ...response, left: [...(response.left ?? []), "${word}"] })),`;
  const environment = await open({
    files: { "index.mjs": echo },
    runtime: "nodejs22.x",
    extensionPaths: [
      extensionFile(
        "chained.mjs",
        `const { runtimeApi } = await startRuntimeProxy({ port: ${first}, ${adding("outer")} });
         await startRuntimeProxy({ name: "inner", port: ${second}, runtimeApi, ${adding("inner")} });
         defineExtension({});`,
      ),
    ],
    environmentVariables: { AWS_LAMBDA_EXEC_WRAPPER: wrapper },
  });
  expect((await environment.invoke({})).payload).toEqual({
    event: { seen: ["outer", "inner"] },
    api: `127.0.0.1:${second}`,
    left: ["inner", "outer"],
  });
});
