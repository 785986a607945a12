/** Which records the log levels let through to CloudWatch; subscribers and the invoke tail see all (CAP-48 to CAP-62). */
import { isLogLine } from "../protocol/telemetry-event-text.ts";
import { jsonObjectText } from "../protocol/telemetry-json-lines.ts";
import {
  logLevels,
  type LogFormat,
  type LogLevel,
  type LogLine,
  type PlatformRecord,
  type TelemetryRecord,
  type Verdict,
} from "../protocol/telemetry-records.ts";

export type SystemLogLevel = "DEBUG" | "INFO" | "WARN";

export interface LoggingSettings {
  readonly logFormat: LogFormat;
  /** Counts in log format JSON only (CAP-49); default INFO. */
  readonly applicationLogLevel?: LogLevel;
  /** Counts in log format JSON only (CAP-49); default INFO. */
  readonly systemLogLevel?: SystemLogLevel;
}

/** Whether the record goes to CloudWatch. Output of extensions always does (CAP-56). */
export function isLogged(record: TelemetryRecord, settings: LoggingSettings): boolean {
  if (settings.logFormat === "Text") return true;
  if (!isLogLine(record)) return atLeast(systemLevel(record), settings.systemLogLevel ?? "INFO");
  return record.type === "extension" || atLeast(applicationLevel(record), settings.applicationLogLevel ?? "INFO");
}

const atLeast = (level: LogLevel, least: LogLevel): boolean => logLevels.indexOf(level) >= logLevels.indexOf(least);

/** CAP-51 to CAP-55 */
export function applicationLevel(line: LogLine): LogLevel {
  const objectText = line.cut === true ? undefined : jsonObjectText(line.text);
  const members = objectText === undefined ? {} : (JSON.parse(objectText) as Record<string, unknown>);
  const named = members["level"] ?? members["log_level"];
  if (named === undefined) return line.frameLevel ?? "INFO";
  const level = typeof named === "string" ? named.toUpperCase() : "";
  return otherSpellings[level] ?? logLevels.find((known) => known === level) ?? "INFO";
}

/** CAP-52: as Python names them. */
const otherSpellings: Readonly<Record<string, LogLevel>> = { WARNING: "WARN", CRITICAL: "FATAL" };

/** CAP-57 to CAP-61 */
export function systemLevel(record: PlatformRecord): SystemLogLevel {
  switch (record.type) {
    case "platform.initStart":
    case "platform.restoreStart":
      return record.runtimeVersion === undefined ? "DEBUG" : "INFO";
    case "platform.initRuntimeDone":
    case "platform.restoreRuntimeDone":
    case "platform.runtimeDone":
      return warnUnlessSuccess(record, "DEBUG");
    case "platform.initReport":
      return warnUnlessSuccess(record, record.initializationType === "on-demand" ? "DEBUG" : "INFO");
    case "platform.restoreReport":
    case "platform.report":
      return warnUnlessSuccess(record, "INFO");
    case "platform.start":
    case "platform.telemetrySubscription":
    case "platform.logsSubscription":
      return "INFO";
    case "platform.extension":
      return record.state === "Ready" && record.errorType === undefined ? "INFO" : "WARN";
    case "platform.logsDropped":
      return "WARN";
    default:
      return record satisfies never;
  }
}

const warnUnlessSuccess = ({ status }: Verdict, level: SystemLogLevel): SystemLogLevel =>
  status === "success" ? level : "WARN";
