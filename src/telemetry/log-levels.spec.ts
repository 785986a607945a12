import { describe, expect, test } from "vitest";
import { examples } from "../../test/conformance/telemetry-examples.ts";
import type { LogLine, PlatformRecord, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { applicationLevel, isLogged, systemLevel, type SystemLogLevel } from "./log-levels.ts";

const line = (text: string, more: object = {}): TelemetryRecord & LogLine => ({
  time: 0,
  type: "function",
  stream: "stdout",
  text,
  ...more,
});

const having = (record: TelemetryRecord, more: object): TelemetryRecord & PlatformRecord =>
  Object.assign({}, record, more) as TelemetryRecord & PlatformRecord;

describe("the level of a line", () => {
  test.each([
    ["[CAP-48] trace", '{"level":"TRACE"}', "TRACE"],
    ["[CAP-48] debug", '{"level":"DEBUG"}', "DEBUG"],
    ["[CAP-48] fatal", '{"level":"FATAL"}\n', "FATAL"],
    ["[CAP-51] compared without case", '{"level":"wArN"}', "WARN"],
    ["[CAP-52] WARNING", '{"level":"WARNING"}', "WARN"],
    ["[CAP-52] CRITICAL", '{"level":"critical"}', "FATAL"],
    ["[CAP-52] log_level", '{"log_level":"ERROR"}', "ERROR"],
    ["[CAP-53] none", '{"message":"x"}', "INFO"],
    ["[CAP-53] unknown", '{"level":"LOUD"}', "INFO"],
    ["[CAP-53] no text", '{"level":30}', "INFO"],
    ["[CAP-54] with a timestamp that is none", '{"timestamp":"yesterday","level":"ERROR"}', "ERROR"],
    ["[CAP-55] plain text", "ERROR: it broke\n", "INFO"],
  ])("%s", (_claim, text, level) => {
    expect(applicationLevel(line(text))).toBe(level);
  });

  test("[CAP-51] a framed record without the member has the frame's level, with it its own", () => {
    expect(applicationLevel(line('{"a":1}', { frameLevel: "ERROR" }))).toBe("ERROR");
    expect(applicationLevel(line("text", { frameLevel: "ERROR" }))).toBe("ERROR");
    expect(applicationLevel(line('{"level":"DEBUG"}', { frameLevel: "ERROR" }))).toBe("DEBUG");
  });
});

const failed = { status: "error", errorType: "Runtime.ExitError" };
const noVersion = { runtimeVersion: undefined };
const snapshot = { initializationType: "snap-start" };

describe("the level of a system event", () => {
  test.each<[string, TelemetryRecord, SystemLogLevel]>([
    ["[CAP-57] initStart", examples.initStart.record, "INFO"],
    ["[CAP-57] initStart without a version", having(examples.initStart.record, noVersion), "DEBUG"],
    ["[CAP-57] restoreStart", examples.restoreStart.record, "INFO"],
    ["[CAP-57] restoreStart without a version", having(examples.restoreStart.record, noVersion), "DEBUG"],
    ["[CAP-58] initRuntimeDone", examples.initRuntimeDone.record, "DEBUG"],
    ["[CAP-58] initRuntimeDone, failed", having(examples.initRuntimeDone.record, failed), "WARN"],
    ["[CAP-58] restoreRuntimeDone", having(examples.restoreRuntimeDone.record, { status: "success" }), "DEBUG"],
    ["[CAP-58] restoreRuntimeDone, failed", examples.restoreRuntimeDone.record, "WARN"],
    ["[CAP-58] runtimeDone", examples.runtimeDone.record, "DEBUG"],
    ["[CAP-58] runtimeDone, failed", having(examples.runtimeDone.record, { status: "timeout" }), "WARN"],
    ["[CAP-59] initReport", examples.initReport.record, "DEBUG"],
    ["[CAP-59] initReport, not on demand", having(examples.initReport.record, snapshot), "INFO"],
    ["[CAP-59] initReport, failed", having(examples.initReport.record, { ...snapshot, ...failed }), "WARN"],
    ["[CAP-60] restoreReport", examples.restoreReport.record, "INFO"],
    ["[CAP-60] restoreReport, failed", having(examples.restoreReport.record, failed), "WARN"],
    ["[CAP-60] report", examples.report.record, "INFO"],
    ["[CAP-60] report, failed", examples.timedOutReport.record, "WARN"],
    ["[CAP-61] start", examples.start.record, "INFO"],
    ["[CAP-61] telemetrySubscription", examples.telemetrySubscription.record, "INFO"],
    ["[CAP-61] logsSubscription", examples.logsSubscription.record, "INFO"],
    ["[CAP-61] extension", examples.extension.record, "INFO"],
    ["[CAP-61] extension, not ready", having(examples.extension.record, { state: "Registered" }), "WARN"],
    ["[CAP-61] extension, failed", having(examples.extension.record, { errorType: "UnknownError" }), "WARN"],
    ["[CAP-61, DLV-54] logsDropped", examples.logsDropped.record, "WARN"],
  ])("%s", (_claim, record, level) => {
    expect(systemLevel(record as PlatformRecord)).toBe(level);
  });
});

describe("what goes to CloudWatch", () => {
  test("[CAP-49] in Text everything", () => {
    const settings = { logFormat: "Text", applicationLogLevel: "FATAL", systemLogLevel: "WARN" } as const;
    const all = Object.values(examples).map(({ record }) => record);
    expect(all.filter((record) => !isLogged(record, settings))).toEqual([]);
  });

  test("[CAP-48, CAP-62, OBS-31] with the defaults a cold start shows initStart, start and report", () => {
    const { initStart, initRuntimeDone, initReport, start, runtimeDone, report } = examples;
    const events = [initStart, initRuntimeDone, initReport, start, runtimeDone, report].map(({ record }) => record);
    const shown = events.filter((record) => isLogged(record, { logFormat: "JSON" }));
    expect(shown.map(({ type }) => type)).toEqual(["platform.initStart", "platform.start", "platform.report"]);
  });

  test("[OBS-31] the system level lets through what is at least as high", () => {
    const shown = (systemLogLevel: SystemLogLevel): readonly boolean[] =>
      [examples.runtimeDone, examples.start, examples.logsDropped].map(({ record }) =>
        isLogged(record, { logFormat: "JSON", systemLogLevel }),
      );
    expect(shown("DEBUG")).toEqual([true, true, true]);
    expect(shown("INFO")).toEqual([false, true, true]);
    expect(shown("WARN")).toEqual([false, false, true]);
  });

  test("[CAP-50, CAP-55, OBS-31] the application level filters the function's lines, plain text as INFO", () => {
    const settings = { logFormat: "JSON", applicationLogLevel: "WARN" } as const;
    const lines = ['{"level":"INFO"}', '{"level":"WARN"}', '{"level":"FATAL"}', "plain"].map((text) => line(text));
    expect(lines.map((record) => isLogged(record, settings))).toEqual([false, true, true, false]);
  });

  test("[CAP-56] lines of extensions are not filtered", () => {
    const settings = { logFormat: "JSON", applicationLogLevel: "FATAL" } as const;
    expect(isLogged(line('{"level":"TRACE"}', { type: "extension" }), settings)).toBe(true);
  });
});
