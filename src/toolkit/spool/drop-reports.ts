/** The toolkit's own word in the stream on what had to be dropped. */
import type { DropReason, TelemetryRecord, TelemetryRecordOf } from "../telemetry-records.ts";

export type DropReport = TelemetryRecordOf<"toolkit.recordsDropped">;

/** How much was dropped for each reason. */
export type Dropped = ReadonlyMap<DropReason, { readonly records: number; readonly bytes: number }>;

export const dropReports = (dropped: Dropped, now: number): readonly DropReport[] =>
  [...dropped].map(([reason, { records, bytes }]) => ({
    time: new Date(now).toISOString(),
    type: "toolkit.recordsDropped",
    record: { reason, droppedRecords: records, droppedBytes: bytes },
  }));

export const isDropReport = (event: TelemetryRecord | undefined): event is DropReport =>
  event?.type === "toolkit.recordsDropped";
