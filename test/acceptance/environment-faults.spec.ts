/** Bad input and faults: a clear answer to each, and nothing left behind (which every test here checks at its end). */
import { createServer } from "node:net";
import { join } from "node:path";
import { createEnvironment } from "lambdarium";
import { expect, test } from "vitest";
import {
  eventually,
  lines,
  open,
  optionsOf,
  records,
  said,
  writeCode,
  writeExtension,
} from "../fixtures/environments.ts";
import { follower, program } from "../fixtures/programs.ts";
import { directoriesIn } from "../fixtures/traces.ts";

test("says that there is no such function, and makes nothing", async () => {
  const path = join(writeCode({}), "nowhere");
  const before = directoriesIn(process.env["TMPDIR"]!);
  await expect(createEnvironment({ function: path })).rejects.toMatchObject({
    code: "function-not-found",
    message: `There is no function at ${path}.`,
    mendedBy: "user",
  });
  expect(directoriesIn(process.env["TMPDIR"]!)).toEqual(before);
});

test("says that an extension or a layer is missing", async () => {
  const path = join(writeCode({}), "nowhere");
  await expect(createEnvironment({ ...optionsOf({}), extensions: [path] })).rejects.toMatchObject({
    code: "extension-not-found",
  });
  await expect(createEnvironment(optionsOf({ layers: [path] }))).rejects.toMatchObject({ code: "layer-not-found" });
});

test("refuses an archive that is none, and leaves nothing of it", async () => {
  const code = writeCode({ "broken.zip": "certainly no archive" });
  await expect(createEnvironment({ function: join(code, "broken.zip") })).rejects.toMatchObject({
    code: "archive-unreadable",
  });
  expect(directoriesIn(process.env["TMPDIR"]!)).toEqual([]);
});

test.each([
  {
    what: "no such module",
    files: { "index.mjs": "export const handler = 1;" },
    handler: "absent.handler",
    error: { errorType: "Runtime.ImportModuleError" },
  },
  {
    what: "no such export",
    files: { "index.mjs": "export const other = () => 1;" },
    handler: "index.handler",
    error: { errorType: "Runtime.HandlerNotFound", errorMessage: "index.handler is undefined or not exported" },
  },
  {
    what: "a handler that is no function",
    files: { "index.mjs": "export const handler = 'text';" },
    handler: "index.handler",
    error: { errorType: "Runtime.HandlerNotFound", errorMessage: "index.handler is not a function" },
  },
  {
    what: "a syntax error",
    files: { "index.mjs": "export const handler = async () => {{;" },
    handler: "index.handler",
    error: { errorType: "Runtime.UserCodeSyntaxError" },
  },
])(
  "[ENV-107, ENV-108, RT-78] answers with the runtime's own error when there is $what",
  async ({ files, handler, error }) => {
    const environment = await open({ files, handler, runtime: "nodejs22.x" });
    expect(await environment.invoke()).toMatchObject({ functionError: "Unhandled", payload: error });
    expect(environment.snapshot.phase).toBe("empty");
  },
);

test("[LIFE-126] loses nothing of 20 MB that an extension floods stdout with, and goes on", async () => {
  const environment = await open({
    extensions: {
      flooding: `
        const line = "x".repeat(99_999) + "\\n";
        await follow((await register(["INVOKE"])).id, async () => {
          for (let i = 0; i < 200; i++) require("node:fs").writeFileSync(1, line);
        });
      `,
    },
    timeoutMs: 60_000,
  });
  expect(await environment.invoke("event")).toMatchObject({ payload: "event", status: "success" });
  const bytes = lines(environment, "extension").reduce((sum, line) => sum + line.length, 0);
  expect(bytes).toBe(20_000_000);
});

test("[RT-49] fails an invocation whose answer breaks off, and gives the caller none of the part", async () => {
  const environment = await open({
    bootstrap: `
      const { requestId } = await next();
      const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
      const socket = require("node:net").connect(Number(port), host);
      socket.write("POST /2018-06-01/runtime/invocation/" + requestId + "/response HTTP/1.1\\r\\nHost: " + host + "\\r\\nContent-Length: 100\\r\\n\\r\\nhalf");
      socket.end();
      await forever();
    `,
    timeoutMs: 5000,
  });
  const invocation = environment.invoke();
  expect(await invocation.answered()).toEqual({
    functionError: "Unhandled",
    payload: {
      errorType: "Runtime.TruncatedResponse",
      errorMessage: `RequestId: ${invocation.requestId} Error: Runtime.TruncatedResponse`,
    },
  });
});

test("[RT-12] refuses a runtime call of an extension before there is a runtime, and goes on", async () => {
  const environment = await open({
    extensions: { early: `const { status, body } = await next(); say({ status, body }); ${follower}` },
  });
  expect((await environment.invoke("event")).payload).toBe("event");
  expect(said(environment, "extension")).toEqual([
    { status: 403, body: expect.stringContaining("InvalidStateTransition") },
  ]);
});

test("gives a Node.js function a payload that is no JSON as an error of its runtime", async () => {
  const environment = await open({ files: { "index.mjs": "export const handler = async () => 1;" } });
  expect(await environment.invoke(Buffer.from("{no json"))).toMatchObject({
    functionError: "Unhandled",
    status: "success",
  });
  expect((await environment.invoke({})).payload).toBe(1);
});

test("shows why an extension ended that found its port taken", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { port: number };
  const environment = await open({
    extensions: { listening: `require("node:http").createServer().listen(${port}, "127.0.0.1"); await forever();` },
  });
  expect(await environment.init()).toEqual({ status: "error", errorType: "Extension.Crash", text: "exit status 1" });
  expect(lines(environment, "extension").join("")).toContain(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
  server.close();
});

test("[LIFE-126] is disturbed neither by half-open connections, floods of calls nor invalid bodies, and neither is another environment", async () => {
  const environment = await open({
    extensions: {
      hostile: `
        const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
        const { connect } = require("node:net");
        for (let i = 0; i < 20; i++) connect(Number(port), host).write("POST /2020-01-01/extension/register HTTP/1.1\\r\\nHost: " + host + "\\r\\nContent-Length: 1000\\r\\n\\r\\n{");
        connect(Number(port), host).end("\\0\\0 no HTTP at all\\r\\n\\r\\n");
        const { id } = await register(["INVOKE"]);
        const bad = [
          () => call("PUT", "/2022-07-01/telemetry", { headers: { "Lambda-Extension-Identifier": id }, body: "[[[" }),
          () => call("POST", "/2020-01-01/extension/register", { headers: { "Lambda-Extension-Name": "x" }, body: "\\0" }),
          () => call("GET", "/2020-01-01/extension/event/next", { headers: { "Lambda-Extension-Identifier": "no uuid" } }),
          () => call("POST", "/2018-06-01/runtime/invocation/none/response", { body: "x".repeat(100_000) }),
          () => call("DELETE", "/anything"),
        ];
        const statuses = await Promise.all(Array.from({ length: 200 }, (_, i) => bad[i % bad.length]()));
        say({ refused: statuses.every(({ status }) => status >= 400), answers: statuses.length });
        await follow(id);
      `,
    },
    timeoutMs: 60_000,
  });
  const other = await open();
  const [one, two] = await Promise.all([environment.invoke("one"), other.invoke("two")]);
  expect([one.payload, two.payload]).toEqual(["one", "two"]);
  expect(said(environment, "extension")).toEqual([{ refused: true, answers: 200 }]);
  expect((await other.invoke("three")).payload).toBe("three");
});

test("[LIFE-127] ends every invocation of a function and an extension that crash at random", async () => {
  const environment = await open({
    bootstrap: `let count = 0; await serve(({ body }) => (++count % 2 === 0 ? process.exit(1) : body));`,
    extensions: {
      fragile:
        'let count = 0; await follow((await register(["INVOKE"])).id, async () => { if (++count % 3 === 0) process.exit(1); });',
    },
  });
  const results = await Promise.all(Array.from({ length: 8 }, (_, i) => environment.invoke(i)));
  expect(results).toHaveLength(8);
  expect(records(environment, "platform.report")).toHaveLength(8);
});

test("[LIFE-128] keeps every change of state in order, with time and generation", async () => {
  const environment = await open({ extensions: { follower } });
  await environment.invoke();
  environment.reset();
  await eventually(() => expect(environment.snapshot.phase).toBe("empty"));
  await environment.invoke();
  await environment.shutdown();
  const { history } = environment;
  const times = history.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(history.map(({ generation }) => generation))).toEqual(new Set([1, 2]));
  const seen = history.flatMap(({ event, effects }) => [event.event, ...effects.map(({ effect }) => effect)]);
  for (const change of [
    "called",
    "thawed",
    "runtime exited",
    "extension exited",
    "signal runtime",
    "freeze",
    "thaw",
    "destroy",
  ])
    expect(seen).toContain(change);
});

test("leaves an environment that was never used without a trace", async () => {
  const environment = await createEnvironment({
    ...optionsOf({}),
    extensions: [writeExtension("e", program(follower))],
  });
  await environment[Symbol.asyncDispose]();
  expect(environment.snapshot.phase).toBe("gone");
  await expect(environment.invoke()).rejects.toMatchObject({ code: "service-exception" });
});
