/** What a stage that turns the bytes of one stream into records looks like. */
import type { EpochMs, LogLine, TelemetryRecord } from "../protocol/telemetry-records.ts";

/** Takes the output of one descriptor of one process, from its start to its end. */
export interface OutputCapture {
  /** Takes bytes as they were read; `now` is the moment of reading (CAP-15). The bytes are not kept. */
  accept(bytes: Uint8Array, now: EpochMs): void;
  /** The stream ended: what is held becomes a record (CAP-11, CAP-34). Nothing may be accepted after it. */
  close(now: EpochMs): void;
}

export interface CaptureOptions {
  /** CAP-02: `function` for the runtime's processes, `extension` for an external extension's. */
  readonly source: Pick<LogLine, "type" | "extensionName" | "stream">;
  /** Longest record in bytes of UTF-8 (CAP-18, CAP-20); by default 262,118. */
  readonly maxRecordBytes?: number;
  readonly emit: (record: TelemetryRecord & LogLine) => void;
}
