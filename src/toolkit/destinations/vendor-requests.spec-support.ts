/** What vendors' documentation shows of a request, and a destination that sends to a sink on this machine. */
import { afterEach, beforeEach, expect, vi } from "vitest";
import { type Answer, HttpSink } from "../../../test/fixtures/http-sink.ts";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";
import type { Destination, SendResult } from "./destination.ts";

export const requestId = "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5";
export const traceId = "69d9e8b0a1b2c3d4e5f60718293a4b5c";
export const spanId = "5a4b3c2d1e0f9a8b";
export const arn = "arn:aws:lambda:eu-north-1:222233334444:function:orders";
export const timeMs = Date.parse("2026-04-11T06:20:00.540Z");

const tracing = {
  spanId,
  type: "X-Amzn-Trace-Id",
  value: "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=1",
};

const at = (type: string, record: unknown): TelemetryRecord => ({ ...line(""), type, record });

export const start = at("platform.start", { requestId, version: "3", tracing });
export const report = at("platform.report", {
  requestId,
  status: "timeout",
  metrics: { durationMs: 3000, billedDurationMs: 3000, memorySizeMB: 128, maxMemoryUsedMB: 97 },
});
export const jsonLine = at("function", { level: "warn", message: "low stock", cart: 7 });

/** The same records at this moment, for receivers that look at the clock. */
export const now = (records: readonly TelemetryRecord[]): readonly TelemetryRecord[] =>
  records.map((record) => ({ ...record, time: new Date().toISOString() }));

/** Encodes the records as delivery does, each under its id, and sends them in one request. */
export function sendAll(to: Destination, records: readonly TelemetryRecord[], batch = "b"): Promise<SendResult> {
  const items = records.flatMap((record, index) => to.encode(record, origin, `${batch}.${index}`));
  return to.send({ items, route: undefined, origin, signal: new AbortController().signal });
}

export interface SimulatedVendor {
  sink: HttpSink;
  url: string;
}

/** Opened anew for each test of the file; answers as one that took everything, until a test says otherwise. */
export function simulatedVendor(answer: Answer, path = ""): SimulatedVendor {
  const vendor = {} as SimulatedVendor;
  beforeEach(async () => {
    vendor.sink = new HttpSink();
    vendor.sink.answer = answer;
    vendor.url = (await vendor.sink.open()) + path;
  });
  afterEach(() => {
    vendor.sink.close();
    vi.unstubAllEnvs();
  });
  return vendor;
}

/** Whatever arrived, looked into by the tests. */
export const bodyAt = (sink: HttpSink, index = 0): ReturnType<typeof JSON.parse> =>
  JSON.parse(sink.received[index]!.body.toString()) as unknown;

/**
 * A matcher for what has every member of a documented example, of the same type. Members named in `open` hold what a user
 * likes.
 */
export function shapeOf(example: unknown, open: readonly string[] = []): unknown {
  if (typeof example === "string") return expect.any(String);
  if (typeof example === "number") return expect.any(Number);
  if (Array.isArray(example)) return example.map((item) => shapeOf(item, open));
  const members = Object.entries(example as object).map(([name, value]) => [
    name,
    open.includes(name) ? expect.any(Object) : shapeOf(value, open),
  ]);
  return expect.objectContaining(Object.fromEntries(members)) as unknown;
}

/** https://docs.datadoghq.com/api/latest/logs/send-logs/, version 2. */
export const datadogExample = [
  {
    ddsource: "nginx",
    ddtags: "env:staging,version:5.1",
    hostname: "i-012345678",
    message: "2019-11-19T14:37:58,995 INFO [process.name][20081] Hello World",
    service: "payment",
  },
];

/** https://docs.newrelic.com/docs/logs/log-api/introduction-log-api/, the detailed message. */
export const newRelicExample = [
  {
    common: { attributes: { logtype: "accesslogs", service: "login-service", hostname: "login.example.com" } },
    logs: [
      { timestamp: 1_550_086_450_124, message: "User 'xyz' logged in" },
      { timestamp: 1_550_086_450_125, message: "User 'xyz' logged out", attributes: { auditId: 123 } },
    ],
  },
];

/** https://grafana.com/docs/loki/latest/reference/loki-http-api/, "Ingest logs", with structured metadata. */
export const lokiExample = {
  streams: [
    {
      stream: { foo: "bar2" },
      values: [["1570818238000000000", "fizzbuzz", { trace_id: "0242ac120002", user_id: "superUser123" }]],
    },
  ],
};

/** https://help.splunk.com/splunk-enterprise/get-data-in/collect-http-event-data/format-events-for-http-event-collector */
export const splunkExample = {
  time: 1_426_279_439,
  host: "localhost",
  source: "random-data-generator",
  sourcetype: "my_sample_data",
  index: "main",
  event: "Hello world!",
  fields: { device: "macbook" },
};

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk */
export const bulkExample = [{ create: { _index: "test", _id: "3" } }, { field1: "value3" }];

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk, the answer to a request with failures. */
export const bulkAnswerExample = {
  took: 486,
  errors: true,
  items: [
    { create: { _index: "index1", _id: "5", status: 201, result: "created" } },
    {
      create: {
        _index: "index1",
        _id: "6",
        status: 409,
        error: { type: "version_conflict_engine_exception", reason: "[6]: version conflict, document already exists" },
      },
    },
  ],
};
