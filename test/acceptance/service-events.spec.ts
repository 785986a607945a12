/** Asynchronous invocation: retries, ages, limits, destinations, dead letters, and what survives (SVC-138, SVC-168 to SVC-196). */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { eventually, newGate, openGate, openService, type Service } from "../fixtures/services.ts";

const event = { "x-amz-invocation-type": "Event" };

interface Attempt {
  readonly id: string;
  readonly body: string;
  readonly trace: string;
}

/** A function that notes each attempt, and fails as often as the event says. */
const noting = (file: string): string => `
  const { appendFileSync, readFileSync } = require("node:fs");
  for (;;) {
    const { requestId, body, headers } = await next();
    appendFileSync(${JSON.stringify(file)}, JSON.stringify({ id: requestId, body: body.toString(), trace: headers["lambda-runtime-trace-id"] }) + "\\n");
    const tried = readFileSync(${JSON.stringify(file)}, "utf8").trim().split("\\n").filter((line) => JSON.parse(line).id === requestId).length;
    const { fail: times = 0 } = JSON.parse(body);
    if (tried <= times) await fail(requestId, JSON.stringify({ errorType: "Mistake", errorMessage: "mistake " + tried }));
    else await respond(requestId, JSON.stringify({ tried }));
  }`;

function attemptsIn(file: string): readonly Attempt[] {
  try {
    return readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Attempt);
  } catch {
    return [];
  }
}

/** Of a record, an attempt or a request; `null` when there is none. */
const bodyOf = (one: { readonly body: string } | undefined): unknown => JSON.parse(one?.body ?? "null");

interface OutboxEntry {
  readonly destination: string;
  readonly kind: string;
  readonly record: Record<string, unknown>;
  readonly attributes?: Record<string, string>;
  readonly error?: string;
}

const outbox = async (service: Service): Promise<readonly OutboxEntry[]> =>
  (await service.local<{ entries: OutboxEntry[] }>("outbox")).entries;

const queue = async (service: Service): Promise<readonly Record<string, unknown>[]> =>
  (await service.local<{ events: Record<string, unknown>[] }>("queue")).events;

const configure = (service: Service, name: string, config: object): Promise<unknown> =>
  service.call("PUT", `/2019-09-25/functions/${name}/event-invoke-config`, JSON.stringify(config));

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const arn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

test("[SVC-138] [SVC-169] [SVC-170] [SVC-177] [SVC-196] an event is accepted at once and tried three times, after a minute and two more, under one id and trace", async () => {
  const service = await openService();
  const file = newGate("attempts");
  await service.create("notes", { bootstrap: noting(file) });
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
  const answer = await service.invoke("notes", '{ "fail": 9 }', {
    ...event,
    "x-amz-log-type": "Tail",
    "x-amzn-trace-id": trace,
  });
  expect([answer.status, answer.text]).toEqual([202, ""]);
  for (const name of ["x-amz-function-error", "x-amz-executed-version", "x-amz-log-result"])
    expect(answer.headers.get(name)).toBeNull();
  await eventually(async () => expect(await queue(service)).toMatchObject([{ attempts: 1, running: false }]));
  service.clock.advance(59_000);
  expect(attemptsIn(file)).toHaveLength(1);
  service.clock.advance(1100);
  await eventually(async () => expect(await queue(service)).toMatchObject([{ attempts: 2, running: false }]));
  service.clock.advance(119_000);
  expect(attemptsIn(file)).toHaveLength(2);
  service.clock.advance(1100);
  await eventually(async () => expect(await queue(service)).toEqual([]));
  service.clock.advance(10_000_000);
  const attempts = attemptsIn(file);
  const id = answer.headers.get("x-amzn-requestid");
  expect(attempts.map((attempt) => [attempt.id, attempt.body, attempt.trace])).toEqual(
    attempts.map(() => [id, '{ "fail": 9 }', trace]),
  );
  expect(attempts).toHaveLength(3);
});

test("[SVC-185] [SVC-187] [SVC-193] when retries are used up, OnFailure gets its record and the dead-letter target the event", async () => {
  const service = await openService({ asyncRetryDelaysMs: [0, 0] });
  const file = newGate("attempts");
  await service.create("fails", { bootstrap: noting(file), DeadLetterConfig: { TargetArn: queueArn("dead") } });
  await configure(service, "fails", { DestinationConfig: { OnFailure: { Destination: queueArn("failed") } } });
  const answer = await service.invoke("fails", '{"fail":9}', event);
  await eventually(async () => expect(await outbox(service)).toHaveLength(2));
  const requestId = answer.headers.get("x-amzn-requestid");
  const [destination, deadLetter] = await outbox(service);
  expect(destination).toEqual({
    destination: queueArn("failed"),
    kind: "destination",
    record: {
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u) as string,
      requestContext: {
        requestId,
        functionArn: `${arn("fails")}:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: { fail: 9 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorType: "Mistake", errorMessage: "mistake 3" },
    },
  });
  expect(deadLetter).toEqual({
    destination: queueArn("dead"),
    kind: "dlq",
    record: { fail: 9 },
    attributes: { RequestID: requestId, ErrorCode: "200", ErrorMessage: "mistake 3" },
  });
});

test("[SVC-186] [SVC-170] after a retry that succeeds OnSuccess gets the record once, with a count of 1", async () => {
  const service = await openService({ asyncRetryDelaysMs: [0, 0] });
  const file = newGate("attempts");
  await service.create("notes", { bootstrap: noting(file) });
  await configure(service, "notes", {
    DestinationConfig: { OnSuccess: { Destination: queueArn("good") }, OnFailure: { Destination: queueArn("bad") } },
  });
  await service.invoke("notes", '{"fail":1}', event);
  await eventually(async () => expect(await outbox(service)).toHaveLength(1));
  expect(await outbox(service)).toMatchObject([
    {
      destination: queueArn("good"),
      record: {
        requestContext: { condition: "Success", approximateInvokeCount: 1 },
        responseContext: { statusCode: 200 },
        responsePayload: { tried: 2 },
      },
    },
  ]);
  expect(attemptsIn(file)).toHaveLength(2);
});

test("[SVC-189] a successful response that is no JSON is left out, with a deliveryError in its place", async () => {
  const service = await openService();
  await service.create("text", { bootstrap: 'await serve(() => "no json");' });
  await configure(service, "text", { DestinationConfig: { OnSuccess: { Destination: queueArn("good") } } });
  await service.invoke("text", "{}", event);
  await eventually(async () => expect(await outbox(service)).toHaveLength(1));
  const [entry] = await outbox(service);
  expect(entry?.record).toMatchObject({
    deliveryError: { statusCode: 400, errorCode: "InvalidRequestContentException" },
  });
  expect(entry?.record).not.toHaveProperty("responsePayload");
});

test("[SVC-190] a function as destination gets the record as an event of its own, under a new id", async () => {
  const service = await openService();
  const file = newGate("attempts");
  await service.create("first");
  await service.create("second", { bootstrap: noting(file) });
  await configure(service, "first", { DestinationConfig: { OnSuccess: { Destination: arn("second") } } });
  const answer = await service.invoke("first", '{"a":1}', event);
  await eventually(() => expect(attemptsIn(file)).toHaveLength(1));
  const [attempt] = attemptsIn(file);
  const requestId = answer.headers.get("x-amzn-requestid");
  expect(attempt?.id).not.toBe(requestId);
  expect(bodyOf(attempt)).toMatchObject({
    requestContext: { requestId, condition: "Success" },
    requestPayload: { a: 1 },
  });
});

test("[SVC-172] [SVC-176] a throttled event waits 1 s, then twice as long each time, uses up no retry, and is not overtaken", async () => {
  const service = await openService();
  const gate = newGate();
  const file = newGate("attempts");
  await service.create("busy", {
    bootstrap: `const { appendFileSync } = require("node:fs"); await serve(async ({ body }) => { if (JSON.parse(body) === 0) await gate(${JSON.stringify(gate)}); appendFileSync(${JSON.stringify(file)}, JSON.stringify({ body: body.toString() }) + "\\n"); return "1"; });`,
    Timeout: 60,
  });
  await service.call("PUT", "/2017-10-31/functions/busy/concurrency", '{"ReservedConcurrentExecutions":1}');
  const running = service.invoke("busy", "0");
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "busy" }]));
  const accepted = service.clock.now();
  for (const body of ["1", "2", "3"]) await service.invoke("busy", body, event);
  const firstDue = async (): Promise<number> => {
    const first = (await queue(service)).find(({ running: runs }) => runs === false);
    return Date.parse(String(first?.["nextDue"]));
  };
  await eventually(async () => expect((await firstDue()) - accepted).toBeGreaterThanOrEqual(990));
  const due = await firstDue();
  expect(due - service.clock.now()).toBeLessThanOrEqual(1000);
  service.clock.advance(1000);
  await eventually(async () => expect(await firstDue()).toBeGreaterThan(due));
  expect((await firstDue()) - service.clock.now()).toBeGreaterThan(1000);
  expect((await queue(service)).map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
  openGate(gate);
  await running;
  service.clock.advance(2000);
  await eventually(() => expect(attemptsIn(file).map(({ body }) => body)).toEqual(["0", "1", "2", "3"]));
});

test("[SVC-173] [SVC-188] an event that was throttled all its life ends at its age, having never run", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("busy", {
    bootstrap: `await serve(() => gate(${JSON.stringify(gate)}));`,
    Timeout: 60,
    DeadLetterConfig: { TargetArn: queueArn("dead") },
  });
  await configure(service, "busy", {
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: queueArn("old") } },
  });
  await service.call("PUT", "/2017-10-31/functions/busy/concurrency", '{"ReservedConcurrentExecutions":1}');
  const running = service.invoke("busy");
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "busy" }]));
  await service.invoke("busy", '{"late":true}', event);
  await eventually(async () => {
    service.clock.advance(10_000);
    expect(await outbox(service)).toHaveLength(2);
  });
  const [destination, deadLetter] = await outbox(service);
  expect(destination?.record).toMatchObject({
    requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 0 },
    responseContext: { statusCode: 429 },
  });
  expect(destination?.record).not.toHaveProperty("responsePayload");
  expect(deadLetter?.attributes).toMatchObject({ ErrorCode: "429" });
  openGate(gate);
  await running;
});

test("[SVC-173] an event whose next retry would come too late ends with its last response", async () => {
  const service = await openService();
  await service.create("fails", { bootstrap: noting(newGate("attempts")) });
  await configure(service, "fails", {
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: { OnFailure: { Destination: queueArn("old") } },
  });
  service.clock.advance(1);
  await service.invoke("fails", '{"fail":9}', event);
  await eventually(async () => expect(await outbox(service)).toHaveLength(1));
  expect(await outbox(service)).toMatchObject([
    {
      record: {
        requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 1 },
        responsePayload: { errorMessage: "mistake 1" },
      },
    },
  ]);
});

test("[SVC-203] with a reservation of 0 an event is accepted and dropped, and the targets are told", async () => {
  const service = await openService();
  await service.create("never", { DeadLetterConfig: { TargetArn: queueArn("dead") } });
  await configure(service, "never", { DestinationConfig: { OnFailure: { Destination: queueArn("failed") } } });
  await service.call("PUT", "/2017-10-31/functions/never/concurrency", '{"ReservedConcurrentExecutions":0}');
  expect((await service.invoke("never", '{"a":1}', event)).status).toBe(202);
  await eventually(async () => expect(await outbox(service)).toHaveLength(2));
  const [destination, deadLetter] = await outbox(service);
  expect(destination?.record).toMatchObject({
    requestContext: { condition: "ZeroReservedConcurrency", approximateInvokeCount: 0 },
  });
  expect(destination?.record).not.toHaveProperty("responseContext");
  expect(deadLetter?.attributes).not.toHaveProperty("ErrorCode");
});

test("[SVC-174] [SVC-175] [SVC-182] an event runs the code that is current at its attempt, and a function that is gone counts as a failure", async () => {
  const service = await openService({ asyncRetryDelaysMs: [60_000, 0] });
  const file = newGate("attempts");
  await service.create("old", { bootstrap: noting(file) });
  await configure(service, "old", { MaximumRetryAttempts: 2 });
  await service.invoke("old", '{"fail":1}', event);
  await eventually(async () => expect(await queue(service)).toMatchObject([{ attempts: 1, running: false }]));
  await configure(service, "old", {
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: queueArn("lost") }, OnSuccess: { Destination: queueArn("good") } },
  });
  await service.call("POST", "/2015-03-31/functions/old/versions", "{}");
  service.clock.advance(61_000);
  await eventually(async () => expect(await outbox(service)).toMatchObject([{ destination: queueArn("good") }]));
  await service.invoke("old", '{"fail":9}', event);
  await eventually(async () => expect(await queue(service)).toMatchObject([{ attempts: 1, running: false }]));
  await service.call("DELETE", "/2015-03-31/functions/old");
  service.clock.advance(61_000);
  await eventually(async () => expect(await queue(service)).toEqual([]));
});

test("[SVC-178] InvokeAsync queues an event, within its own limit", async () => {
  const service = await openService();
  const file = newGate("attempts");
  await service.create("notes", { bootstrap: noting(file) });
  const path = "/2014-11-13/functions/notes/invoke-async/";
  expect((await service.call("POST", path, '{"a":1}')).status).toBe(202);
  await eventually(() => expect(attemptsIn(file)).toMatchObject([{ body: '{"a":1}' }]));
  expect((await service.call("POST", path, "{no")).status).toBe(400);
  const tooLarge = await service.call("POST", path, `"${"x".repeat(262_143)}"`);
  expect([tooLarge.status, JSON.parse(tooLarge.text)]).toEqual([
    413,
    { Message: "262145 byte payload is too large for the Event invocation type (limit 262144 bytes)" },
  ]);
});

interface Taken {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A service of AWS's as far as destinations use it: takes what comes, and answers with one status. */
async function openTaker(status = 200, answer = "{}"): Promise<{ readonly url: string; readonly taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method, url, headers } = request;
      taken.push({ method, path: url, headers, body: Buffer.concat(pieces).toString("utf8") });
      response.writeHead(status).end(answer);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
}

test("[SVC-191] [SVC-192] [SVC-193] records go to the endpoints of SQS, SNS, EventBridge and S3 as their own clients send them", async () => {
  const { url, taken } = await openTaker(200, '{"FailedEntryCount":0}');
  const service = await openService({
    asyncRetryDelaysMs: [0, 0],
    serviceEndpoints: { sqs: url, sns: url, events: url, s3: url },
  });
  const bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
  await service.create("good");
  await service.create("bad", {
    bootstrap: noting(newGate("attempts")),
    DeadLetterConfig: { TargetArn: "arn:aws:sns:us-east-1:000000000000:dead" },
  });
  await configure(service, "good", { DestinationConfig: { OnSuccess: { Destination: queueArn("q") } } });
  await configure(service, "bad", {
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnSuccess: { Destination: bus }, OnFailure: { Destination: "arn:aws:s3:::bucket" } },
  });
  await service.invoke("good", '{"a":1}', event);
  await eventually(() => expect(taken).toHaveLength(1));
  expect(taken[0]?.headers["x-amz-target"]).toBe("AmazonSQS.SendMessage");
  expect(taken[0]?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/us-east-1\/sqs\/aws4_request, /u,
  );
  const message = bodyOf(taken[0]) as { QueueUrl: string; MessageBody: string };
  expect(message.QueueUrl).toBe(`${url}/000000000000/q`);
  expect(JSON.parse(message.MessageBody)).toMatchObject({ version: "1.0", requestPayload: { a: 1 } });
  await service.invoke("bad", '{"fail":0}', event);
  await eventually(() => expect(taken).toHaveLength(2));
  expect(taken[1]?.headers["x-amz-target"]).toBe("AWSEvents.PutEvents");
  expect(bodyOf(taken[1])).toMatchObject({
    Entries: [
      {
        Source: "lambda",
        DetailType: "Lambda Function Invocation Result - Success",
        Resources: [bus, `${arn("bad")}:$LATEST`],
      },
    ],
  });
  await service.invoke("bad", '{"fail":9}', event);
  await eventually(() => expect(taken).toHaveLength(4));
  const put = taken.find(({ method }) => method === "PUT");
  expect(put?.path).toMatch(/^\/bucket\/aws\/lambda\/async\/bad\//u);
  const published = new URLSearchParams(taken.slice(2).find(({ method }) => method === "POST")?.body);
  expect([published.get("Action"), published.get("TopicArn"), published.get("Message")]).toEqual([
    "Publish",
    "arn:aws:sns:us-east-1:000000000000:dead",
    '{"fail":9}',
  ]);
  expect(await outbox(service)).toEqual([]);
});

test("[SVC-195] a target that refuses is tried three times more, a second apart, and then the record is in the outbox", async () => {
  const { url, taken } = await openTaker(500, "broken");
  const service = await openService({ serviceEndpoints: { sqs: url } });
  const file = newGate("attempts");
  await service.create("notes", { bootstrap: noting(file) });
  await configure(service, "notes", { DestinationConfig: { OnSuccess: { Destination: queueArn("q") } } });
  await service.invoke("notes", "{}", event);
  await eventually(async () => {
    service.clock.advance(1000);
    expect(await outbox(service)).toHaveLength(1);
  });
  expect(await outbox(service)).toMatchObject([
    { destination: queueArn("q"), error: expect.stringContaining("answered 500: ") as string },
  ]);
  expect(taken).toHaveLength(4);
  expect(attemptsIn(file)).toHaveLength(1);
});

test("[SVC-195] an event that a bus refuses, in an answer that says 200, is refused", async () => {
  const answer = { FailedEntryCount: 1, Entries: [{ ErrorCode: "ThrottlingException", ErrorMessage: "too many" }] };
  const { url, taken } = await openTaker(200, JSON.stringify(answer));
  const service = await openService({ serviceEndpoints: { events: url } });
  const bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
  await service.create("good");
  await configure(service, "good", { DestinationConfig: { OnSuccess: { Destination: bus } } });
  await service.invoke("good", "{}", event);
  await eventually(async () => {
    service.clock.advance(1000);
    expect(await outbox(service)).toMatchObject([{ destination: bus, error: "Error: ThrottlingException: too many" }]);
  });
  expect(taken).toHaveLength(4);
});

test("a destination may be a file or a URL of one's own, by its ARN", async () => {
  const { url, taken } = await openTaker();
  const file = newGate("records.jsonl");
  const service = await openService({
    serviceEndpoints: { [queueArn("file")]: `file://${file}`, [queueArn("hook")]: `${url}/hook` },
  });
  for (const name of ["file", "hook"]) {
    await service.create(name);
    await configure(service, name, { DestinationConfig: { OnSuccess: { Destination: queueArn(name) } } });
    await service.invoke(name, `{"to":"${name}"}`, event);
  }
  await eventually(() =>
    expect(attemptsIn(file)).toMatchObject([
      { destination: queueArn("file"), record: { requestPayload: { to: "file" } } },
    ]),
  );
  await eventually(() => expect(taken).toMatchObject([{ method: "POST", path: "/hook" }]));
  expect(bodyOf(taken[0])).toMatchObject({ requestPayload: { to: "hook" } });
});

test("[SVC-194] the dead-letter target is the one of the version that ran, whatever $LATEST says now", async () => {
  const service = await openService({ asyncRetryDelaysMs: [0, 0] });
  await service.create("fails", {
    bootstrap: noting(newGate("attempts")),
    DeadLetterConfig: { TargetArn: queueArn("of-version") },
  });
  await service.call("POST", "/2015-03-31/functions/fails/versions", "{}");
  await service.call(
    "PUT",
    "/2015-03-31/functions/fails/configuration",
    JSON.stringify({ DeadLetterConfig: { TargetArn: queueArn("of-latest") } }),
  );
  for (const query of ["?Qualifier=1", ""]) await service.invoke("fails", '{"fail":9}', event, query);
  await eventually(async () => expect(await outbox(service)).toHaveLength(2));
  const targets = (await outbox(service)).map(({ destination, kind }) => `${kind} ${destination}`);
  expect(targets.toSorted()).toEqual([`dlq ${queueArn("of-latest")}`, `dlq ${queueArn("of-version")}`]);
});
