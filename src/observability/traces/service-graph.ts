/** The services that traces passed through, and who called whom, as GetServiceGraph and GetTraceGraph give them. */
import type { AssembledTrace, TraceNode } from "./assemble-trace.ts";
import { type ServiceId, serviceKey, type ServiceVisit, visitsOf } from "./trace-services.ts";

interface Statistics {
  readonly OkCount: number;
  readonly ErrorStatistics: {
    readonly ThrottleCount: number;
    readonly OtherCount: number;
    readonly TotalCount: number;
  };
  readonly FaultStatistics: { readonly OtherCount: number; readonly TotalCount: number };
  readonly TotalCount: number;
  /** Seconds. */
  readonly TotalResponseTime: number;
}

type Histogram = readonly { readonly Value: number; readonly Count: number }[];

interface GraphEdge {
  readonly ReferenceId: number;
  readonly StartTime: number;
  readonly EndTime: number;
  readonly SummaryStatistics: Statistics;
  readonly ResponseTimeHistogram: Histogram;
  readonly Aliases: readonly never[];
}

export interface GraphService extends ServiceId {
  readonly ReferenceId: number;
  readonly Root?: true;
  readonly State: "active";
  readonly StartTime: number;
  readonly EndTime: number;
  readonly Edges: readonly GraphEdge[];
  readonly SummaryStatistics?: Statistics;
  readonly DurationHistogram: Histogram;
  readonly ResponseTimeHistogram: Histogram;
}

interface Gathered {
  readonly service: ServiceId;
  readonly reference: number;
  root: boolean;
  readonly nodes: TraceNode[];
  /** Calls, by the key of the service called. */
  readonly calls: Map<string, TraceNode[]>;
}

export function serviceGraph(traces: readonly AssembledTrace[]): readonly GraphService[] {
  const gathered = new Map<string, Gathered>();
  const at = (service: ServiceId): Gathered => {
    const key = serviceKey(service);
    const found = gathered.get(key);
    if (found !== undefined) return found;
    const made: Gathered = { service, reference: gathered.size, root: false, nodes: [], calls: new Map() };
    gathered.set(key, made);
    return made;
  };
  for (const visit of traces.flatMap(visitsOf)) gather(visit, at);
  return [...gathered.values()].map((service) => graphService(service, gathered));
}

function gather({ service, node, caller }: ServiceVisit, at: (service: ServiceId) => Gathered): void {
  const callee = at(service);
  callee.nodes.push(node);
  if (caller === undefined) callee.root = true;
  // Whoever is called by nobody we know is called by a client.
  const from = at(caller?.service ?? { Name: service.Name, Names: service.Names, Type: "client" });
  const key = serviceKey(service);
  from.calls.set(key, [...(from.calls.get(key) ?? []), node]);
}

function graphService(
  { service, reference, root, nodes, calls }: Gathered,
  all: ReadonlyMap<string, Gathered>,
): GraphService {
  const isClient = nodes.length === 0;
  return {
    ReferenceId: reference,
    ...service,
    ...(root ? { Root: true } : {}),
    State: "active",
    ...timesOf(isClient ? [...calls.values()].flat() : nodes),
    Edges: [...calls].map(([key, called]) => ({
      ReferenceId: all.get(key)?.reference ?? 0,
      ...timesOf(called),
      SummaryStatistics: statisticsOf(called),
      ResponseTimeHistogram: histogramOf(called),
      Aliases: [],
    })),
    ...(isClient ? {} : { SummaryStatistics: statisticsOf(nodes) }),
    DurationHistogram: histogramOf(nodes),
    ResponseTimeHistogram: histogramOf(nodes),
  };
}

const timesOf = (nodes: readonly TraceNode[]) => {
  const starts = nodes.map(({ document }) => document.start_time);
  const ends = nodes.map(({ document }) => document.end_time ?? document.start_time);
  return {
    StartTime: starts.reduce((least, time) => Math.min(least, time), Number.MAX_SAFE_INTEGER),
    EndTime: ends.reduce((most, time) => Math.max(most, time), 0),
  };
};

const secondsOf = ({ document: { start_time: start, end_time: end } }: TraceNode): number =>
  end === undefined ? 0 : Math.round((end - start) * 1000) / 1000;

/** A fault counts as a fault only, a throttle as one kind of error. */
function statisticsOf(nodes: readonly TraceNode[]): Statistics {
  const faults = nodes.filter(({ document }) => document.fault === true).length;
  const errors = nodes.filter(
    ({ document: { fault, error, throttle } }) => fault !== true && (error ?? throttle) === true,
  );
  const throttles = errors.filter(({ document }) => document.throttle === true).length;
  return {
    OkCount: nodes.length - faults - errors.length,
    ErrorStatistics: {
      ThrottleCount: throttles,
      OtherCount: errors.length - throttles,
      TotalCount: errors.length,
    },
    FaultStatistics: { OtherCount: faults, TotalCount: faults },
    TotalCount: nodes.length,
    TotalResponseTime: nodes.reduce((sum, node) => sum + secondsOf(node), 0),
  };
}

function histogramOf(nodes: readonly TraceNode[]): Histogram {
  const counts = new Map<number, number>();
  for (const seconds of nodes.filter(({ document }) => document.end_time !== undefined).map(secondsOf))
    counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  return [...counts].toSorted(([a], [b]) => a - b).map(([Value, Count]) => ({ Value, Count }));
}
