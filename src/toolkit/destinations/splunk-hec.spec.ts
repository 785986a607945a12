import { describe, expect, test, vi } from "vitest";
import { type Answer, status } from "../../../test/fixtures/http-sink.ts";
import { line } from "../delivery/simulated-destination.spec-support.ts";
import { splunkHec, type SplunkHecSettings } from "./splunk-hec.ts";
import {
  jsonLine,
  report,
  requestId,
  sendAll,
  shapeOf,
  simulatedVendor,
  spanId,
  splunkExample,
  start,
  timeMs,
  traceId,
} from "./vendor-requests.spec-support.ts";

const success = '{"text":"Success","code":0}';

const vendor = simulatedVendor(status(200, success));

const make = (more: SplunkHecSettings = {}) => splunkHec({ url: vendor.url, token: "t0ken", ...more });

/** Whatever arrived, looked into by the tests. */
type Json = ReturnType<typeof JSON.parse>;
const events = (index = 0): Json[] =>
  vendor.sink.received[index]!.body.toString()
    .split("\n")
    .map((text): Json => JSON.parse(text));

test("posts what Splunk's documentation shows, one object after the other", async () => {
  expect(await sendAll(make({ index: "main" }), [line("hello\n"), line("there\n")])).toEqual({ kind: "delivered" });
  expect(vendor.sink.received[0]).toMatchObject({
    url: "/services/collector/event",
    headers: { authorization: "Splunk t0ken" },
  });
  expect(events()).toEqual([shapeOf(splunkExample, ["fields"]), shapeOf(splunkExample, ["fields"])]);
});

test("says the time in seconds with a fraction, and which invocation, trace and function", async () => {
  await sendAll(make({ fields: { team: "shop" } }), [start, line("during\n"), jsonLine, report]);
  const [, during, json, last] = events();
  expect(during).toEqual({
    time: timeMs / 1000,
    host: "orders",
    source: "lambda:orders",
    sourcetype: "aws:lambda",
    event: "during",
    fields: {
      "service.name": "orders",
      "faas.name": "orders",
      "faas.version": "$LATEST",
      "cloud.region": "eu-north-1",
      "cloud.account.id": "222233334444",
      "faas.invocation_id": requestId,
      trace_id: traceId,
      span_id: spanId,
      team: "shop",
    },
  });
  expect(json).toMatchObject({ event: jsonLine.record, fields: { severity: "WARN" } });
  expect(last).toMatchObject({
    event: { type: "platform.report", message: expect.stringMatching(/^REPORT /), record: report.record },
    fields: { severity: "ERROR", "faas.invocation_id": requestId },
  });
  expect(last.fields.trace_id).toBe(traceId);
});

test("leaves out what is blank: it would be refused with its whole request", async () => {
  await sendAll(make(), [line("\n"), line("  \n"), line("x\n")]);
  expect(events().map(({ event }) => event)).toEqual(["x"]);
});

const three = [line("one"), line("two"), line("three")];
const failure = (index: number, retry: boolean) => ({ index, retry, reason: expect.any(String) });

// Codes by https://help.splunk.com/en/splunk-enterprise/get-data-in/collect-http-event-data/troubleshoot-http-event-collector
test.each([
  [403, { text: "Token disabled", code: 1 }, { kind: "closed" }],
  [401, { text: "Token is required", code: 2 }, { kind: "closed" }],
  [401, { text: "Invalid authorization", code: 3 }, { kind: "closed" }],
  [403, { text: "Invalid token", code: 4 }, { kind: "closed" }],
  [400, { text: "Invalid data format", code: 6 }, { kind: "refused" }],
  [400, { text: "Incorrect index", code: 7, "invalid-event-number": 0 }, { kind: "closed" }],
  [500, { text: "Internal server error", code: 8 }, { kind: "try later" }],
  [503, { text: "Server is busy", code: 9 }, { kind: "try later" }],
  [503, { text: "Server is busy", code: 9, "invalid-event-number": 0 }, { kind: "try later" }],
  [
    400,
    { text: "Data channel is missing", code: 10 },
    { kind: "closed", reason: expect.stringContaining("acknowledgement: true") },
  ],
  [503, { text: "HEC is unhealthy, queues are full", code: 18 }, { kind: "try later" }],
  [413, { text: "Request entity too large", code: 27 }, { kind: "too large" }],
])("takes status %i with %o for %o", async (code, said, result) => {
  vendor.sink.answer = status(code, JSON.stringify(said));
  expect(await sendAll(make(), three)).toMatchObject(result);
});

test("takes an answer without a code, of a gateway for instance, by its status", async () => {
  vendor.sink.answer = status(429, "<html>", { "Retry-After": "4" });
  expect(await sendAll(make(), three)).toMatchObject({ kind: "try later", afterMs: 4000 });
});

test("drops the event that cannot be read, and sends again what comes after it only", async () => {
  vendor.sink.answer = status(400, JSON.stringify({ text: "Invalid data format", code: 6, "invalid-event-number": 1 }));
  expect(await sendAll(make(), three)).toEqual({ kind: "partly", failed: [failure(1, false), failure(2, true)] });
});

test("goes on from the event at which a busy server stopped", async () => {
  vendor.sink.answer = status(503, JSON.stringify({ text: "Server is busy", code: 9, "invalid-event-number": 2 }));
  expect(await sendAll(make(), three)).toEqual({ kind: "partly", failed: [failure(2, true)] });
});

describe("acknowledgement", () => {
  const taken = JSON.stringify({ text: "Success", code: 0, ackId: 5 });
  /** Takes events, and says of them what it is told, one answer after the other. */
  const indexing = (...indexed: readonly boolean[]): Answer => {
    const left = [...indexed];
    return (received, response) =>
      status(
        200,
        received.url.startsWith("/services/collector/ack") ? JSON.stringify({ acks: { 5: left.shift() } }) : taken,
      )(received, response);
  };
  const paths = (): string[] => vendor.sink.received.map(({ url: path }) => path.split("?")[0]!);

  test("waits until Splunk has indexed what it took, by one channel", async () => {
    vendor.sink.answer = indexing(false, true);
    expect(await sendAll(make({ acknowledgement: true }), three)).toEqual({ kind: "delivered" });
    expect(paths()).toEqual(["/services/collector/event", "/services/collector/ack", "/services/collector/ack"]);
    const channels = vendor.sink.received.map(({ headers }) => headers["x-splunk-request-channel"]);
    expect(channels[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(channels).size).toBe(1);
    expect(vendor.sink.received[1]!.url).toContain(`channel=${String(channels[0])}`);
    expect(JSON.parse(vendor.sink.received[1]!.body.toString())).toEqual({ acks: [5] });
  });

  test("does not send again what was taken and not yet indexed when the time was over: it asks", async () => {
    const to = make({ acknowledgement: true });
    const answers = [status(200, taken), status(503)];
    vendor.sink.answer = (received, response) => answers.shift()!(received, response);
    expect(await sendAll(to, three)).toMatchObject({ kind: "try later" });
    vendor.sink.answer = indexing(true);
    expect(await sendAll(to, three)).toEqual({ kind: "delivered" });
    expect(paths()).toEqual(["/services/collector/event", "/services/collector/ack", "/services/collector/ack"]);
  });

  test("says so when the token has none", async () => {
    vendor.sink.answer = status(400, JSON.stringify({ text: "ACK is disabled", code: 14 }));
    expect(await sendAll(make({ acknowledgement: true }), three)).toMatchObject({
      kind: "closed",
      reason: expect.stringContaining("acknowledgement: false"),
    });
  });
});

test("is told where and by whom by variables, and asks for them by name", async () => {
  vi.stubEnv("SPLUNK_HEC_URL", `${vendor.url}/services/collector`);
  vi.stubEnv("SPLUNK_HEC_TOKEN", "v");
  await sendAll(splunkHec(), three);
  expect(vendor.sink.received[0]).toMatchObject({ url: "/services/collector", headers: { authorization: "Splunk v" } });
  vi.unstubAllEnvs();
  vi.stubEnv("SPLUNK_HEC_URL", undefined);
  expect(await sendAll(splunkHec(), three)).toEqual({
    kind: "closed",
    reason: expect.stringContaining("SPLUNK_HEC_URL"),
  });
  expect(await sendAll(splunkHec({ url: vendor.url }), three)).toEqual({
    kind: "closed",
    reason: expect.stringContaining("SPLUNK_HEC_TOKEN"),
  });
});
