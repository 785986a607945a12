/** A record as those that keep logs want it: a text, a level, and the invocation it belongs to. */
import { isRecord, type TelemetryRecord } from "../telemetry-records.ts";
import { timeOf } from "./destination.ts";
import { logLine } from "./log-line.ts";
import { platformText } from "./platform-text.ts";
import { traceContext, type TraceContext } from "./trace-context.ts";

export interface LogEntry {
  readonly type: string;
  /** Milliseconds since the epoch: what the line says, else when the platform got it. */
  readonly timeMs: number;
  /** The line; of a platform event what the function's log says, else its type. Never empty. */
  readonly text: string;
  /** In capitals; undefined for a line that does not say. */
  readonly level: string | undefined;
  readonly requestId: string | undefined;
  readonly trace: TraceContext | undefined;
  /** What a platform event says, or a line in JSON beside its message. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly isPlatform: boolean;
}

/**
 * Undefined for an empty line. Lines that do not name their invocation get the one that was last seen to start. Nothing
 * seen, nothing said: a wrong invocation is worse than none.
 */
export function logEntries(): (record: TelemetryRecord) => LogEntry | undefined {
  let current: { readonly requestId: string; readonly trace: TraceContext | undefined } | undefined;
  return (record) => {
    if (isRecord(record, "platform.start"))
      current = { requestId: record.record.requestId, trace: traceContext(record.record.tracing) };
    if (isRecord(record, "platform.initStart")) current = undefined;
    const entry = record.type === "function" || record.type === "extension" ? lineEntry(record) : eventEntry(record);
    if (entry.text === "") return undefined;
    // Events of Init and of the platform itself may come in an invocation that they are not of.
    const requestId = entry.requestId ?? (entry.isPlatform ? undefined : current?.requestId);
    const trace = entry.trace ?? (requestId === current?.requestId ? current?.trace : undefined);
    return { ...entry, requestId, trace };
  };
}

/** An invocation lasts a quarter of an hour at most; a time that is further off is something else. */
const plausibleMs = 900_000;

function lineEntry(record: TelemetryRecord): LogEntry {
  const { body, level, requestId, time, members } = logLine(record.record);
  const platformMs = timeOf(record);
  const ownMs = Date.parse(time ?? "");
  return {
    type: record.type,
    timeMs: Math.abs(ownMs - platformMs) < plausibleMs ? ownMs : platformMs,
    text: typeof body === "string" ? body : (JSON.stringify(body) ?? ""),
    level: level?.toUpperCase(),
    requestId,
    trace: undefined,
    members,
    isPlatform: false,
  };
}

const troubles = new Set<unknown>(["platform.fault", "platform.logsDropped", "toolkit.recordsDropped"]);
const failures = new Set<unknown>(["failure", "error", "timeout"]);

function eventEntry(event: TelemetryRecord): LogEntry {
  const { type, record } = event;
  const members = typeof record === "object" && record !== null ? (record as Readonly<Record<string, unknown>>) : {};
  const { requestId, status, tracing } = members;
  const trouble = troubles.has(type) || failures.has(status);
  return {
    type,
    timeMs: timeOf(event),
    text: platformText(event) ?? type,
    level: trouble ? "ERROR" : "INFO",
    requestId: typeof requestId === "string" ? requestId : undefined,
    trace: isTracing(tracing) ? traceContext(tracing) : undefined,
    members,
    isPlatform: true,
  };
}

const isTracing = (value: unknown): value is { readonly type: string; readonly value: string } =>
  typeof value === "object" && value !== null && "value" in value && typeof value.value === "string";
