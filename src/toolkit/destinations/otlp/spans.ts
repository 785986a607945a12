/**
 * Spans by AWS's mapping ("Converting Lambda Telemetry API Event objects to OpenTelemetry Spans"): one for the three events
 * of a phase, made when the report comes, and one for each span of the runtimeDone event.
 */
import { isRecord, type TelemetryRecord, type TelemetrySpan, type TelemetryTracing } from "../../telemetry-records.ts";
import { attributes, nanos, type Span } from "./model.ts";
import { derivedId, traceContext, type TraceContext } from "../trace-context.ts";

/** What came of a phase before its report. */
interface OpenPhase {
  readonly startedAt: number | undefined;
  readonly functionArn: string | undefined;
  readonly status: string | undefined;
  readonly spans: readonly TelemetrySpan[];
}

export type SpanStyle = "children" | "events";

export type SpanMapper = (record: TelemetryRecord) => readonly Span[];

/** A report that never comes, as of an invocation that was never reported, must not be waited for without bound. */
const maxOpenPhases = 100;

const server = 2;

/**
 * Remembers the start and the runtimeDone of a phase beyond its report, which is encoded twice where it is the first that
 * a request has no room for. What was forgotten is worked out from durations.
 */
export function spanMapper(functionName: string, style: SpanStyle): SpanMapper {
  const open = new Map<string, OpenPhase>();
  return (record) => {
    const event = phaseEvent(record);
    if (event === undefined) return [];
    const before = open.get(event.key) ?? nothing;
    if (event.part !== "report") {
      if (open.size >= maxOpenPhases) open.delete(open.keys().next().value ?? "");
      open.set(event.key, merged(event.part === "start" ? nothing : before, event));
      return [];
    }
    const context = traceContext(event.tracing);
    if (context === undefined || !context.sampled) return [];
    return spansOf(functionName, style, event, merged(before, event), context);
  };
}

const nothing: OpenPhase = { startedAt: undefined, functionArn: undefined, status: undefined, spans: [] };

interface PhaseEvent {
  readonly key: string;
  readonly phase: "init" | "restore" | "invocation";
  readonly part: "start" | "runtimeDone" | "report";
  readonly time: number;
  readonly durationMs: number | undefined;
  readonly requestId: string | undefined;
  readonly tracing: TelemetryTracing | undefined;
  readonly functionArn: string | undefined;
  readonly status: string | undefined;
  readonly errorType: string | undefined;
  readonly spans: readonly TelemetrySpan[];
  readonly initDurationMs: number | undefined;
}

/** Everything a phase's event may say, under one name. */
function phaseEvent(event: TelemetryRecord): PhaseEvent | undefined {
  const [, family, part] = /^platform\.(init|restore)?(start|runtimeDone|report)$/i.exec(event.type) ?? [];
  if (part === undefined || typeof event.record !== "object" || event.record === null) return undefined;
  const said = event.record as Partial<Omit<PhaseEvent, "spans">> & {
    readonly spans?: readonly TelemetrySpan[];
    readonly metrics?: { readonly durationMs?: number; readonly initDurationMs?: number };
  };
  const phase = family === "init" || family === "restore" ? family : "invocation";
  return {
    key: said.requestId ?? phase,
    phase,
    part: (part[0]!.toLowerCase() + part.slice(1)) as PhaseEvent["part"],
    time: Date.parse(event.time),
    durationMs: said.metrics?.durationMs,
    requestId: said.requestId,
    tracing: said.tracing,
    functionArn: said.functionArn,
    status: said.status,
    errorType: said.errorType,
    spans: said.spans ?? [],
    initDurationMs: isRecord(event, "platform.report") ? event.record.metrics.initDurationMs : undefined,
  };
}

const merged = (before: OpenPhase, event: PhaseEvent): OpenPhase => ({
  startedAt: event.part === "start" ? event.time : before.startedAt,
  functionArn: event.functionArn ?? before.functionArn,
  // The report takes the status of runtimeDone.
  status: before.status ?? event.status,
  spans: [...before.spans, ...event.spans],
});

function spansOf(
  functionName: string,
  style: SpanStyle,
  event: PhaseEvent,
  phase: OpenPhase,
  { traceId, spanId, parentSpanId, sampled }: TraceContext,
): readonly Span[] {
  const flags = sampled ? 1 : 0;
  const status = { code: (phase.status ?? "success") === "success" ? 1 : 2 };
  const root: Span = {
    traceId,
    spanId: event.phase === "invocation" ? spanId : derivedId(traceId, spanId, event.phase),
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    flags,
    name: event.phase === "invocation" ? functionName : `${functionName} ${event.phase}`,
    kind: server,
    startTimeUnixNano: nanos(phase.startedAt ?? event.time - (event.durationMs ?? 0)),
    endTimeUnixNano: nanos(event.time),
    attributes: attributes({
      "faas.invocation_id": event.requestId,
      "faas.coldstart": event.phase === "invocation" ? event.initDurationMs !== undefined : undefined,
      "aws.lambda.invoked_arn": phase.functionArn,
      "error.type": status.code === 1 ? undefined : (event.errorType ?? phase.status),
    }),
    ...(style === "events" ? { events: phase.spans.map(spanEvent) } : {}),
    status,
  };
  if (style === "events") return [root];
  const children = phase.spans.map((span): Span => ({
    traceId,
    spanId: derivedId(traceId, root.spanId, span.name),
    parentSpanId: root.spanId,
    flags,
    name: span.name,
    kind: server,
    startTimeUnixNano: nanos(Date.parse(span.start)),
    endTimeUnixNano: nanos(Date.parse(span.start) + span.durationMs),
    attributes: [],
    status,
  }));
  return [root, ...children];
}

const spanEvent = ({ name, start, durationMs }: TelemetrySpan) => ({
  timeUnixNano: nanos(Date.parse(start)),
  name,
  attributes: attributes({ "lambda.duration_ms": durationMs }),
});
