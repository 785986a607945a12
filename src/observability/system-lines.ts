/** Records as the lines that CloudWatch, the terminal and the invoke tail show (OBS-11 to OBS-33). */
import { isLogLine, platformEvents } from "../protocol/telemetry-event-text.ts";
import type { LogFormat, PlatformRecord, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { textLines } from "./text-lines.ts";

/** One log event. */
export interface LogEntry {
  /** As CloudWatch stores it: with its LF where the line has one. */
  readonly text: string;
  /** OBS-38: the invoke tail shows everything but the start of an Init. */
  readonly inTail: boolean;
}

/** The log events of a record, in order; none where the format has no line for it. Levels are judged elsewhere. */
export function logEntries(record: TelemetryRecord, format: LogFormat): readonly LogEntry[] {
  if (isLogLine(record)) return [{ text: record.text, inTail: true }];
  const texts = format === "Text" ? textLines(record) : jsonLines(record);
  return texts.map((text) => ({ text, inTail: record.type !== "platform.initStart" }));
}

/** OBS-29, and for what Telemetry has no event for, the Logs API's. */
function jsonLines(record: TelemetryRecord & PlatformRecord): readonly string[] {
  const version = record.type === "platform.logsSubscription" ? "2021-03-18" : "2025-01-29";
  return platformEvents(record, version).map(({ text }) => text);
}
