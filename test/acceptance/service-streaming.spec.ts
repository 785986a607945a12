/** InvokeWithResponseStream on the wire and by the SDK (SVC-153 to SVC-167). */
import { InvokeWithResponseStreamCommand, type InvokeWithResponseStreamCommandOutput } from "@aws-sdk/client-lambda";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { expect, test } from "vitest";
import { type Answer, eventually, newGate, openGate, openService, type Service } from "../fixtures/services.ts";

const codec = new EventStreamCodec(
  (input) => Buffer.from(input as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text),
);

interface Frame {
  readonly type: unknown;
  readonly contentType: unknown;
  readonly body: string;
}

function framesOf({ bytes }: Answer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const message = codec.decode(bytes.subarray(at, at + bytes.readUInt32BE(at)));
    const header = (name: string): unknown => message.headers[name]?.value;
    frames.push({
      type: header(":event-type"),
      contentType: header(":content-type"),
      body: Buffer.from(message.body).toString("utf8"),
    });
  }
  return frames;
}

const chunks = (answer: Answer): string =>
  framesOf(answer)
    .filter(({ type }) => type === "PayloadChunk")
    .map(({ body }) => body)
    .join("");

/** What the last frame says. */
const completion = (answer: Answer): Record<string, unknown> =>
  JSON.parse(framesOf(answer).at(-1)?.body ?? "null") as Record<string, unknown>;

const stream = (service: Service, name: string, body = "{}", headers: Record<string, string> = {}): Promise<Answer> =>
  service.call("POST", `/2021-11-15/functions/${name}/response-streaming-invocations`, body, headers);

/** The chunks of the SDK's stream as text, and `complete`. */
async function* saidBy({ EventStream }: InvokeWithResponseStreamCommandOutput): AsyncGenerator<string> {
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? [])
    yield InvokeComplete === undefined ? Buffer.from(PayloadChunk?.Payload ?? []).toString("utf8") : "complete";
}

/** A runtime whose handler streams what `body`, an async generator, yields. */
const streaming = (body: string, headers = "{}"): string =>
  `for (;;) { const { requestId, body } = await next(); await stream(requestId, (async function* () { ${body} })(), ${headers}); }`;

test("[SVC-153] [SVC-156] [SVC-157] the runtime's bytes come as PayloadChunk frames, and InvokeComplete ends them", async () => {
  const service = await openService();
  await service.create("streams", {
    bootstrap: streaming('yield "one "; yield "two";', '{ "Content-Type": "text/plain" }'),
  });
  const answer = await stream(service, "streams");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/vnd.amazon.eventstream");
  expect(answer.headers.get("x-amz-executed-version")).toBe("$LATEST");
  expect(answer.headers.get("x-amzn-remapped-content-type")).toBe("text/plain");
  expect(answer.headers.get("x-amzn-trace-id")).toContain("Root=1-");
  expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/u);
  expect(chunks(answer)).toBe("one two");
  expect(framesOf(answer)[0]).toMatchObject({ contentType: "application/octet-stream" });
  expect(framesOf(answer).at(-1)).toEqual({ type: "InvokeComplete", contentType: "application/json", body: "{}" });
});

test("[SVC-157] with Tail the last frame has the log", async () => {
  const service = await openService();
  await service.create("streams", { bootstrap: streaming('console.log("said"); yield "x";') });
  const answer = await stream(service, "streams", "{}", { "x-amz-log-type": "Tail" });
  const { LogResult } = completion(answer);
  expect(Buffer.from(String(LogResult), "base64").toString("utf8")).toMatch(/said\n[^]*REPORT RequestId: /u);
});

test("[SVC-153] [SVC-158] the JavaScript SDK gets a chunk while the handler is still at work", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("waits", {
    bootstrap: streaming(`yield "first"; await gate(${JSON.stringify(gate)}); yield "second";`),
    Timeout: 30,
  });
  const output = await service.lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: "waits" }));
  const seen: string[] = [];
  for await (const said of saidBy(output)) {
    seen.push(said);
    openGate(gate);
  }
  expect(seen).toEqual(["first", "second", "complete"]);
});

test("[SVC-159] [SVC-160] a handler that does not stream gives its whole response, one without bytes the last frame alone", async () => {
  const service = await openService();
  await service.create("whole");
  await service.create("nothing", { bootstrap: streaming("") });
  const answer = await stream(service, "whole", '{"a":1}');
  expect([answer.status, chunks(answer)]).toEqual([200, '{"a":1}']);
  expect(framesOf(await stream(service, "nothing")).map(({ type }) => type)).toEqual(["InvokeComplete"]);
});

test.each(["Event", "DryRun", "RequestResponse"])(
  "[SVC-161] [RT-65] with the invocation type %s the function runs and streams all the same",
  async (type) => {
    const service = await openService();
    await service.create("streams", { bootstrap: streaming('yield "one "; yield "two";') });
    const answer = await stream(service, "streams", "{}", { "x-amz-invocation-type": type });
    expect([answer.status, chunks(answer)]).toEqual([200, "one two"]);
  },
);

test("[SVC-162] what is wrong before the function starts is a plain error", async () => {
  const service = await openService();
  await service.create("echo");
  await service.call("PUT", "/2017-10-31/functions/echo/concurrency", '{"ReservedConcurrentExecutions":0}');
  const answers = await Promise.all([stream(service, "none"), stream(service, "echo"), stream(service, "echo", "{no")]);
  expect(answers.map(({ status, headers }) => [status, headers.get("x-amzn-errortype")])).toEqual([
    [404, "ResourceNotFoundException"],
    [429, "TooManyRequestsException"],
    [400, "InvalidRequestContentException"],
  ]);
});

test("[SVC-163] an error JSON in place of a stream is its payload, and an error after the beginning ends it without a mark", async () => {
  const service = await openService();
  await service.create("fails", {
    bootstrap: `const { requestId } = await next(); await fail(requestId, '{"errorType":"E","errorMessage":"m"}'); await serve();`,
  });
  await service.create("breaks", {
    bootstrap: streaming('yield "some"; await new Promise((r) => setTimeout(r, 50)); process.exit(1);'),
  });
  const failed = await stream(service, "fails");
  expect([failed.status, chunks(failed), framesOf(failed).at(-1)?.body]).toEqual([
    200,
    '{"errorType":"E","errorMessage":"m"}',
    "{}",
  ]);
  const broken = await stream(service, "breaks");
  expect([broken.status, chunks(broken), framesOf(broken).at(-1)?.body]).toEqual([200, "some", "{}"]);
});

const breaksOff = (how: string, headers?: string): string =>
  streaming(`yield "some"; await new Promise((resolve) => setTimeout(resolve, 50)); ${how}`, headers);

/** A runtime that says in trailers what went wrong after it had begun. */
const failsInTrailers = `for (;;) {
  const { requestId } = await next();
  await stream(requestId, ["some"], { Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body" }, {
    "Lambda-Runtime-Function-Error-Type": "E",
    "Lambda-Runtime-Function-Error-Body": Buffer.from('{"errorType":"E","errorMessage":"m"}').toString("base64"),
  });
}`;

test.each([
  {
    what: "an error in place of the stream",
    bootstrap: `const { requestId } = await next(); await fail(requestId, '{"errorType":"E","errorMessage":"m"}'); await serve();`,
    sent: '{"errorType":"E","errorMessage":"m"}',
    details: { errorType: "E", errorMessage: "m" },
  },
  {
    what: "an error of the handler in the middle",
    bootstrap: failsInTrailers,
    sent: "some",
    details: { errorType: "E", errorMessage: "m" },
  },
  {
    what: "a crash in the middle",
    bootstrap: breaksOff("process.exit(7);"),
    sent: "some",
    details: {
      // RT-49: what was seen first is that its response broke off.
      errorType: "Runtime.TruncatedResponse",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime\.TruncatedResponse$/u) as string,
    },
  },
  {
    what: "a timeout in the middle",
    bootstrap: breaksOff("await forever();"),
    sent: "some",
    details: {
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 2\.00 seconds$/u) as string,
    },
  },
])("[SVC-164] with streamErrorFields the last frame tells of $what", async ({ bootstrap, sent, details }) => {
  const service = await openService({ streamErrorFields: true });
  await service.create("fails", { bootstrap, Timeout: 2 });
  const answer = await stream(service, "fails");
  expect([answer.status, chunks(answer)]).toEqual([200, sent]);
  const { ErrorCode, ErrorDetails, ...rest } = completion(answer);
  expect([ErrorCode, JSON.parse(String(ErrorDetails)), rest]).toEqual(["Unhandled", details, {}]);
});

test("[SVC-164] with streamErrorFields a stream that ends well says nothing of errors", async () => {
  const service = await openService({ streamErrorFields: true });
  await service.create("streams", { bootstrap: streaming('yield "one";') });
  expect(completion(await stream(service, "streams"))).toEqual({});
});

test("[SVC-165] a timeout during the stream ends it, and the next call succeeds in a reset environment", async () => {
  const service = await openService();
  await service.create("hangs", {
    bootstrap: streaming('yield "some"; if (body.toString() !== "1") await forever(); yield " more";'),
    Timeout: 1,
  });
  const cut = await stream(service, "hangs", "0");
  expect([chunks(cut), framesOf(cut).at(-1)?.body]).toEqual(["some", "{}"]);
  await eventually(async () => expect(chunks(await stream(service, "hangs", "1"))).toBe("some more"));
});

test("[SVC-166] seven megabytes pass unbroken", async () => {
  const service = await openService();
  await service.create("large", {
    bootstrap: streaming('for (let n = 0; n < 112; n++) yield "x".repeat(65536);'),
    Timeout: 30,
  });
  const answer = await stream(service, "large");
  expect(chunks(answer)).toBe("x".repeat(7 * 1_048_576));
  expect(framesOf(answer).at(-1)?.type).toBe("InvokeComplete");
});

test("[SVC-167] a client that goes away in the middle does not stop the function, and its environment is used again", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("left", {
    bootstrap: streaming(`yield "first"; await gate(${JSON.stringify(gate)}); yield "second";`),
    Timeout: 30,
  });
  const leaving = new AbortController();
  const path = "/2021-11-15/functions/left/response-streaming-invocations";
  const response = await fetch(service.endpoint + path, { method: "POST", body: "{}", signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  openGate(gate);
  await eventually(() => expect(service.environments()[0]?.state).toBe("idle"));
  expect(chunks(await stream(service, "left"))).toBe("firstsecond");
  expect(service.environments()).toHaveLength(1);
});
