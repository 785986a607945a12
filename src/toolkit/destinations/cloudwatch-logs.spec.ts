import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";
import { cloudWatchLogs, type CloudWatchLogsSettings } from "./cloudwatch-logs.ts";
import { HttpSink, status } from "../../../test/fixtures/http-sink.ts";
import type { Destination, SendResult } from "./destination.ts";

/** Whatever arrived, looked into by the tests. */
type Json = ReturnType<typeof JSON.parse>;

let sink: HttpSink;
let endpoint: string;
/** What the service answers an action with; everything else with success. */
let answers: Record<string, { readonly code: number; readonly body: object }[]>;

beforeEach(async () => {
  sink = new HttpSink();
  endpoint = await sink.open();
  answers = {};
  sink.answer = (received, response) => {
    const action = actionOf(received.headers);
    const { code, body } = answers[action]?.shift() ?? { code: 200, body: {} };
    status(code, JSON.stringify(body))(received, response);
  };
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "token");
});
afterEach(() => {
  sink.close();
  vi.unstubAllEnvs();
});

const actionOf = (headers: Record<string, unknown>): string =>
  String(headers["x-amz-target"]).replace("Logs_20140328.", "");
const actions = (): string[] => sink.received.map(({ headers }) => actionOf(headers));
const put = (): Json =>
  JSON.parse(sink.received.findLast(({ headers }) => actionOf(headers) === "PutLogEvents")!.body.toString());

const make = (more: Partial<CloudWatchLogsSettings> = {}): Destination =>
  cloudWatchLogs({ endpoint, logGroup: "/shipped/orders", ...more });

const send = (to: Destination, records: readonly TelemetryRecord[]): Promise<SendResult> => {
  const items = records.flatMap((record) => to.encode(record, origin, "id"));
  return to.send({ items, route: undefined, signal: new AbortController().signal, origin });
};

const error = (type: string, code = 400) => ({ code, body: { __type: type, message: "said so" } });

test("makes its stream, and puts lines as they were written, other records as JSON, with their own times", async () => {
  const to = make();
  const start = { time: "2026-04-11T06:20:00.520Z", type: "platform.start", record: { requestId: "r" } };
  expect(await send(to, [start, line("a line\n")])).toEqual({ kind: "delivered" });
  expect(await send(to, [line("another\n")])).toEqual({ kind: "delivered" });
  expect(actions()).toEqual(["CreateLogStream", "PutLogEvents", "PutLogEvents"]);
  const first = JSON.parse(sink.received[1]!.body.toString());
  expect(first).toMatchObject({
    logGroupName: "/shipped/orders",
    logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\]shipper\/7c1d2e3f-/),
    logEvents: [
      { timestamp: 1775888400520, message: JSON.stringify(start) },
      { timestamp: 1775888400540, message: "a line" },
    ],
  });
  expect(sink.received[1]!.headers).toMatchObject({
    "content-type": "application/x-amz-json-1.1",
    "x-amz-security-token": "token",
    authorization: expect.stringContaining("/eu-north-1/logs/aws4_request"),
  });
});

test("makes the group too when it is missing, and both again when somebody removed them", async () => {
  answers["CreateLogStream"] = [error("ResourceNotFoundException")];
  answers["PutLogEvents"] = [{ code: 200, body: {} }, error("ResourceNotFoundException")];
  const to = make();
  await send(to, [line("one")]);
  expect(await send(to, [line("two")])).toMatchObject({ kind: "try later" });
  expect(await send(to, [line("two")])).toEqual({ kind: "delivered" });
  expect(actions()).toEqual([
    "CreateLogStream",
    "CreateLogGroup",
    "CreateLogStream",
    "PutLogEvents",
    "PutLogEvents",
    "CreateLogStream",
    "PutLogEvents",
  ]);
});

test("is content with a stream that is there", async () => {
  answers["CreateLogStream"] = [error("ResourceAlreadyExistsException")];
  expect(await send(make(), [line("one")])).toEqual({ kind: "delivered" });
});

test("counts events that are named as rejected inside a success", async () => {
  const info = { tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 2, tooNewLogEventStartIndex: 3 };
  answers["PutLogEvents"] = [{ code: 200, body: { rejectedLogEventsInfo: info } }];
  const result = await send(make(), [line("0"), line("1"), line("2"), line("3")]);
  expect(result).toMatchObject({ kind: "partly", failed: [{ index: 0 }, { index: 1 }, { index: 3, retry: false }] });
});

describe("errors", () => {
  test.each([
    ["ThrottlingException", 400, "try later"],
    ["ServiceUnavailableException", 503, "try later"],
    ["InvalidParameterException", 400, "refused"],
    ["AccessDeniedException", 400, "closed"],
    ["UnrecognizedClientException", 400, "closed"],
    ["InvalidSignatureException", 403, "closed"],
    ["InternalFailure", 500, "try later"],
  ])("takes %s (%i) for %s", async (type, code, kind) => {
    answers["PutLogEvents"] = [error(type, code)];
    expect(await send(make(), [line("x")])).toMatchObject({ kind, reason: expect.stringContaining(type) });
  });
});

test("cuts what is longer than an event may be, at a character, and leaves out what is empty", async () => {
  const to = make();
  await send(to, [line("ü".repeat(700_000)), line("\n"), line("short")]);
  const { logEvents } = put();
  expect(logEvents).toHaveLength(2);
  const bytes = Buffer.byteLength(logEvents[0].message);
  expect(bytes).toBeLessThanOrEqual(1_048_576 - 26);
  expect(bytes).toBeGreaterThan(1_048_500);
  expect(logEvents[0].message).toMatch(/^ü+…\[cut\]$/);
});

test("has the limits of PutLogEvents", () => {
  expect(make().limits).toEqual({
    maxItems: 10_000,
    maxBytes: 1_048_576,
    itemOverheadBytes: 26,
    maxSpanMs: 24 * 3_600_000,
    sorted: true,
  });
});

test("takes its keys from the container credentials endpoint where variables have none", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
  vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${endpoint}/credentials`);
  vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in");
  // Asked first, once.
  const asService = sink.answer;
  sink.answer = (_, response) => {
    sink.answer = asService;
    response.end(JSON.stringify({ AccessKeyId: "FROMENDPOINT", SecretAccessKey: "s", Token: "t" }));
  };
  expect(await send(make(), [line("x")])).toEqual({ kind: "delivered" });
  expect(sink.received[0]).toMatchObject({ url: "/credentials", headers: { authorization: "let me in" } });
  expect(sink.received[1]!.headers.authorization).toContain("Credential=FROMENDPOINT/");
});
