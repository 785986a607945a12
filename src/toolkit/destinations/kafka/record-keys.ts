/** Which records stay together: those of a key are in one partition, in order. */
import { isRecord, type TelemetryRecord } from "../../telemetry-records.ts";

/** The request id that a record names, or of the invocation that was last seen to start; undefined outside of one. */
export function requestIds(): (record: TelemetryRecord) => string | undefined {
  let current: string | undefined;
  return (record) => {
    if (isRecord(record, "platform.initStart")) current = undefined;
    const own = ownRequestId(record);
    if (isRecord(record, "platform.start")) current = own;
    return own ?? current;
  };
}

function ownRequestId({ record }: TelemetryRecord): string | undefined {
  if (typeof record !== "object" || record === null) return undefined;
  const { requestId, AWSRequestId } = record as Readonly<Record<string, unknown>>;
  return [requestId, AWSRequestId].find((id): id is string => typeof id === "string");
}
