import { expect, test } from "vitest";
import { environmentIdentity } from "../../host/open-sinks.ts";
import type { Report, TelemetryRecord } from "../../protocol/telemetry-records.ts";
import type { RequestTrace, TracedInvocation } from "../../protocol/traced-invocation.ts";
import { hostedFunction } from "../../../test/fixtures/hosted-function.ts";
import { EnvironmentTraces } from "./environment-traces.ts";
import { maxDocumentBytes, readSegment, type SegmentDocument } from "./segment-document.ts";

const began = 1_775_888_400_000;
const root = "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c";
const request: RequestTrace = {
  header: { root, parent: "0f1e2d3c4b5a6978", sampled: "1", lineage: undefined },
  serviceSegmentId: "aaaaaaaaaaaaaaaa",
  callerId: undefined,
  segments: true,
  startedAt: began,
  httpStatus: 200,
};
const attempt = { request, functionSegmentId: "bbbbbbbbbbbbbbbb", invocationId: "cccccccccccccccc" };
const success: TracedInvocation = {
  attempt,
  startedAt: began + 1,
  endedAt: began + 30,
  releasedAt: began + 1,
  respondedAt: began + 21.5,
};

type Initialization = "on-demand" | "provisioned-concurrency" | "snap-start";
const init = (at: number, phase: "init" | "invoke" = "init", type: Initialization = "on-demand"): TelemetryRecord[] => [
  {
    type: "platform.initStart",
    time: at,
    initializationType: type,
    phase,
    functionName: "tested",
    functionVersion: "$LATEST",
    instanceId: "stream",
    instanceMaxMemory: 1,
  },
  { type: "platform.initReport", time: at + 100, initializationType: type, phase, status: "success", durationMs: 100 },
];
const restore: TelemetryRecord[] = [
  {
    type: "platform.restoreStart",
    time: began - 50,
    functionName: "tested",
    functionVersion: "$LATEST",
    instanceId: "stream",
    instanceMaxMemory: 1,
  },
  { type: "platform.restoreReport", time: began - 10, status: "success", durationMs: 40 },
];

const report = (traced: TracedInvocation | undefined, status: Report["status"] = "success"): TelemetryRecord => ({
  type: "platform.report",
  time: began + 40,
  requestId: "request-1",
  status,
  durationMs: 29,
  billedDurationMs: 30,
  memorySizeMB: 128,
  maxMemoryUsedMB: 64,
  spans: [],
  ...(traced === undefined ? {} : { traced }),
});

function environment() {
  return new EnvironmentTraces(environmentIdentity(hostedFunction({ tracingMode: "Active" }), "0".repeat(32), began));
}

/** The service segment and the function segment of the last record. */
function segmentsOf(...records: TelemetryRecord[]): readonly [SegmentDocument, SegmentDocument] {
  const traces = environment();
  const made = records.map((record) => traces.accept(record)).at(-1)?.() ?? [];
  expect(made).toHaveLength(2);
  return made as unknown as readonly [SegmentDocument, SegmentDocument];
}

const namesOf = ({ subsegments }: SegmentDocument): readonly string[] => (subsegments ?? []).map(({ name }) => name);
const named = ({ subsegments }: SegmentDocument, name: string): SegmentDocument | undefined =>
  subsegments?.find((part) => part.name === name);

const arn = "arn:aws:lambda:us-east-1:123456789012:function:tested";

test("[OBS-70] the service segment is a root of its own until the answer", () => {
  expect(segmentsOf(report(success))[0]).toEqual({
    id: "aaaaaaaaaaaaaaaa",
    name: "tested",
    trace_id: root,
    start_time: began / 1000,
    end_time: (began + 21.5) / 1000,
    origin: "AWS::Lambda",
    resource_arn: arn,
    http: { response: { status: 200 } },
    aws: { request_id: "request-1" },
  });
});

test("[OBS-70] it is below the caller's segment when the caller named one", () => {
  const called = { ...success, attempt: { ...attempt, request: { ...request, callerId: "0f1e2d3c4b5a6978" } } };
  expect(segmentsOf(report(called))[0]).toMatchObject({ parent_id: "0f1e2d3c4b5a6978" });
});

test("[OBS-71] the function segment is below the service segment, and lasts until all is done", () => {
  const { subsegments, ...segment } = segmentsOf(report(success))[1];
  expect(segment).toEqual({
    id: "bbbbbbbbbbbbbbbb",
    name: "tested",
    trace_id: root,
    parent_id: "aaaaaaaaaaaaaaaa",
    start_time: (began + 1) / 1000,
    end_time: (began + 30) / 1000,
    origin: "AWS::Lambda::Function",
    aws: { function_arn: arn, account_id: "123456789012", resource_names: ["tested"] },
  });
  expect(subsegments).toHaveLength(2);
});

test("[OBS-72, OBS-74] Invocation lasts until the response, Overhead from there until all is done", () => {
  const [, segment] = segmentsOf(report(success));
  const aws = { function_arn: arn };
  expect(segment.subsegments).toEqual([
    {
      id: "cccccccccccccccc",
      name: "Invocation",
      start_time: (began + 1) / 1000,
      end_time: (began + 21.5) / 1000,
      aws,
    },
    {
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      name: "Overhead",
      start_time: (began + 21.5) / 1000,
      end_time: (began + 30) / 1000,
      aws,
    },
  ]);
});

test("[OBS-72, OBS-73] Initialization has the times of the Init phase, before the function segment", () => {
  const [, segment] = segmentsOf(...init(began - 500), report(success));
  expect(named(segment, "Initialization")).toMatchObject({
    start_time: (began - 500) / 1000,
    end_time: (began - 400) / 1000,
    aws: { function_arn: arn },
  });
});

test("[OBS-73] Initialization is sent once", () => {
  expect(namesOf(segmentsOf(...init(began - 500), report(success), report(success))[1])).toEqual([
    "Invocation",
    "Overhead",
  ]);
  expect(namesOf(segmentsOf(...init(began - 500), report(undefined), report(success))[1])).not.toContain(
    "Initialization",
  );
});

test.each(["provisioned-concurrency", "snap-start"] as const)(
  "[OBS-73] of %s only an Init inside an invoke is sent",
  (type) => {
    expect(namesOf(segmentsOf(...init(began - 500, "init", type), report(success))[1])).not.toContain("Initialization");
    expect(namesOf(segmentsOf(...init(began, "invoke", type), report(success))[1])).toContain("Initialization");
  },
);

test("[OBS-72] Restore is sent with the first invocation after it", () => {
  const [, segment] = segmentsOf(...init(began - 9000, "init", "snap-start"), ...restore, report(success));
  expect(namesOf(segment)).toEqual(["Restore", "Invocation", "Overhead"]);
  expect(named(segment, "Restore")).toMatchObject({
    start_time: (began - 50) / 1000,
    end_time: (began - 10) / 1000,
  });
  expect(namesOf(segmentsOf(...restore, report(success), report(success))[1])).toEqual(["Invocation", "Overhead"]);
});

test("[OBS-76] an error of the handler is error and fault of Invocation and function segment, with its cause", () => {
  const cause = { message: "bad", exceptions: [{ type: "RangeError", message: "out of reach", stack: [] }] };
  const [service, segment] = segmentsOf(report({ ...success, handlerError: { cause: JSON.stringify(cause) } }));
  expect(segment).toMatchObject({ error: true, fault: true, cause });
  expect(named(segment, "Invocation")).toMatchObject({ error: true, fault: true, cause });
  expect(named(segment, "Overhead")).not.toHaveProperty("fault");
  expect(service).not.toHaveProperty("fault");
});

test("[OBS-76] without a valid cause there is none", () => {
  const [, segment] = segmentsOf(report({ ...success, handlerError: {} }));
  expect(segment).toMatchObject({ error: true, fault: true });
  expect(segment).not.toHaveProperty("cause");
});

test.each(["timeout", "error"] as const)("[OBS-76] a %s is a fault, and Invocation lasts until it", (status) => {
  const { respondedAt: _, ...unanswered } = success;
  const [, segment] = segmentsOf(report(unanswered, status));
  expect(segment).toMatchObject({ fault: true });
  expect(segment).not.toHaveProperty("error");
  expect(segment.subsegments).toMatchObject([{ name: "Invocation", end_time: (began + 30) / 1000, fault: true }]);
});

test("[OBS-72] an invocation the runtime never got has no Invocation", () => {
  const [, segment] = segmentsOf(
    ...init(began, "invoke"),
    report({ attempt, startedAt: began, endedAt: began + 100 }, "error"),
  );
  expect(namesOf(segment)).toEqual(["Initialization"]);
});

const timedOut = (record: TelemetryRecord): TelemetryRecord =>
  record.type === "platform.initReport" ? { ...record, status: "timeout" } : record;

test("[OBS-72, OBS-76] an Init that failed is a fault of its own part, one that succeeded is none", () => {
  const [, ended] = segmentsOf(
    ...init(began, "invoke").map(timedOut),
    report({ attempt, startedAt: began, endedAt: began + 100 }, "timeout"),
  );
  expect(named(ended, "Initialization")).toMatchObject({ fault: true });
  const [, fine] = segmentsOf(...init(began, "invoke"), report(success));
  expect(named(fine, "Initialization")).not.toHaveProperty("fault");
});

test("[OBS-75] another attempt makes another function segment below the same service segment, which then ends later", () => {
  const again = {
    ...success,
    attempt: { ...attempt, functionSegmentId: "dddddddddddddddd" },
    respondedAt: began + 60_000,
    endedAt: began + 60_001,
  };
  const traces = environment();
  const made = [report(success), report(again)].map((record) => traces.accept(record)!());
  const [first, , second, retried] = made.flat();
  expect(second?.id).toBe(first?.id);
  expect(second?.end_time).toBe((began + 60_000) / 1000);
  expect(retried).toMatchObject({ id: "dddddddddddddddd", parent_id: "aaaaaaaaaaaaaaaa" });
});

test("[OBS-77] the same invocation makes the same segments, each with an id of its own", () => {
  const records = [...init(began - 500), ...restore, report(success)];
  const [service, segment] = segmentsOf(...records);
  expect(segmentsOf(...records)).toEqual([service, segment]);
  const ids = [service, segment, ...(segment.subsegments as SegmentDocument[])].map(({ id }) => id);
  expect(new Set(ids).size).toBe(6);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
});

test("[OBS-67, OBS-69] an invocation without segments makes none", () => {
  expect(environment().accept(report(undefined))).toBeUndefined();
});

test("[OBS-77] times are seconds, ids 16 hex digits, and a long cause is shortened until the document fits", () => {
  const stack = Array.from({ length: 700 }, (_, line) => ({ path: "/var/task/index.js", line, label: "handler" }));
  const cause = JSON.stringify({ message: "bad", exceptions: [{ type: "Error", message: "bad", stack }] });
  const [, segment] = segmentsOf(...init(began - 500), report({ ...success, handlerError: { cause } }));
  const text = JSON.stringify(segment);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxDocumentBytes);
  expect(segment.cause).toMatchObject({ message: "bad", exceptions: [{ message: "bad" }] });
  expect(readSegment(text).kind).toBe("segment");
});
