/** A record as the lines a developer reads while it happens: who wrote each, and what. */
import { logEntries } from "../observability/system-lines.ts";
import type { LogFormat, TelemetryRecord } from "../protocol/telemetry-records.ts";

export interface LogLine {
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number;
  readonly from: "function" | "extension" | "platform";
  /** Only of an extension. */
  readonly extensionName?: string;
  /** Without the line end. */
  readonly text: string;
}

/** The lines of `record`; none where the log format has no line for it. */
export function logLinesOf(record: TelemetryRecord, logFormat: LogFormat): readonly LogLine[] {
  return logEntries(record, logFormat).map((entry) => {
    const text = entry.text.replace(/\r?\n$/, "");
    if (record.type === "extension" && record.extensionName !== undefined)
      return { at: record.time, from: record.type, extensionName: record.extensionName, text };
    const from = record.type === "function" || record.type === "extension" ? record.type : "platform";
    return { at: record.time, from, text };
  });
}

/** What the function, or the extension of this name, wrote itself, without line ends. */
export function writtenLines(records: Iterable<TelemetryRecord>, name: string): readonly string[] {
  const lines: string[] = [];
  for (const record of records) {
    if (record.type !== "function" && record.type !== "extension") continue;
    if ((record.type === "function" ? "function" : record.extensionName) === name)
      lines.push(record.text.replace(/\r?\n$/, ""));
  }
  return lines;
}
