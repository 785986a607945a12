/** Lines as OTLP log records, with the invocation they belong to. */
import { isRecord, type TelemetryRecord } from "../../telemetry-records.ts";
import { logLine, type LogLine } from "../log-line.ts";
import { anyValue, attributes, type LogRecord, nanos } from "./model.ts";
import { traceContext, type TraceContext } from "../trace-context.ts";

export type LogMapper = (record: TelemetryRecord) => LogRecord | undefined;

/** OpenTelemetry's numbers for the names that Lambda and its runtimes use. */
const severities: Readonly<Record<string, number>> = {
  TRACE: 1,
  DEBUG: 5,
  INFO: 9,
  WARN: 13,
  WARNING: 13,
  ERROR: 17,
  CRITICAL: 21,
  FATAL: 21,
};

/** Of platform events only those that say something was lost or broke: the others are spans and metrics. */
const platformLogs: Readonly<Record<string, string>> = {
  "platform.logsDropped": "WARN",
  "toolkit.recordsDropped": "WARN",
  "platform.fault": "ERROR",
};

/**
 * Lines that do not name their invocation get the one that was last seen to start. Nothing seen, nothing said: a wrong
 * invocation is worse than none.
 */
export function logMapper(): LogMapper {
  let current: { readonly requestId: string; readonly trace: TraceContext | undefined } | undefined;
  return (record) => {
    if (isRecord(record, "platform.start"))
      current = { requestId: record.record.requestId, trace: traceContext(record.record.tracing) };
    if (isRecord(record, "platform.initStart")) current = undefined;
    const line = lineOf(record);
    if (line === undefined) return undefined;
    const requestId = line.requestId ?? current?.requestId;
    const trace = requestId !== undefined && requestId === current?.requestId ? current.trace : undefined;
    const time = nanos(Date.parse(line.time ?? record.time));
    const body = anyValue(line.body);
    const severity = severities[line.level?.toUpperCase() ?? ""];
    return {
      timeUnixNano: time,
      observedTimeUnixNano: nanos(Date.parse(record.time)),
      ...(severity === undefined ? {} : { severityNumber: severity, severityText: line.level!.toUpperCase() }),
      ...(body === undefined ? {} : { body }),
      attributes: attributes({ "faas.invocation_id": requestId, "lambda.record_type": record.type, ...line.members }),
      ...(trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId, flags: trace.sampled ? 1 : 0 }),
    };
  };
}

function lineOf({ type, record }: TelemetryRecord): LogLine | undefined {
  const platformLevel = platformLogs[type];
  if (platformLevel !== undefined)
    return { body: record, level: platformLevel, requestId: undefined, time: undefined, members: {} };
  return type === "function" || type === "extension" ? logLine(record) : undefined;
}
