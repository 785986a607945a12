import { describe, expect, test } from "vitest";
import { examples } from "../../test/conformance/telemetry-examples.ts";
import type { PlatformRecord, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { logEntries } from "./system-lines.ts";

const text = (record: TelemetryRecord): readonly string[] => logEntries(record, "Text").map((entry) => entry.text);
const json = (record: TelemetryRecord): readonly string[] => logEntries(record, "JSON").map((entry) => entry.text);

const having = (record: TelemetryRecord, more: object): TelemetryRecord => Object.assign({}, record, more);
const without = (record: TelemetryRecord, member: string): TelemetryRecord =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== member)) as unknown as TelemetryRecord;

const { initStart, initReport, restoreStart, restoreReport, extension, start, report, tracedReport, runtimeDone } =
  examples;
const failed = { status: "error", errorType: "Runtime.ExitError" };
const nodeVersion =
  "Runtime Version: nodejs:22.v40\tRuntime Version ARN: arn:aws:lambda:eu-north-1::runtime:4f1c0e2d3b4a59687786950413223140f1e2d3c4b5a69788796a5b4c3d2e1f00\n";
const reported =
  "REPORT RequestId: 7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5\tDuration: 88.91 ms\tBilled Duration: 502 ms\tMemory Size: 512 MB\tMax Memory Used: 97 MB\tInit Duration: 412.91 ms\t";
const end = "END RequestId: 7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5\n";

describe("log format Text", () => {
  test.each([
    ["[OBS-11] the start of an Init", initStart.record, [`INIT_START ${nodeVersion}`]],
    ["[OBS-11] the start without a runtime version", without(initStart.record, "runtimeVersion"), []],
    [
      "[OBS-12] a failed Init",
      having(initReport.record, failed),
      ["INIT_REPORT Init Duration: 412.91 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n"],
    ],
    [
      "[OBS-12] an Init inside an invoke that took too long",
      having(initReport.record, { status: "timeout", phase: "invoke", durationMs: 3000 }),
      ["INIT_REPORT Init Duration: 3000.00 ms\tPhase: invoke\tStatus: timeout\n"],
    ],
    ["[OBS-13] a successful Init", initReport.record, []],
    ["[OBS-13] a successful Init inside an invoke", having(initReport.record, { phase: "invoke" }), []],
    [
      "[OBS-14] a successful Init for a snapshot",
      having(initReport.record, { initializationType: "snap-start" }),
      ["INIT_REPORT Init Duration: 412.91 ms\n"],
    ],
    [
      "[OBS-14] a successful provisioned Init",
      having(initReport.record, { initializationType: "provisioned-concurrency" }),
      ["INIT_REPORT Init Duration: 412.91 ms\n"],
    ],
    [
      "[OBS-15] the start of a restore",
      restoreStart.record,
      [
        "RESTORE_START Runtime Version: java:21.v55\tRuntime Version ARN: arn:aws:lambda:eu-north-1::runtime:00aa11bb22cc33dd44ee55ff66778899aabbccddeeff00112233445566778899\n",
      ],
    ],
    ["[OBS-15] a restore", restoreReport.record, ["RESTORE_REPORT Restore Duration: 200.88 ms\n"]],
    [
      "[OBS-15] a restore that took too long",
      having(restoreReport.record, { status: "timeout" }),
      ["RESTORE_REPORT Restore Duration: 200.88 ms\tStatus: timeout\n"],
    ],
    [
      "[OBS-15] a failed restore",
      having(restoreReport.record, failed),
      ["RESTORE_REPORT Restore Duration: 200.88 ms\tStatus: error\tError Type: Runtime.ExitError\n"],
    ],
    [
      "[OBS-16] an extension",
      extension.record,
      ["EXTENSION\tName: trace-forwarder\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n"],
    ],
    [
      "[OBS-16] an extension that could not be executed",
      having(extension.record, { state: "LaunchError", events: [], errorType: "PermissionDenied" }),
      ["EXTENSION\tName: trace-forwarder\tState: LaunchError\tEvents: []\tError Type: PermissionDenied\n"],
    ],
    [
      "[OBS-17] a Telemetry subscription",
      examples.telemetrySubscription.record,
      ["TELEMETRY\tName: trace-forwarder\tState: Subscribed\tTypes: [Platform, Function]\n"],
    ],
    [
      "[OBS-17] a repeated one, types in the order requested",
      having(examples.telemetrySubscription.record, { state: "Already subscribed", types: ["extension", "platform"] }),
      ["TELEMETRY\tName: trace-forwarder\tState: Already subscribed\tTypes: [Extension, Platform]\n"],
    ],
    [
      "[OBS-17] a Logs API subscription",
      examples.logsSubscription.record,
      ["LOGS\tName: line-archiver\tState: Subscribed\tTypes: [Platform, Function, Extension]\n"],
    ],
    [
      "[OBS-18] the start of an invoke",
      start.record,
      ["START RequestId: 7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5 Version: 3\n"],
    ],
    ["[OBS-19, OBS-20] a success", report.record, [end, `${reported}\n`]],
    [
      "[OBS-20] the first invoke after a restore",
      having(without(report.record, "initDurationMs"), { restoreDurationMs: 200.884, billedRestoreDurationMs: 38 }),
      [
        end,
        `${reported.replace("Init Duration: 412.91 ms", "Restore Duration: 200.88 ms\tBilled Restore Duration: 38 ms")}\n`,
      ],
    ],
    [
      "[OBS-20] a later invoke",
      without(report.record, "initDurationMs"),
      [end, `${reported.replace("Init Duration: 412.91 ms\t", "")}\n`],
    ],
    ["[OBS-21, OBS-24] a timeout", having(report.record, { status: "timeout" }), [end, `${reported}Status: timeout\n`]],
    [
      "[OBS-21, OBS-26] a crash",
      having(report.record, failed),
      [end, `${reported}Status: error\tError Type: Runtime.ExitError\n`],
    ],
    [
      "[OBS-22] a fault of the platform",
      having(report.record, { status: "failure", errorType: "Sandbox.Failure" }),
      [end, `${reported}Status: failure\tError Type: Sandbox.Failure\n`],
    ],
    [
      "[OBS-23] a sampled invoke",
      tracedReport.record,
      [
        end,
        `${reported}\nXRAY TraceId: 1-69d9e8b0-a1b2c3d4e5f60718293a4b5c\tSegmentId: 5a4b3c2d1e0f9a8b\tSampled: true\t\n`,
      ],
    ],
    ["[DLV-54] drops", examples.logsDropped.record, []],
    ["the end of the runtime's part", runtimeDone.record, []],
    ["the end of the runtime's Init", examples.initRuntimeDone.record, []],
    ["the end of the runtime's restore", examples.restoreRuntimeDone.record, []],
    ["a line of the function", examples.functionLine.record, ["label printed for parcel 17\n"]],
    ["a line of an extension", examples.extensionLine.record, ["2 spans buffered\n"]],
  ])("%s", (_claim, record, lines) => {
    expect(text(record)).toEqual(lines);
  });

  test("[OBS-03] a duration is rounded from what the event shows, not from what was measured", () => {
    expect(text(having(report.record, { durationMs: 1.004999 }))[1]).toContain("\tDuration: 1.00 ms\t");
    expect(text(having(report.record, { durationMs: 2 }))[1]).toContain("\tDuration: 2.00 ms\t");
  });
});

const platformExamples = Object.values(examples)
  .map(({ record }) => record)
  .filter((record) => record.type.startsWith("platform.") && record.type !== "platform.logsSubscription");

describe("log format JSON", () => {
  test.each(platformExamples.map((record) => [record.type, record] as const))(
    "[OBS-29, OBS-30, OBS-33, CAP-47] %s is its event in the form of 2025-01-29",
    (_type, record) => {
      const [line, ...more] = json(record);
      expect(more).toEqual([]);
      const example = Object.values(examples).find((candidate) => candidate.record === record);
      expect(example?.events).toMatchObject({ "2025-01-29": [line] });
    },
  );

  test("a Logs API subscription, which Telemetry has no event for, is the Logs API's", () => {
    expect(json(examples.logsSubscription.record)).toEqual(examples.logsSubscription.events["2021-03-18"]);
  });

  test("[OBS-32] a line of the function is sent as written", () => {
    const record: TelemetryRecord = { time: 0, type: "function", stream: "log", text: ' {"a" : 1}' };
    expect(json(record)).toEqual([' {"a" : 1}']);
  });
});

test.each(["Text", "JSON"] as const)("[OBS-38] in %s the tail shows everything but the start of an Init", (format) => {
  const all = Object.values(examples).map(({ record }) => record);
  const absent = all.filter((record) => logEntries(record, format).some(({ inTail }) => !inTail));
  expect(absent.map(({ type }) => type)).toEqual<PlatformRecord["type"][]>(["platform.initStart"]);
});
