/** A record as the compact JSON text of the events one schema version makes of it (EVT-01, DLV-09). */
import { logsEvents } from "./logs-events.ts";
import { logsVersions, type LogsVersion, type SchemaVersion } from "./telemetry-api.ts";
import { telemetryRecord, type RecordMembers } from "./telemetry-events.ts";
import type { InitStart, LogLine, PlatformRecord, TelemetryRecord } from "./telemetry-records.ts";
import { formatTime } from "./telemetry-values.ts";

export interface EventText {
  /** The whole event, compact, without LF. */
  readonly text: string;
  /** What the sequence-id is computed from: the record before projection, the same in all versions (DLV-10). */
  readonly raw: string;
}

export const isLogsVersion = (version: SchemaVersion): version is LogsVersion =>
  (logsVersions as readonly string[]).includes(version);

export const isLogLine = (record: TelemetryRecord): record is TelemetryRecord & LogLine =>
  record.type === "function" || record.type === "extension";

let timeOfHead = Number.NaN;
let typeOfHead: LogLine["type"] = "function";
let head = "";

/** Everything before the `record` of a line's event; all of it ASCII. */
export function lineEventHead(time: number, type: LogLine["type"]): string {
  // Lines come by the hundred with the same time, that of their piece of output.
  if (time !== timeOfHead || type !== typeOfHead) {
    head = `{"time":"${formatTime(time)}","type":"${type}","record":`;
    timeOfHead = time;
    typeOfHead = type;
  }
  return head;
}

/** The events `version` has for a platform record: none, one, or the two or three the Logs API makes of a report. */
export function platformEvents(record: TelemetryRecord & PlatformRecord, version: SchemaVersion): readonly EventText[] {
  if (isLogsVersion(version)) {
    return logsEvents(record, version).map((event) => {
      const shown = JSON.stringify(event.record);
      return { text: eventText(record.time, event.type, shown), raw: logsRaw(record, event.type, event.record) };
    });
  }
  const members = telemetryRecord(record, version);
  if (members === undefined) return [];
  return [{ text: eventText(record.time, record.type, JSON.stringify(members)), raw: rawText(record) }];
}

const eventText = (time: number, type: string, record: string): string =>
  `{"time":"${formatTime(time)}","type":"${type}","record":${record}}`;

/** Events only the Logs API has are hashed as they are shown; all others like their Telemetry counterpart. */
function logsRaw(record: PlatformRecord, type: string, shown: RecordMembers | string): string {
  if (typeof shown === "string") return shown;
  return type === record.type && type !== "platform.logsSubscription" ? rawText(record) : JSON.stringify(shown);
}

/** DLV-10: the form of 2025-01-29, but for `platform.initStart`. */
const rawText = (record: PlatformRecord): string =>
  JSON.stringify(record.type === "platform.initStart" ? rawInitStart(record) : telemetryRecord(record, "2025-01-29"));

const rawInitStart = (record: InitStart): RecordMembers => ({
  initializationType: record.initializationType,
  ...record.runtimeVersion,
  functionName: record.functionName,
  functionVersion: record.functionVersion,
  instanceId: record.instanceId,
  instanceMaxMemory: record.instanceMaxMemory,
  phase: record.phase,
});
