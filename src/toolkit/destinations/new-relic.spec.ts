import { expect, test } from "vitest";
import { status } from "../../../test/fixtures/http-sink.ts";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import { newRelic, type NewRelicSettings } from "./new-relic.ts";
import {
  arn,
  bodyAt,
  jsonLine,
  newRelicExample,
  report,
  requestId,
  sendAll,
  shapeOf,
  simulatedVendor,
  spanId,
  start,
  timeMs,
  traceId,
} from "./vendor-requests.spec-support.ts";

const vendor = simulatedVendor(status(202, '{"requestId":"1"}'), "/log/v1");

const make = (more: NewRelicSettings = {}) => newRelic({ licenseKey: "l1cense", url: vendor.url, ...more });

test("posts what New Relic's documentation shows", async () => {
  expect(await sendAll(make(), [line("hello\n"), line("there\n")])).toEqual({ kind: "delivered" });
  expect(vendor.sink.received[0]).toMatchObject({ url: "/log/v1", headers: { "api-key": "l1cense" } });
  expect(bodyAt(vendor.sink)).toEqual(shapeOf(newRelicExample, ["attributes"]));
});

test("says once what is true of all logs, and of each its invocation and trace", async () => {
  await sendAll(make({ attributes: { "service.name": "shop", tier: 1 } }), [start, line("during\n"), jsonLine, report]);
  const [{ common, logs }] = bodyAt(vendor.sink);
  expect(common.attributes).toMatchObject({
    "faas.arn": arn,
    "faas.name": "orders",
    "cloud.region": "eu-north-1",
    "service.name": "shop",
    tier: 1,
  });
  expect(logs[1]).toEqual({
    timestamp: timeMs,
    message: "during",
    attributes: {
      "lambda.record_type": "function",
      "aws.lambda_request_id": requestId,
      "faas.execution": requestId,
      "trace.id": traceId,
      "span.id": spanId,
    },
  });
  expect(JSON.parse(logs[2].message)).toEqual(jsonLine.record);
  expect(logs[2].attributes.level).toBe("warn");
  expect(logs[3].attributes).toMatchObject({
    level: "error",
    "lambda.status": "timeout",
    "lambda.metrics.durationMs": 3000,
    "lambda.metrics.maxMemoryUsedMB": 97,
  });
});

test("cuts a text that New Relic would not keep", async () => {
  await sendAll(make(), [line("é".repeat(100_000))]);
  const [{ logs }] = bodyAt(vendor.sink);
  expect(Buffer.byteLength(logs[0].message)).toBeLessThanOrEqual(128_000);
  expect(logs[0].message).toMatch(/^é{60000,}…\[cut\]$/);
});

test.each([
  [400, {}, { kind: "refused" }],
  [403, {}, { kind: "closed" }],
  [408, {}, { kind: "try later" }],
  [413, {}, { kind: "too large" }],
  [415, {}, { kind: "closed" }],
  [429, { "Retry-After": "7" }, { kind: "try later", afterMs: 7000 }],
  [503, {}, { kind: "try later" }],
])("takes status %i with %o for %o", async (code, headers, result) => {
  vendor.sink.answer = status(code, "", headers);
  expect(await sendAll(make(), [line("x")])).toMatchObject(result);
});

test.each([
  ["eu01xx", {}, "https://log-api.eu.newrelic.com/log/v1"],
  ["abcd", {}, "https://log-api.newrelic.com/log/v1"],
  ["abcd", { region: "FedRAMP" } as const, "https://gov-log-api.newrelic.com/log/v1"],
])("a key %s with %o goes to %s", async (licenseKey, settings, address) => {
  const to = newRelic({ licenseKey, ...settings });
  const items = to.encode(line("x"), origin, "id");
  const given = new AbortController();
  given.abort();
  await expect(to.send({ items, route: undefined, origin, signal: given.signal })).rejects.toThrow(
    new URL(address).host,
  );
});
