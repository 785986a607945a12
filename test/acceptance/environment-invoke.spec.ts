/** One invocation as runtime, extension and caller see it. */
import { expect, test } from "vitest";
import { events, open, pidOf, records, said } from "../fixtures/environments.ts";

/** Answers with what came with the event. */
const tellEvent = `
  await serve(({ headers, body }) => JSON.stringify({ headers, body: Buffer.from(body).toString("base64") }));
`;
/** Says each event as it was received. */
const tellEvents = `
  const { id } = await register(["INVOKE"]);
  for (;;) {
    const { headers, body } = await event(id);
    say({ headers, body });
  }
`;

interface Told {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

test("[RT-17, OBS-18, OBS-19] gives runtime, extension, caller and log the same request id", async () => {
  const environment = await open({ bootstrap: tellEvent, extensions: { teller: tellEvents } });
  const invocation = environment.invoke();
  const { requestId, payload, logTail } = await invocation;
  expect(requestId).toMatch(uuid);
  expect(invocation.requestId).toBe(requestId);
  expect((payload as Told).headers["lambda-runtime-aws-request-id"]).toBe(requestId);
  expect(JSON.parse(said<Told>(environment, "extension")[0]!.body)).toMatchObject({ requestId });
  expect(logTail).toContain(`START RequestId: ${requestId} Version: $LATEST\n`);
  expect(logTail).toContain(`END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\t`);
});

test("[EXT-52, EXT-53, EXT-56, EXT-57, RT-16] hands out the event and its INVOKE in AWS's form, byte for byte", async () => {
  const environment = await open({ bootstrap: tellEvent, extensions: { teller: tellEvents } });
  const { requestId, payload } = await environment.invoke({ secret: "payload" });
  const { headers } = payload as Told;
  const [told] = said<Told>(environment, "extension");
  const arn = `arn:aws:lambda:us-east-1:123456789012:function:${environment.functionName}`;
  const deadlineMs = headers["lambda-runtime-deadline-ms"];
  const trace = headers["lambda-runtime-trace-id"];
  expect(told?.body).toBe(
    `{"eventType":"INVOKE","deadlineMs":${deadlineMs},"requestId":"${requestId}","invokedFunctionArn":"${arn}","tracing":{"type":"X-Amzn-Trace-Id","value":"${trace}"}}`,
  );
  expect(told?.headers["content-type"]).toBe("application/json");
  expect(told?.headers["lambda-extension-event-identifier"]).toMatch(uuid);
  expect(headers["content-type"]).toBe("application/json");
  expect(headers["lambda-runtime-invoked-function-arn"]).toBe(arn);
});

test("[RT-18, RT-19, EXT-54, LIFE-42] counts the deadline from the release, whatever a cold Init took", async () => {
  const environment = await open({
    bootstrap: `await new Promise((resolve) => setTimeout(resolve, 1200)); ${tellEvent}`,
    extensions: { teller: tellEvents },
    timeoutMs: 1000,
  });
  const { payload } = await environment.invoke();
  const deadlineMs = Number((payload as Told).headers["lambda-runtime-deadline-ms"]);
  const released = Date.parse(events(environment, "platform.start")[0]!.time);
  expect(deadlineMs - released).toBeGreaterThanOrEqual(998);
  expect(deadlineMs - released).toBeLessThanOrEqual(1002);
  expect(JSON.parse(said<Told>(environment, "extension")[0]!.body)).toMatchObject({ deadlineMs });
});

test("[RT-20, EXT-55] shows the ARN with the qualifier the caller used", async () => {
  const environment = await open({ bootstrap: tellEvent, extensions: { teller: tellEvents } });
  const { payload } = await environment.invoke({}, { qualifier: "live" });
  const arn = `arn:aws:lambda:us-east-1:123456789012:function:${environment.functionName}:live`;
  expect((payload as Told).headers["lambda-runtime-invoked-function-arn"]).toBe(arn);
  expect(said<Told>(environment, "extension")[0]?.body).toContain(`"invokedFunctionArn":"${arn}"`);
});

test("[RT-21] makes a trace header of its own when the caller sent none", async () => {
  const environment = await open({ bootstrap: tellEvent });
  const { payload } = await environment.invoke();
  expect((payload as Told).headers["lambda-runtime-trace-id"]).toMatch(
    /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
  );
});

test("[RT-22] keeps the root and the decision of the caller's trace header", async () => {
  const environment = await open({ bootstrap: tellEvent });
  const traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const { payload } = await environment.invoke({}, { traceHeader });
  expect((payload as Told).headers["lambda-runtime-trace-id"]).toMatch(
    /^Root=1-5759e988-bd862e3fe1be46a994272793;Parent=[0-9a-f]{16};Sampled=1$/,
  );
});

test("[RT-23, RT-24, RT-25] hands on client context, identity and tenant, and only what the caller sent", async () => {
  const environment = await open({ bootstrap: tellEvent });
  const names = ["client-context", "cognito-identity", "aws-tenant-id"].map((name) => `lambda-runtime-${name}`);
  const bare = (await environment.invoke()).payload as Told;
  expect(names.map((name) => bare.headers[name])).toEqual([undefined, undefined, undefined]);
  const full = await environment.invoke(
    {},
    {
      clientContext: { custom: { colour: "blue" } },
      cognitoIdentity: { identityId: "eu-west-1:one", identityPoolId: "eu-west-1:pool" },
      tenantId: "tenant-7",
    },
  );
  expect(names.map((name) => (full.payload as Told).headers[name])).toEqual([
    '{"custom":{"colour":"blue"}}',
    '{"cognitoIdentityId":"eu-west-1:one","cognitoIdentityPoolId":"eu-west-1:pool"}',
    "tenant-7",
  ]);
});

test("[RT-26] gives each attempt an invocation id of its own", async () => {
  const environment = await open({ bootstrap: tellEvent });
  const ids = [await environment.invoke(), await environment.invoke()].map(
    ({ payload }) => (payload as Told).headers["lambda-runtime-invocation-id"],
  );
  expect(new Set(ids).size).toBe(2);
  expect(ids[0]).toBeTruthy();
});

test.each([
  { what: "nothing", event: undefined, body: "{}" },
  { what: "JSON", event: { a: [1, "ü"] }, body: '{"a":[1,"ü"]}' },
  { what: "bytes with white space", event: Buffer.from(' { "a" :\t1 }\n'), body: ' { "a" :\t1 }\n' },
  { what: "bytes that are no JSON", event: Buffer.from("certainly no JSON"), body: "certainly no JSON" },
])("[RT-27] hands the runtime the caller's payload byte for byte: $what", async ({ event, body }) => {
  const environment = await open({ bootstrap: tellEvent });
  const { payload } = await environment.invoke(event);
  expect(Buffer.from((payload as Told).body, "base64").toString()).toBe(body);
});

test("[LIFE-44, RT-66, RT-70, RT-109] passes a handler's error on as it is, and keeps the environment", async () => {
  const posted = '{"errorType":"Sorry", "anything":true}';
  const environment = await open({
    bootstrap: `
      for (let count = 0; ; count++) {
        const { requestId } = await next();
        if (count === 0) await fail(requestId, ${JSON.stringify(posted)}, { "Lambda-Runtime-Function-Error-Type": "A.B" });
        else await respond(requestId, String(process.pid));
      }
    `,
    extensions: { teller: tellEvents },
  });
  await environment.init();
  const pid = pidOf(environment, "runtime");
  const failed = await environment.invoke();
  expect(Buffer.from(failed.payloadBytes).toString()).toBe(posted);
  expect(failed).toMatchObject({ functionError: "Unhandled", status: "success" });
  const after = await environment.invoke();
  expect(after.payload).toBe(pid);
  expect(after).not.toHaveProperty("functionError");
  expect(records(environment, "platform.runtimeDone")).toMatchObject([{ status: "success" }, { status: "success" }]);
  expect(said<Told>(environment, "extension").map(({ body }) => JSON.parse(body).eventType)).toEqual([
    "INVOKE",
    "INVOKE",
  ]);
});

test("[LIFE-103] re-uses an idle environment: globals, descriptors and connections are as they were left", async () => {
  const environment = await open({
    files: {
      "index.mjs": `
        import { openSync } from "node:fs";
        let count = 0;
        export const handler = async () => ({ count: ++count, descriptor: openSync(import.meta.filename, "r") });
      `,
    },
  });
  const results = [await environment.invoke(), await environment.invoke()].map(
    ({ payload }) => payload as { count: number; descriptor: number },
  );
  expect(results.map(({ count }) => count)).toEqual([1, 2]);
  expect(results[1]!.descriptor).toBeGreaterThan(results[0]!.descriptor);
});

test("[RT-28] delivers an event of exactly 6,291,456 bytes, and refuses a larger one before it reaches the environment", async () => {
  const environment = await open({ bootstrap: "await serve(({ body }) => String(body.length));", timeoutMs: 60_000 });
  expect((await environment.invoke(Buffer.alloc(6_291_456, "7"))).payload).toBe(6_291_456);
  const tooLarge = async () => environment.invoke(Buffer.alloc(6_291_457, "7"));
  await expect(tooLarge()).rejects.toMatchObject({ code: "event-too-large", mendedBy: "user" });
  expect(records(environment, "platform.start")).toHaveLength(1);
});

test("[RT-01] serves all four APIs at the address in AWS_LAMBDA_RUNTIME_API, which has no scheme", async () => {
  const environment = await open({
    extensions: {
      asking: `
        const { status, id } = await register(["INVOKE"]);
        const headers = { "Lambda-Extension-Identifier": id };
        const answers = await Promise.all([
          call("GET", "/2018-06-01/ping"),
          call("PUT", "/2022-07-01/telemetry", { headers, body: "{}" }),
          call("PUT", "/2020-08-15/logs", { headers, body: "{}" }),
        ]);
        say({ address: process.env.AWS_LAMBDA_RUNTIME_API, statuses: [status, ...answers.map(({ status }) => status)] });
        await follow(id);
      `,
    },
  });
  await environment.init();
  expect(said(environment, "extension")).toEqual([
    { address: expect.stringMatching(/^[^/:]+:\d+$/), statuses: [200, 200, 400, 400] },
  ]);
});
