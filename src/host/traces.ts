/** The traces of an environment as its owner sees them: segments in their places, times in milliseconds. */
import { failure } from "../errors.ts";
import type { AssembledTrace, TraceNode } from "../observability/traces/assemble-trace.ts";
import { type DaemonAddress, daemonForwarder, parseDaemonAddress } from "../observability/traces/daemon-forwarder.ts";
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

export interface RememberedTraces {
  readonly sinks: readonly Sink[];
  readonly traces: () => readonly Trace[];
  /** Told what could not be forwarded. */
  readonly listen: (listener: (text: string) => void) => void;
  readonly close: () => Promise<void>;
}

/**
 * Keeps the newest traces, and sends everything on to the daemon of AWS's at that address, where there is one.
 * @throws LambdariumError `invalid-setting` when that is no address.
 */
export function rememberTraces(daemon: string | undefined): RememberedTraces {
  const memory = new TraceMemory();
  const views = new WeakMap<AssembledTrace, Trace>();
  const viewOf = (assembled: AssembledTrace): Trace => {
    const view = views.get(assembled) ?? traceOf(assembled);
    views.set(assembled, view);
    return view;
  };
  let tell = (_text: string): void => {};
  const sinks = [
    traceSink({ keep: memory.keep, keepLater: memory.keepLater, flush: () => Promise.resolve() }),
    ...(daemon === undefined || daemon === "" ? [] : [daemonForwarder(daemonAddress(daemon), (text) => tell(text))]),
  ];
  return {
    sinks,
    traces: () => memory.traces.map(viewOf),
    listen: (listener) => (tell = listener),
    close: async () => {
      for (const sink of sinks) await sink.close();
    },
  };
}

/** @throws LambdariumError `invalid-setting` */
export function daemonAddress(text: string): DaemonAddress {
  const address = parseDaemonAddress(text);
  const why = "it is host:port, or tcp:host:port udp:host:port";
  if (address === undefined)
    throw failure("invalid-setting", { setting: "xrayDaemon", value: text, why, isOurs: true });
  return address;
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
