/** A trace in short, as GetTraceSummaries gives it and filter expressions see it. */
import type { AssembledTrace, TraceNode } from "./assemble-trace.ts";
import { type ServiceId, serviceKey, visitsOf } from "./trace-services.ts";

type AnnotationValue =
  | { readonly NumberValue: number }
  | { readonly BooleanValue: boolean }
  | { readonly StringValue: string };

export interface TraceSummary {
  readonly Id: string;
  /** Seconds since the epoch. */
  readonly StartTime: number;
  /** Seconds from the first start to the last end. */
  readonly Duration: number;
  /** Seconds of the root segment. */
  readonly ResponseTime: number;
  readonly HasFault: boolean;
  readonly HasError: boolean;
  readonly HasThrottle: boolean;
  readonly IsPartial: boolean;
  readonly Http: Readonly<Record<string, string | number>>;
  readonly Annotations: Readonly<
    Record<string, readonly { readonly AnnotationValue: AnnotationValue; readonly ServiceIds: readonly ServiceId[] }[]>
  >;
  readonly Users: readonly { readonly UserName: string; readonly ServiceIds: readonly ServiceId[] }[];
  readonly ServiceIds: readonly ServiceId[];
  readonly ResourceARNs: readonly { readonly ARN: string }[];
  readonly EntryPoint?: ServiceId;
  /** How many documents have come. */
  readonly Revision: number;
}

export function summaryOf(trace: AssembledTrace): TraceSummary {
  const { nodes } = trace;
  const visits = visitsOf(trace);
  const services = unique(visits.map(({ service }) => service));
  const segments = nodes.filter(({ kind }) => kind === "segment");
  const [root] = trace.roots;
  const entry = visits.find(({ node }) => node === root)?.service;
  return {
    Id: trace.id,
    StartTime: trace.startTime,
    Duration: span(trace.startTime, trace.endTime),
    ResponseTime: root === undefined ? 0 : span(root.document.start_time, root.document.end_time),
    HasFault: segments.some(({ document }) => document.fault === true),
    HasError: segments.some(({ document }) => document.error === true),
    HasThrottle: segments.some(({ document }) => document.throttle === true),
    IsPartial: nodes.some(({ document }) => document.end_time === undefined),
    Http: root === undefined ? {} : httpOf(root),
    Annotations: annotationsOf(nodes),
    Users: segments.flatMap(({ document: { user, name } }) =>
      user === undefined ? [] : [{ UserName: user, ServiceIds: services.filter(({ Name }) => Name === name) }],
    ),
    ServiceIds: services,
    ResourceARNs: [...new Set(segments.flatMap(({ document }) => document.resource_arn ?? []))].map((ARN) => ({ ARN })),
    ...(entry === undefined ? {} : { EntryPoint: entry }),
    Revision: nodes.length,
  };
}

const unique = (services: readonly ServiceId[]): readonly ServiceId[] => [
  ...new Map(services.map((service) => [serviceKey(service), service])).values(),
];

/** To the microsecond; 0 while it is in progress. */
const span = (from: number, to: number = from): number => Math.round((to - from) * 1_000_000) / 1_000_000;

interface HttpBlock {
  readonly request?: Readonly<Record<string, unknown>>;
  readonly response?: Readonly<Record<string, unknown>>;
}

export function httpOf({ document }: TraceNode): Readonly<Record<string, string | number>> {
  const { request = {}, response = {} } = (document.http ?? {}) as HttpBlock;
  const found = {
    HttpURL: request["url"],
    HttpStatus: response["status"],
    HttpMethod: request["method"],
    UserAgent: request["user_agent"],
    ClientIp: request["client_ip"],
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, value]] : [],
    ),
  );
}

function annotationsOf(nodes: readonly TraceNode[]): TraceSummary["Annotations"] {
  const found: Record<string, { AnnotationValue: AnnotationValue; ServiceIds: readonly ServiceId[] }[]> = {};
  for (const { document } of nodes)
    for (const [name, value] of Object.entries(document.annotations ?? {})) {
      const AnnotationValue = annotationValue(value);
      if (AnnotationValue !== undefined) (found[name] ??= []).push({ AnnotationValue, ServiceIds: [] });
    }
  return found;
}

function annotationValue(value: unknown): AnnotationValue | undefined {
  if (typeof value === "number") return { NumberValue: value };
  if (typeof value === "boolean") return { BooleanValue: value };
  return typeof value === "string" ? { StringValue: value } : undefined;
}
