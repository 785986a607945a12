import { describe, expect, test, vi } from "vitest";
import { status } from "../../../test/fixtures/http-sink.ts";
import { line } from "../delivery/simulated-destination.spec-support.ts";
import { datadog, type DatadogSettings } from "./datadog.ts";
import {
  arn,
  bodyAt,
  datadogExample,
  jsonLine,
  now,
  report,
  requestId,
  sendAll,
  shapeOf,
  simulatedVendor,
  spanId,
  start,
  traceId,
} from "./vendor-requests.spec-support.ts";

const vendor = simulatedVendor(status(202, "{}"));

const make = (more: DatadogSettings = {}) => datadog({ apiKey: "k3y", url: vendor.url, ...more });

test("posts what Datadog's documentation shows", async () => {
  expect(await sendAll(make(), now([line("hello\n")]))).toEqual({ kind: "delivered" });
  expect(vendor.sink.received[0]).toMatchObject({
    method: "POST",
    url: "/api/v2/logs",
    headers: { "dd-api-key": "k3y", "content-type": "application/json" },
  });
  expect(bodyAt(vendor.sink)).toEqual(shapeOf(datadogExample));
});

test("says which invocation, trace and function, by the names of Datadog's own extension", async () => {
  vi.stubEnv("DD_ENV", "staging");
  vi.stubEnv("DD_TAGS", "team:shop cell:4");
  const [first, during, json, last] = await sendAll(
    make({ tags: { owner: "me" } }),
    now([start, line("2026-04-11T06:20:00.100Z\tundefined\tERROR\tbroken\n"), jsonLine, report]),
  ).then(() => bodyAt(vendor.sink));
  expect(during).toMatchObject({
    status: "error",
    lambda: { arn, request_id: requestId },
    trace_id: traceId,
    span_id: spanId,
    ddsource: "lambda",
    service: "orders",
    hostname: arn,
  });
  expect(during.ddtags.split(",")).toEqual(
    expect.arrayContaining([
      "functionname:orders",
      "region:eu-north-1",
      "env:staging",
      "owner:me",
      "team:shop",
      "cell:4",
    ]),
  );
  expect(first.message).toBe(`START RequestId: ${requestId} Version: 3`);
  expect(JSON.parse(json.message)).toEqual(jsonLine.record);
  expect(last).toMatchObject({
    message: expect.stringMatching(/^REPORT RequestId: .*\tDuration: 3000 ms\t.*\tStatus: timeout$/),
    status: "error",
    platform: { type: "platform.report", metrics: { durationMs: 3000 } },
  });
});

test.each([
  [400, "refused"],
  [401, "closed"],
  [403, "closed"],
  [408, "try later"],
  [413, "too large"],
  [429, "try later"],
  [500, "try later"],
  [503, "try later"],
])("takes status %i for %s", async (code, kind) => {
  vendor.sink.answer = status(code);
  expect(await sendAll(make(), now([line("x")]))).toMatchObject({ kind });
});

test("drops logs older than 18 hours, which Datadog would take and lose, and sends the others", async () => {
  const hours = (ago: number): string => new Date(Date.now() - ago * 3_600_000).toISOString();
  const result = await sendAll(make(), [line("old", hours(18.1)), line("young", hours(17.9))]);
  expect(result).toEqual({
    kind: "partly",
    failed: [{ index: 0, reason: expect.stringContaining("18 hours"), retry: false }],
  });
  expect(bodyAt(vendor.sink).map(({ message }: { message: string }) => message)).toEqual(["young"]);
  expect(await sendAll(make(), [line("old", hours(19))])).toMatchObject({ kind: "partly" });
  expect(vendor.sink.received).toHaveLength(1);
});

test("compresses what is worth it", async () => {
  await sendAll(make(), now([line("x".repeat(5000))]));
  expect(vendor.sink.received[0]!.headers["content-encoding"]).toBe("gzip");
  expect(vendor.sink.received[0]!.raw.length).toBeLessThan(1000);
});

describe("the intake", () => {
  test.each([
    [{}, {}, "http-intake.logs.datadoghq.com"],
    [{}, { DD_SITE: "datadoghq.eu" }, "http-intake.logs.datadoghq.eu"],
    [{ site: "us5.datadoghq.com" }, { DD_SITE: "datadoghq.eu" }, "http-intake.logs.us5.datadoghq.com"],
    [{}, { DD_LOGS_CONFIG_LOGS_DD_URL: "logs.example.com:8443" }, "logs.example.com:8443"],
  ])("of %o with %o is %s", (settings, variables, host) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect(datadog(settings).name).toBe(`datadog ${host}`);
  });
});

describe("the key", () => {
  test("may come later, and is read again when it was refused", async () => {
    const keys = ["old", "new"];
    const to = make({ apiKey: async () => `${keys.shift()}\n` });
    vendor.sink.answer = status(403);
    expect(await sendAll(to, now([line("x")]))).toMatchObject({ kind: "closed" });
    vendor.sink.answer = status(202);
    expect(await sendAll(to, now([line("x")]))).toEqual({ kind: "delivered" });
    await sendAll(to, now([line("x")]));
    expect(vendor.sink.received.map(({ headers }) => headers["dd-api-key"])).toEqual(["old", "new", "new"]);
  });

  test("is in no message, also when the answer repeats it", async () => {
    vendor.sink.answer = status(403, "the key k3y is unknown");
    expect(await sendAll(make(), now([line("x")]))).toEqual({
      kind: "closed",
      reason: "status 403: the key [secret] is unknown",
    });
  });

  test("that is missing keeps everything in the spool, and is asked for by name", async () => {
    vi.stubEnv("DD_API_KEY", undefined);
    expect(await sendAll(datadog({ url: vendor.url }), now([line("x")]))).toEqual({
      kind: "closed",
      reason: expect.stringContaining("DD_API_KEY"),
    });
    expect(vendor.sink.received).toEqual([]);
  });

  test("that cannot be got now is tried later", async () => {
    const to = make({
      apiKey: () => {
        throw new Error("throttled");
      },
    });
    expect(await sendAll(to, now([line("x")]))).toEqual({
      kind: "try later",
      reason: "the key could not be read: throttled",
    });
  });
});
