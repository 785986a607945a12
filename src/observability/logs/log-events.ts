/** A record as the log events CloudWatch gets of it: levels judged, one event for each line (OBS-09, OBS-31). */
import type { TelemetryRecord } from "../../protocol/telemetry-records.ts";
import { isLogged } from "../../telemetry/log-levels.ts";
import type { EnvironmentIdentity } from "../sinks.ts";
import { logEntries } from "../system-lines.ts";

export interface LogEvent {
  /** Whole epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

/** What CloudWatch counts of an event besides its message. */
export const eventOverheadBytes = 26;

/** None for a record that the log levels hold back, or that the format has no line for. */
export function logEvents(
  record: TelemetryRecord,
  settings: Pick<EnvironmentIdentity, "logFormat" | "applicationLogLevel" | "systemLogLevel">,
): readonly LogEvent[] {
  if (!isLogged(record, settings)) return [];
  const timestamp = Math.floor(record.time);
  return logEntries(record, settings.logFormat).map(({ text }) => ({ timestamp, message: text }));
}
