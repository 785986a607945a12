/** A record as one line of JSON that says where it comes from: many environments write into one stream, queue or bucket. */
import type { TelemetryRecord } from "../../telemetry-records.ts";
import type { Origin } from "../destination.ts";

/** Undefined, or an empty text, leaves the record out. */
export type LineOf = (record: TelemetryRecord, origin: Origin, id: string) => string | undefined;

/** `id` is the same when a record is delivered twice, so that a reader can leave one out. */
export const sourcedLine: LineOf = ({ time, type, record }, { functionName, functionVersion, processId }, id) =>
  JSON.stringify({ id, time, type, function: functionName, version: functionVersion, environment: processId, record });
