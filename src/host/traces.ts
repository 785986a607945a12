/** The traces of an environment as its owner sees them: segments in their places, times in milliseconds. */
import type { AssembledTrace, TraceNode } from "../observability/traces/assemble-trace.ts";
import { TraceMemory } from "../observability/traces/trace-memory.ts";
import { traceSink } from "../observability/traces/trace-sink.ts";
import type { Sink } from "../observability/sinks.ts";

/** A segment or subsegment of a trace. */
export interface TraceSegment {
  /** 16 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly kind: "segment" | "subsegment";
  /** Such as `AWS::Lambda::Function`; segments of programs may have none. */
  readonly origin?: string;
  /** Milliseconds since the epoch, with fractions. */
  readonly startedAt: number;
  /** Absent while it is in progress. */
  readonly durationMs?: number;
  readonly error: boolean;
  readonly fault: boolean;
  readonly throttle: boolean;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** As it was sent, without its subsegments: they are children. */
  readonly document: Readonly<Record<string, unknown>>;
  /** By start time. */
  readonly children: readonly TraceSegment[];
}

export interface Trace {
  /** `1-<8 hex>-<24 hex>`, the Root of trace headers. */
  readonly id: string;
  /** Milliseconds since the epoch, with fractions. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Of the invocations in it. */
  readonly requestIds: readonly string[];
  /** What has no parent in the trace, by start time. */
  readonly roots: readonly TraceSegment[];
  /** All of it, each before its children. */
  readonly segments: readonly TraceSegment[];
  /** The first segment or subsegment of this name. */
  readonly find: (name: string) => TraceSegment | undefined;
}

/** Keeps what a sink is given, the newest only. */
export function rememberTraces(): { readonly sink: Sink; readonly traces: () => readonly Trace[] } {
  const memory = new TraceMemory();
  const views = new WeakMap<AssembledTrace, Trace>();
  const viewOf = (assembled: AssembledTrace): Trace => {
    const view = views.get(assembled) ?? traceOf(assembled);
    views.set(assembled, view);
    return view;
  };
  return {
    sink: traceSink({ keep: memory.keep, flush: () => Promise.resolve() }),
    traces: () => memory.traces.map(viewOf),
  };
}

export function traceOf({ id, roots, startTime, endTime }: AssembledTrace): Trace {
  const trees = roots.map(segmentOf);
  const segments = trees.flatMap(withDescendants);
  return {
    id,
    startedAt: startTime * 1000,
    durationMs: milliseconds(startTime, endTime),
    requestIds: segments.flatMap(({ document }) => {
      const { request_id: requestId } = (document["aws"] ?? {}) as { request_id?: unknown };
      return typeof requestId === "string" && document["origin"] === "AWS::Lambda" ? [requestId] : [];
    }),
    roots: trees,
    segments,
    find: (name) => segments.find((segment) => segment.name === name),
  };
}

const withDescendants = (segment: TraceSegment): readonly TraceSegment[] => [
  segment,
  ...segment.children.flatMap(withDescendants),
];

function segmentOf({ id, kind, document, children }: TraceNode): TraceSegment {
  const { name, origin, start_time: start, end_time: end, error, fault, throttle, annotations, metadata } = document;
  return {
    id,
    name,
    kind,
    ...(origin === undefined ? {} : { origin }),
    startedAt: start * 1000,
    ...(end === undefined ? {} : { durationMs: milliseconds(start, end) }),
    error: error === true,
    fault: fault === true,
    throttle: throttle === true,
    annotations: (annotations ?? {}) as Readonly<Record<string, unknown>>,
    metadata: (metadata ?? {}) as Readonly<Record<string, unknown>>,
    document: { ...document },
    children: children.map(segmentOf),
  };
}

/** Of seconds, to the microsecond. */
const milliseconds = (from: number, to: number): number => Math.round((to - from) * 1_000_000) / 1000;
