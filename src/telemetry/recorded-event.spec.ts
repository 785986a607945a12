import { existsSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { schemaVersions, type SchemaVersion } from "../protocol/telemetry-api.ts";
import { examples, jsonLine, type Example } from "../../test/conformance/telemetry-examples.ts";
import type { InitStart, LogFormat, Report, TelemetryRecord, Verdict } from "../protocol/telemetry-records.ts";
import { RecordedEvent } from "./recorded-event.ts";

const texts = (record: TelemetryRecord, version: SchemaVersion, format: LogFormat = "Text"): readonly string[] =>
  new RecordedEvent(record, format).in(version).map(({ text }) => text);

const recordsOf = (record: TelemetryRecord, version: SchemaVersion): readonly unknown[] =>
  texts(record, version).map((text) => (JSON.parse(text) as { record: unknown }).record);

const claims: Readonly<Record<keyof typeof examples, string>> = {
  initStart: "[EVT-32, LGS-18]",
  initRuntimeDone: "[EVT-34, LGS-18]",
  initReport: "[EVT-38, EVT-40, LGS-18]",
  restoreStart: "[EVT-41, LGS-18]",
  restoreRuntimeDone: "[EVT-42, LGS-18]",
  restoreReport: "[EVT-43, LGS-18]",
  start: "[EVT-45, LGS-19]",
  tracedStart: "[EVT-15, EVT-45, LGS-19]",
  runtimeDone: "[EVT-13, EVT-48, LGS-17, LGS-24]",
  report: "[EVT-13, EVT-55, EVT-56, LGS-20, LGS-21, LGS-22, LGS-39, LGS-40, LGS-42]",
  tracedReport: "[EVT-15, EVT-55, LGS-23]",
  timedOutReport: "[EVT-55, LGS-26, LGS-34, LGS-39, LGS-42]",
  extension: "[EVT-66, LGS-28]",
  telemetrySubscription: "[EVT-70, LGS-13]",
  logsSubscription: "[EVT-72, LGS-12, LGS-29]",
  logsDropped: "[EVT-71, LGS-30]",
  functionLine: "[EVT-74, CAP-40]",
  extensionLine: "[EVT-74, CAP-40]",
};

const inEveryVersion = (Object.keys(examples) as (keyof typeof examples)[]).flatMap((name) =>
  schemaVersions.map((version) => {
    const { record, events }: Example = examples[name];
    return { name, claim: claims[name], version, record, expected: events[version] ?? [] };
  }),
);

describe("[EVT-01, EVT-05, EVT-08, EVT-09, LGS-16, LGS-41, TEL-32] the examples of the specification come out to the letter", () => {
  test.each(inEveryVersion)("$claim $name in $version", ({ record, version, expected }) => {
    expect(texts(record, version)).toEqual(expected);
  });

  test.each(schemaVersions)(
    "[EVT-04, EVT-75, EVT-76, CAP-41, CAP-46, LGS-31] a line in log format JSON in %s",
    (version) => {
      expect(texts(jsonLine.record, version, "JSON")).toEqual(jsonLine.events[version]);
    },
  );
});

test("[EVT-03, LGS-17] no API sends a type that is not its own", () => {
  const all = Object.values(examples).map(({ record }) => record);
  const typesIn = (version: SchemaVersion): Set<string> =>
    new Set(all.flatMap((record) => texts(record, version)).map((text) => (JSON.parse(text) as { type: string }).type));
  const common = [
    "platform.start",
    "platform.report",
    "platform.extension",
    "platform.logsDropped",
    "function",
    "extension",
  ];
  const init = ["platform.initStart", "platform.initRuntimeDone", "platform.initReport"];
  const restore = ["platform.restoreStart", "platform.restoreRuntimeDone", "platform.restoreReport"];
  const telemetry = [...init, ...restore, "platform.runtimeDone", "platform.telemetrySubscription"];
  const logs = ["platform.end", "platform.fault", "platform.logsSubscription"];
  expect(typesIn("2025-01-29")).toEqual(new Set([...common, ...telemetry]));
  expect(typesIn("2022-12-13")).toEqual(new Set([...common, ...telemetry]));
  expect(typesIn("2022-07-01")).toEqual(new Set([...common, ...telemetry]));
  expect(typesIn("2021-03-18")).toEqual(new Set([...common, ...logs, "platform.runtimeDone"]));
  expect(typesIn("2020-08-15")).toEqual(new Set([...common, ...logs]));
});

const schemaFolder = new URL("../../../shared/spec/schemas/", import.meta.url);
const schemaFile = (version: SchemaVersion): URL =>
  new URL(`${version.startsWith("202") && version < "2022" ? "logs" : "telemetry"}-${version}.json`, schemaFolder);

describe.skipIf(!existsSync(schemaFolder))("the schemas beside the specification accept what is delivered", () => {
  const ajv = new Ajv2020({ strict: false });
  const all: TelemetryRecord[] = Object.values(examples).map(({ record }) => record);

  test.each(schemaVersions)("[EVT-06, LGS-17] every event in %s", (version) => {
    const validate = ajv.compile(JSON.parse(readFileSync(schemaFile(version), "utf8")) as object);
    const events = [...all.flatMap((record) => texts(record, version)), ...texts(jsonLine.record, version, "JSON")];
    const refused = events.filter((text) => !validate(JSON.parse(text)));
    expect(events.length).toBeGreaterThan(8);
    expect(refused).toEqual([]);
  });

  test.each(schemaVersions)("[EVT-23] verdicts of every kind in %s", (version) => {
    const validate = ajv.compile({
      ...(JSON.parse(readFileSync(schemaFile(version), "utf8")) as object),
      $id: `${version}-verdicts`,
    });
    const events = verdicts.flatMap((verdict) => withVerdict(verdict).flatMap((record) => texts(record, version)));
    expect(events.filter((text) => !validate(JSON.parse(text)))).toEqual([]);
  });
});

const verdicts: readonly Verdict[] = [
  { status: "success" },
  { status: "timeout" },
  { status: "error", errorType: "Runtime.ExitError" },
  { status: "failure", errorType: "Sandbox.Failure" },
];

function withVerdict(verdict: Verdict): readonly TelemetryRecord[] {
  const records = Object.values(examples).map(({ record }) => record);
  return records.filter((record) => "status" in record).map((record) => Object.assign({}, record, verdict));
}

const report = examples.report.record as TelemetryRecord & Report;

test.each([{ status: "success" }, { status: "timeout" }] as const)(
  "[EVT-23] leaves the error type out when the status is $status, even if the record has one",
  ({ status }) => {
    expect(texts({ ...report, status, errorType: "Runtime.Unknown" }, "2025-01-29").join("")).not.toContain(
      "errorType",
    );
  },
);

test("[EVT-48, EVT-55] the error type follows the status", () => {
  const record = { ...report, status: "error", errorType: "Runtime.ExitError" } as const;
  expect(Object.keys(recordsOf(record, "2025-01-29")[0] as object)).toEqual([
    "requestId",
    "metrics",
    "spans",
    "status",
    "errorType",
  ]);
});

test("[EVT-56] a restore is shown in each version's measure, and not at all by the Logs API", () => {
  const restored = { ...report, restoreDurationMs: 200.884, billedRestoreDurationMs: 38 };
  const shown = schemaVersions.map((version) => {
    const { metrics } = recordsOf(restored, version).at(-1) as { metrics: Record<string, unknown> };
    return [metrics["restoreDurationMs"], metrics["billedRestoreDurationMs"]];
  });
  expect(shown).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    [200.88, undefined],
    [200.88, 38],
    [200.88, 38],
  ]);
});

test.each(["start", "runtimeDone", "report"] as const)(
  "[EVT-45, EVT-48, EVT-55] only 2025-01-29 shows the tenant in %s",
  (name) => {
    const record = { ...examples[name].record, tenantId: "blue" } as TelemetryRecord;
    const showing = schemaVersions.filter((version) => texts(record, version).join("").includes('"tenantId":"blue"'));
    expect(showing).toEqual(["2025-01-29"]);
  },
);

test.each([
  ["2022-07-01", false],
  ["2022-12-13", true],
  ["2025-01-29", true],
  ["2020-08-15", false],
  ["2021-03-18", false],
] as const)("[EVT-66, LGS-28] in %s an extension's error type is shown: %s", (version, shown) => {
  const record = { ...examples.extension.record, state: "LaunchError", errorType: "PermissionDenied" };
  expect(
    texts(record as TelemetryRecord, version)
      .join("")
      .includes("PermissionDenied"),
  ).toBe(shown);
});

test.each([
  ["success", "success"],
  ["error", "failure"],
  ["failure", "failure"],
  ["timeout", "timeout"],
])("[LGS-24] the runtime status %s is %s for the Logs API", (status, shown) => {
  const record = { ...examples.runtimeDone.record, status, errorType: "Runtime.ExitError" } as TelemetryRecord;
  expect(recordsOf(record, "2021-03-18")).toEqual([
    { requestId: "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5", status: shown },
  ]);
});

test.each([
  ["error", "Runtime.ExitError"],
  ["failure", "Sandbox.Failure"],
] as const)("[LGS-27, LGS-35] a crash with status %s is a fault, then an end, then a report", (status, errorType) => {
  const events = recordsOf({ ...report, status, errorType }, "2020-08-15");
  expect(events).toHaveLength(3);
  expect(events[0]).toBe(`RequestId: ${report.requestId}\tStatus: ${status}\tErrorType: ${errorType}\n`);
});

test("[EVT-20] without a runtime version neither of its members is shown", () => {
  const { runtimeVersion: _gone, ...record } = examples.initStart.record as TelemetryRecord & InitStart;
  expect(texts(record, "2025-01-29").join("")).not.toContain("runtimeVersion");
});

test("[DLV-10] the raw text of initStart has its phase last", () => {
  const [raw] = new RecordedEvent(examples.initStart.record, "Text").in("2022-07-01").map((event) => event.raw);
  expect(Object.keys(JSON.parse(String(raw)) as object)).toEqual([
    "initializationType",
    "runtimeVersion",
    "runtimeVersionArn",
    "functionName",
    "functionVersion",
    "instanceId",
    "instanceMaxMemory",
    "phase",
  ]);
});

test.each(Object.entries(examples))(
  "[DLV-11] the raw text of %s is the same in all versions of an API",
  (_name, { record }) => {
    const event = new RecordedEvent(record, "Text");
    const raws = schemaVersions.map((version) => event.in(version).at(-1)?.raw).filter((raw) => raw !== undefined);
    expect(new Set(raws).size).toBe(1);
  },
);

const recordsInJson = (record: TelemetryRecord): readonly unknown[] =>
  texts(record, "2025-01-29", "JSON").map((event) => (JSON.parse(event) as { record: unknown }).record);

const lineOf = (text: string, more: object = {}): TelemetryRecord => ({
  time: 0,
  type: "function",
  stream: "stdout",
  text,
  ...more,
});

test.each([
  ["an array", '[{"a":1}]\n'],
  ["a number", "17\n"],
  ["a string", '"text"\n'],
  ["an object and more", '{"a":1} {"b":2}\n'],
  ["a broken object", '{"a":1\n'],
  ["plain text", "label printed\n"],
])("[CAP-42, CAP-43] %s stays a string in log format JSON", (_what, text) => {
  expect(recordsInJson(lineOf(text))).toEqual([text]);
});

test("[CAP-40] in log format Text a JSON object stays a string", () => {
  expect(recordsOf(lineOf('{"a":1}\n'), "2025-01-29")).toEqual(['{"a":1}\n']);
});

test("[CAP-44] a line of an extension becomes an object too", () => {
  expect(recordsInJson(lineOf('{"a":1}\n', { type: "extension" }))).toEqual([{ a: 1 }]);
});

test("[CAP-45, EVT-76, DLV-09] keys, order and spelling stay as written, only white space goes", () => {
  const written = ' {"b" : 1.0e2 ,\r\n"a":"x \\" y", "b":-0, "\\u0041":[ 1, {} ]}\t\n';
  const [text] = texts(lineOf(written), "2022-12-13", "JSON");
  expect(text).toContain('"record":{"b":1.0e2,"a":"x \\" y","b":-0,"\\u0041":[1,{}]}}');
});

test("[CAP-21] the piece of a line that was too long stays text though it reads like an object", () => {
  expect(recordsInJson(lineOf('{"a":1}\n', { cut: true }))).toEqual(['{"a":1}\n']);
});

test("[CAP-14] control characters are kept, escaped", () => {
  const text = "nul \u0000 bell \u0007 escape \u001b\n";
  expect(recordsOf(lineOf(text), "2022-07-01")).toEqual([text]);
  expect(texts(lineOf(text), "2022-07-01")[0]).toContain("\\u0000");
});

test("the size of an event is its length in UTF-8", () => {
  const [event] = new RecordedEvent(lineOf("Grüße 🌍\n"), "Text").in("2025-01-29");
  expect(event?.bytes).toBe(new TextEncoder().encode(event?.text).length);
});
