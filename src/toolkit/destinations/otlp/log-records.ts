/** Lines as OTLP log records, with the invocation they belong to. */
import { isRecord, type TelemetryRecord } from "../../telemetry-records.ts";
import { anyValue, attributes, type LogRecord, nanos } from "./model.ts";
import { traceContext, type TraceContext } from "./trace-context.ts";

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
    const severity = severities[line.level?.toUpperCase() ?? ""];
    return {
      timeUnixNano: time,
      observedTimeUnixNano: nanos(Date.parse(record.time)),
      ...(severity === undefined ? {} : { severityNumber: severity, severityText: line.level!.toUpperCase() }),
      ...(line.body === undefined ? {} : { body: line.body }),
      attributes: attributes({ "faas.invocation_id": requestId, "lambda.record_type": record.type, ...line.members }),
      ...(trace === undefined ? {} : { traceId: trace.traceId, spanId: trace.spanId, flags: trace.sampled ? 1 : 0 }),
    };
  };
}

interface Line {
  readonly body: ReturnType<typeof anyValue>;
  readonly level: string | undefined;
  readonly requestId: string | undefined;
  readonly time: string | undefined;
  readonly members: Readonly<Record<string, unknown>>;
}

function lineOf({ type, record }: TelemetryRecord): Line | undefined {
  const platformLevel = platformLogs[type];
  if (platformLevel !== undefined)
    return { body: anyValue(record), level: platformLevel, requestId: undefined, time: undefined, members: {} };
  if (type !== "function" && type !== "extension") return undefined;
  return typeof record === "string" ? textLine(record) : objectLine(record as Readonly<Record<string, unknown>>);
}

/** Node.js writes `time TAB request id TAB LEVEL TAB text`, Python `[LEVEL] TAB time TAB request id TAB text`. */
function textLine(text: string): Line {
  const line = text.replace(/\n$/, "");
  const node = /^(\S+Z)\t([0-9a-f-]{36}|undefined)\t(\w+)\t/.exec(line);
  const python = node === null ? /^\[(\w+)\]\t(\S+Z)\t([0-9a-f-]{36})?\t/.exec(line) : null;
  const [time, requestId, level] =
    node !== null ? [node[1], node[2], node[3]] : python !== null ? [python[2], python[3], python[1]] : [];
  return {
    body: { stringValue: line },
    level,
    requestId: requestId === "undefined" ? undefined : requestId,
    time: time !== undefined && !Number.isNaN(Date.parse(time)) ? time : undefined,
    members: {},
  };
}

/** Log format JSON: `message` is the text, everything that is no member of every line becomes an attribute. */
function objectLine(record: Readonly<Record<string, unknown>>): Line {
  const { message, level, requestId, AWSRequestId, timestamp, ...members } = record;
  const invocation = [requestId, AWSRequestId].find((id): id is string => typeof id === "string");
  return {
    body: anyValue(message ?? record),
    level: typeof level === "string" ? level : undefined,
    requestId: invocation,
    time: typeof timestamp === "string" && !Number.isNaN(Date.parse(timestamp)) ? timestamp : undefined,
    members: message === undefined ? {} : members,
  };
}
