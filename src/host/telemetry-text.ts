/** A record as a subscriber with schema 2025-01-29 would get it. */
import type { LogFormat, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { RecordedEvent } from "../telemetry/recorded-event.ts";

/** One JSON text, or none for what only the Logs API shows (LGS-42). */
export function telemetryText(record: TelemetryRecord, logFormat: LogFormat): string | undefined {
  const [event] = new RecordedEvent(record, logFormat).in("2025-01-29");
  return event?.text;
}
