/** Invoke on the wire: headers, bodies, limits, errors (SVC-128 to SVC-151). */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { readFileSync, rmSync } from "node:fs";
import type { BegunCall } from "../../src/service/invoke/begin-call.ts";
import { expect, test } from "vitest";
import { eventually, logTailOf, newGate, openGate, openService, type Service } from "../fixtures/services.ts";

const codeDirectoryOf = ({ controlPlane }: Service, name: string): string =>
  controlPlane.directory.current("us-east-1", name, "$LATEST")?.codeDirectory ?? "none";

const parsed = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

test("[SVC-128] [SVC-08] [LIFE-09] a waiting call is answered with the handler's bytes, and the request id the handler saw", async () => {
  const service = await openService();
  await service.create("told", {
    bootstrap: `await serve(({ requestId }) => '{ "id" : "' + requestId + '" }');`,
  });
  expect(service.environments()).toEqual([]);
  const answer = await service.invoke("told");
  expect(answer.status).toBe(200);
  expect(answer.text).toBe(`{ "id" : "${answer.headers.get("x-amzn-requestid")}" }`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("x-amz-executed-version")).toBe("$LATEST");
  expect(answer.headers.get("x-amzn-trace-id")).toMatch(
    /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/u,
  );
  expect(answer.headers.get("x-amz-function-error")).toBeNull();
  expect(answer.headers.get("x-amz-log-result")).toBeNull();
});

test("[SVC-129] the event reaches the runtime byte for byte, and an empty one as {}", async () => {
  const service = await openService();
  await service.create("echo");
  const odd = '  {"a" : 1.0,\n "é":[ ]}  ';
  expect((await service.invoke("echo", odd, { "content-type": "text/plain" })).text).toBe(odd);
  expect((await service.invoke("echo", "")).text).toBe("{}");
});

test("[SVC-130] a body that is no JSON is refused before a handler runs", async () => {
  const service = await openService();
  await service.create("echo");
  for (const type of ["RequestResponse", "Event"]) {
    const answer = await service.invoke("echo", "{no", { "x-amz-invocation-type": type });
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([400, "InvalidRequestContentException"]);
    expect(parsed(answer.text)).toMatchObject({ Type: "User" });
    expect(parsed(answer.text)["message"]).toMatch(/^Could not parse request body into json: /u);
  }
  const notUtf8 = await service.invoke("echo", Buffer.from([0x22, 0xff, 0x22]));
  expect(notUtf8.status).toBe(400);
  expect(service.environments()).toEqual([]);
});

test.each([
  ["RequestResponse", 6_291_456],
  ["Event", 1_048_576],
])("[SVC-131] a body above the limit of %s is refused, one at the limit is not", async (type, limit) => {
  const service = await openService();
  await service.create("short", { bootstrap: 'await serve(() => "1");' });
  const body = (bytes: number): string => `"${"x".repeat(bytes - 2)}"`;
  const headers = { "x-amz-invocation-type": type };
  expect((await service.invoke("short", body(limit), headers)).status).toBeLessThan(300);
  const answer = await service.invoke("short", body(limit + 1), headers);
  expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([413, "RequestEntityTooLargeException"]);
  expect(parsed(answer.text)).toEqual({
    Message: `${limit + 1} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
  });
});

test("[SVC-132] a response above 6,291,556 bytes is an error of the function", async () => {
  const service = await openService();
  await service.create("long", { bootstrap: `await serve(({ body }) => '"' + "x".repeat(Number(body) - 2) + '"');` });
  expect((await service.invoke("long", "6291556")).bytes.length).toBe(6_291_556);
  const answer = await service.invoke("long", "6291557");
  expect([answer.status, answer.headers.get("x-amz-function-error")]).toEqual([200, "Unhandled"]);
  expect(parsed(answer.text)).toEqual({
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    errorType: "Function.ResponseSizeTooLarge",
  });
});

test("[SVC-133] [SVC-227] an error of the function is a 200 with its JSON, and the environment goes on with its globals", async () => {
  const service = await openService();
  await service.create("failing", {
    files: {
      "index.mjs":
        'let count = 0; export const handler = async (event) => { count += 1; if (event.fail) throw new TypeError("no " + event.fail); return count; };',
    },
  });
  const answer = await service.invoke("failing", '{"fail":"luck"}');
  expect([answer.status, answer.headers.get("x-amz-function-error")]).toEqual([200, "Unhandled"]);
  expect(parsed(answer.text)).toMatchObject({ errorType: "TypeError", errorMessage: "no luck" });
  const output = await service.lambda.send(new InvokeCommand({ FunctionName: "failing", Payload: '{"fail":"x"}' }));
  expect(output.FunctionError).toBe("Unhandled");
  expect((await service.invoke("failing")).text).toBe("3");
});

test("[SVC-134] a timeout is told as AWS tells it, and loses the globals but not the environment", async () => {
  const service = await openService();
  await service.create("slow", {
    Timeout: 1,
    bootstrap:
      'let count = 0; await serve(async ({ body }) => { count += 1; if (body === "1") await forever(); return String(count); });',
  });
  await service.invoke("slow");
  const answer = await service.invoke("slow", "1");
  const id = answer.headers.get("x-amzn-requestid");
  expect([answer.status, answer.headers.get("x-amz-function-error")]).toEqual([200, "Unhandled"]);
  expect(parsed(answer.text)).toEqual({
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${id} Error: Task timed out after 1.00 seconds`,
  });
  await eventually(() => expect(service.environments()[0]?.state).toBe("idle"));
  expect((await service.invoke("slow")).text).toBe("1");
  expect(service.environments()).toHaveLength(1);
});

test("[SVC-135] a runtime that exits is told with its status", async () => {
  const service = await openService();
  await service.create("exits", { bootstrap: "const { body } = await next(); process.exit(Number(body));" });
  for (const [status, text] of [
    ["127", "Runtime exited with error: exit status 127"],
    ["0", "Runtime exited without providing a reason"],
  ]) {
    const answer = await service.invoke("exits", status);
    const id = answer.headers.get("x-amzn-requestid");
    expect(answer.headers.get("x-amz-function-error")).toBe("Unhandled");
    expect(parsed(answer.text)).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${id} Error: ${text}`,
    });
  }
});

test("[SVC-136] [SVC-144] an extension that exits is told, unless the runtime had answered, and the next call finds a reset environment", async () => {
  const service = await openService();
  await service.create("crashing", {
    bootstrap: "let count = 0; await serve(() => String(++count));",
    extensions: {
      ext: 'const { id } = await register(["INVOKE"]); for (let n = 0; ; n++) { await event(id); if (n === 1) process.exit(3); }',
    },
    Timeout: 10,
  });
  expect((await service.invoke("crashing")).text).toBe("1");
  await service.invoke("crashing");
  await eventually(() => expect(service.environments()[0]?.state).toBe("idle"));
  expect((await service.invoke("crashing")).text).toBe("1");
  expect(service.environments()).toHaveLength(1);
});

test("[SVC-137] an Init error is the answer of the call that needed the environment, after two attempts", async () => {
  const service = await openService();
  const marks = newGate("attempts");
  await service.create("broken", {
    bootstrap: `require("node:fs").appendFileSync(${JSON.stringify(marks)}, "x"); await initError('{"errorMessage":"no config","errorType":"ConfigError"}'); process.exit(1);`,
  });
  const answer = await service.invoke("broken");
  expect([answer.status, answer.headers.get("x-amz-function-error")]).toEqual([200, "Unhandled"]);
  expect(parsed(answer.text)).toEqual({ errorMessage: "no config", errorType: "ConfigError" });
  expect(readFileSync(marks, "utf8")).toBe("xx");
});

test("[SVC-139] a dry run answers 204, starts nothing, and finds out what is missing", async () => {
  const service = await openService();
  await service.create("echo");
  const headers = { "x-amz-invocation-type": "DryRun", "x-amz-log-type": "Tail" };
  const answer = await service.invoke("echo", "{}", headers);
  expect([answer.status, answer.text, answer.headers.get("x-amz-log-result")]).toEqual([204, "", null]);
  expect(service.environments()).toEqual([]);
  const missing = await service.invoke("none", "{}", headers);
  expect([missing.status, missing.headers.get("x-amzn-errortype")]).toEqual([404, "ResourceNotFoundException"]);
});

test("[SVC-141] [SVC-142] [OBS-40] the log tail has START, the function's lines, END and REPORT, and none comes unasked", async () => {
  const service = await openService();
  await service.create("talks", {
    bootstrap: 'await serve(({ body }) => { console.log("said " + body); return body; });',
  });
  const answer = await service.invoke("talks", "1", { "x-amz-log-type": "Tail" });
  const tail = logTailOf(answer).toString("utf8");
  const id = answer.headers.get("x-amzn-requestid");
  expect(tail).toContain(
    `START RequestId: ${id} Version: $LATEST\nsaid 1\nEND RequestId: ${id}\nREPORT RequestId: ${id}`,
  );
  const without = await service.invoke("talks", "2", { "x-amz-log-type": "None" });
  expect(without.headers.get("x-amz-log-result")).toBeNull();
  const event = await service.invoke("talks", "3", { "x-amz-log-type": "Tail", "x-amz-invocation-type": "Event" });
  expect([event.status, event.headers.get("x-amz-log-result")]).toEqual([202, null]);
});

test("[SVC-142] the tail is the last 4,096 bytes of the log", async () => {
  const service = await openService();
  await service.create("talks", {
    bootstrap:
      'await serve(() => { for (let n = 0; n < 200; n++) console.log("line " + n + " " + "é".repeat(20)); return "1"; });',
  });
  const answer = await service.invoke("talks", "1", { "x-amz-log-type": "Tail" });
  const tail = logTailOf(answer);
  expect(tail.length).toBeGreaterThanOrEqual(4090);
  expect(tail.length).toBeLessThanOrEqual(4100);
  expect(tail.toString("utf8")).toMatch(/line 199 é{20}\nEND /u);
});

test("[SVC-143] [SVC-206] without a tail the answer does not wait for extensions; with one it does; the slot is held until they are done", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("busy", {
    bootstrap: "await serve();",
    extensions: { ext: `await follow((await register(["INVOKE"])).id, () => gate(${JSON.stringify(gate)}));` },
    Timeout: 30,
  });
  await service.call("PUT", "/2017-10-31/functions/busy/concurrency", '{"ReservedConcurrentExecutions":1}');
  expect((await service.invoke("busy", "1")).text).toBe("1");
  const throttled = await service.invoke("busy", "2");
  expect(throttled.status).toBe(429);
  openGate(gate);
  await eventually(async () =>
    expect((await service.invoke("busy", "3", { "x-amz-log-type": "Tail" })).status).toBe(200),
  );
});

test("[SVC-198] [SVC-199] a throttled call is answered as AWS does, and SDKs raise it with its reason", async () => {
  const service = await openService();
  await service.create("echo");
  await service.call("PUT", "/2017-10-31/functions/echo/concurrency", '{"ReservedConcurrentExecutions":0}');
  const answer = await service.invoke("echo");
  expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([429, "TooManyRequestsException"]);
  expect(parsed(answer.text)).toEqual({
    Type: "User",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    message: "Rate Exceeded.",
  });
  await expect(service.lambda.send(new InvokeCommand({ FunctionName: "echo" }))).rejects.toMatchObject({
    name: "TooManyRequestsException",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  });
});

test("[SVC-145] the client context reaches the handler, and what is none is refused, but for events", async () => {
  const service = await openService();
  await service.create("context", {
    bootstrap: 'await serve(({ headers }) => headers["lambda-runtime-client-context"] ?? "null");',
  });
  const context = '{"custom":{"a":"b"}}';
  const encoded = Buffer.from(context).toString("base64");
  expect((await service.invoke("context", "{}", { "x-amz-client-context": encoded })).text).toBe(context);
  for (const bad of [
    "not base64!",
    Buffer.from("no json").toString("base64"),
    Buffer.from('"text"').toString("base64"),
  ]) {
    const answer = await service.invoke("context", "{}", { "x-amz-client-context": bad });
    expect([answer.status, parsed(answer.text)["message"]]).toEqual([
      400,
      "Client context must be a valid Base64-encoded JSON object.",
    ]);
    const event = await service.invoke("context", "{}", {
      "x-amz-client-context": bad,
      "x-amz-invocation-type": "Event",
    });
    expect(event.status).toBe(202);
  }
});

test("[SVC-146] [SVC-147] [SVC-148] the handler sees the ARN as it was asked for, the version that runs, and the caller's trace", async () => {
  const service = await openService();
  await service.create("seen", {
    bootstrap: `await serve(({ headers }) => JSON.stringify({ arn: headers["lambda-runtime-invoked-function-arn"], trace: headers["lambda-runtime-trace-id"], version: process.env.AWS_LAMBDA_FUNCTION_VERSION, memory: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, group: process.env.AWS_LAMBDA_LOG_GROUP_NAME }));`,
    MemorySize: 256,
  });
  await service.call("POST", "/2015-03-31/functions/seen/versions", "{}");
  await service.call("POST", "/2015-03-31/functions/seen/aliases", '{"Name":"live","FunctionVersion":"1"}');
  const root = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const latest = await service.invoke("seen", "{}", { "x-amzn-trace-id": root });
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:seen";
  expect(parsed(latest.text)).toEqual({
    arn,
    trace: root,
    version: "$LATEST",
    memory: "256",
    group: "/aws/lambda/seen",
  });
  const alias = await service.invoke("seen", "{}", {}, "?Qualifier=live");
  expect(parsed(alias.text)).toMatchObject({ arn: `${arn}:live`, version: "1" });
  expect(alias.headers.get("x-amz-executed-version")).toBe("1");
});

test("[SVC-149] a client that goes away does not stop the invocation, and its environment is used again", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("goes-on", {
    bootstrap: `let count = 0; await serve(async () => { count += 1; if (count === 1) await gate(${JSON.stringify(gate)}); return String(count); });`,
    Timeout: 30,
  });
  const leaving = new AbortController();
  const left = fetch(`${service.endpoint}/2015-03-31/functions/goes-on/invocations`, {
    method: "POST",
    body: "{}",
    signal: leaving.signal,
  });
  await eventually(() => expect(service.environments()[0]?.state).toBe("busy"));
  leaving.abort();
  await expect(left).rejects.toThrow("abort");
  openGate(gate);
  await eventually(() => expect(service.environments()[0]?.state).toBe("idle"));
  expect((await service.invoke("goes-on")).text).toBe("2");
});

test("[SVC-150] code that is no longer there is a failure of the service", async () => {
  const service = await openService();
  await service.create("gone");
  rmSync(codeDirectoryOf(service, "gone"), { recursive: true });
  const answer = await service.invoke("gone");
  expect([answer.status, answer.headers.get("x-amzn-errortype")]).toEqual([502, "InvalidZipFileException"]);
  expect(parsed(answer.text)).toMatchObject({ Type: "Server" });
});

test("[RT-34] the answer is application/json whatever content type the runtime sent, and need not be JSON", async () => {
  const service = await openService();
  await service.create("plain", {
    bootstrap: `for (;;) { const { requestId } = await next(); await respond(requestId, "<no JSON>", { "Content-Type": "text/html" }); }`,
  });
  const answer = await service.invoke("plain");
  expect([answer.status, answer.headers.get("content-type"), answer.text]).toEqual([
    200,
    "application/json",
    "<no JSON>",
  ]);
  expect(answer.headers.get("x-amz-function-error")).toBeNull();
});

test("[SVC-150] [RT-50] an event that cannot be handed to the runtime is a failure of the service, and the next call is served", async () => {
  const service = await openService();
  await service.create("echo");
  const call = {
    target: { region: "us-east-1", name: "echo" },
    requestId: "no header can carry\nthis",
    payload: Buffer.from("1"),
    streaming: false,
  };
  const begun = (await service.invoker.begin(call)) as Extract<BegunCall, { kind: "begun" }>;
  expect(await begun.inFlight.answered).toMatchObject({
    kind: "service error",
    exception: "ServiceException",
    message: expect.stringContaining("Invalid character in header content") as string,
  });
  expect((await service.invoke("echo", "2")).text).toBe("2");
});
