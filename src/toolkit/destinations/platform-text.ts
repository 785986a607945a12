/** Platform events in the words of the function's log, which people and the parsing rules of vendors know. */
import { isRecord, type RecordOf, type TelemetryRecord } from "../telemetry-records.ts";

/** Undefined for an event that has no line in the log. */
export function platformText(event: TelemetryRecord): string | undefined {
  if (isRecord(event, "platform.initStart")) return initStart(event.record);
  if (isRecord(event, "platform.start")) {
    const { requestId, version } = event.record;
    return `START RequestId: ${requestId}${version === undefined ? "" : ` Version: ${version}`}`;
  }
  if (isRecord(event, "platform.runtimeDone") || isRecord(event, "platform.end"))
    return `END RequestId: ${event.record.requestId}`;
  if (isRecord(event, "platform.report")) return report(event.record);
  return isRecord(event, "platform.fault") ? event.record : undefined;
}

const initStart = ({ runtimeVersion, runtimeVersionArn }: RecordOf["platform.initStart"]): string =>
  [
    "INIT_START",
    ...(runtimeVersion === undefined ? [] : [`Runtime Version: ${runtimeVersion}`]),
    ...(runtimeVersionArn === undefined ? [] : [`Runtime Version ARN: ${runtimeVersionArn}`]),
  ].join("\t");

function report({ requestId, metrics, status, errorType }: RecordOf["platform.report"]): string {
  const { durationMs, billedDurationMs, memorySizeMB, maxMemoryUsedMB, initDurationMs } = metrics;
  return [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs} ms`,
    ...(billedDurationMs === undefined ? [] : [`Billed Duration: ${billedDurationMs} ms`]),
    ...(memorySizeMB === undefined ? [] : [`Memory Size: ${memorySizeMB} MB`]),
    ...(maxMemoryUsedMB === undefined ? [] : [`Max Memory Used: ${maxMemoryUsedMB} MB`]),
    ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs} ms`]),
    ...(status === undefined || status === "success" ? [] : [`Status: ${status}`]),
    ...(errorType === undefined ? [] : [`Error Type: ${errorType}`]),
  ].join("\t");
}
