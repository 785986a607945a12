/** Whether a trace is what a filter expression asks for. */
import type { AssembledTrace, TraceNode } from "./assemble-trace.ts";
import type { Comparison, Filter, FilterValue, FlagKeyword, ValueKeyword } from "./filter-expression.ts";
import { type ServiceVisit, visitsOf } from "./trace-services.ts";
import { httpOf, summaryOf } from "./trace-summary.ts";

/** What an expression is asked about: a whole trace, or one service's part of it. */
interface Subject {
  readonly flags: Readonly<Record<FlagKeyword, boolean>>;
  readonly values: Readonly<Record<ValueKeyword, readonly (string | number)[]>>;
  readonly nodes: readonly TraceNode[];
  readonly visits: readonly ServiceVisit[];
}

export const passes = (trace: AssembledTrace, filter: Filter): boolean => holds(filter, traceSubject(trace));

function holds(filter: Filter, subject: Subject): boolean {
  switch (filter.is) {
    case "and":
      return filter.parts.every((part) => holds(part, subject));
    case "or":
      return filter.parts.some((part) => holds(part, subject));
    case "not":
      return !holds(filter.part, subject);
    case "flag":
      return subject.flags[filter.flag];
    case "value":
      return compare(subject.values[filter.keyword], filter.comparison, filter.value);
    case "annotation": {
      const found = subject.nodes.flatMap(({ document }) => annotation(document.annotations, filter.name));
      if (filter.comparison === undefined || filter.value === undefined) return found.length > 0;
      return compare(found, filter.comparison, filter.value);
    }
    case "service":
      return subject.visits.some(({ service, node, inferred }) => {
        const { name, type, accountId, that } = filter;
        if (name !== undefined && service.Name !== name) return false;
        if (type !== undefined && service.Type !== type) return false;
        if (accountId !== undefined && service.AccountId !== accountId) return false;
        return that === undefined || holds(that, serviceSubject(node, inferred, subject.visits));
      });
    default:
      return filter satisfies never;
  }
}

function annotation(annotations: unknown, name: string): readonly FilterValue[] {
  const value = (annotations as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [value] : [];
}

/** True when one of them is so; `!=` when there is one and none is equal. */
function compare(found: readonly FilterValue[], comparison: Comparison, wanted: FilterValue): boolean {
  if (comparison === "!=") return found.length > 0 && !found.includes(wanted);
  return found.some((value) => {
    switch (comparison) {
      case "=":
        return value === wanted;
      case "<":
        return value < wanted;
      case "<=":
        return value <= wanted;
      case ">":
        return value > wanted;
      case ">=":
        return value >= wanted;
      case "contains":
        return String(value).includes(String(wanted));
      case "beginswith":
        return String(value).startsWith(String(wanted));
      case "endswith":
        return String(value).endsWith(String(wanted));
      default:
        return comparison satisfies never;
    }
  });
}

function traceSubject(trace: AssembledTrace): Subject {
  const summary = summaryOf(trace);
  const { HasError: error, HasFault: fault, HasThrottle: throttle, Http: http } = summary;
  return {
    flags: { ok: !error && !fault && !throttle, error, fault, throttle, partial: summary.IsPartial, inferred: false },
    values: {
      ...valuesOf(trace.nodes),
      ...httpValues([http]),
      responsetime: [summary.ResponseTime],
      duration: [summary.Duration],
    },
    nodes: trace.nodes,
    visits: visitsOf(trace),
  };
}

function serviceSubject(node: TraceNode, inferred: boolean, visits: readonly ServiceVisit[]): Subject {
  const { document } = node;
  const { error = false, fault = false, throttle = false, end_time: end } = document;
  const own = ownPart(node);
  const seconds = end === undefined ? [] : [end - document.start_time];
  return {
    flags: { ok: !error && !fault && !throttle, error, fault, throttle, partial: end === undefined, inferred },
    values: { ...valuesOf(own), ...httpValues([httpOf(node)]), responsetime: seconds, duration: seconds },
    nodes: own,
    visits,
  };
}

/** A segment with its subsegments, but not the segments of services it called. */
const ownPart = (node: TraceNode): readonly TraceNode[] => [
  node,
  ...node.children.filter(({ kind }) => kind === "subsegment").flatMap(ownPart),
];

const httpValues = (https: readonly Readonly<Record<string, string | number>>[]) => {
  const all = (member: string): readonly (string | number)[] => https.flatMap((http) => http[member] ?? []);
  return {
    "http.status": all("HttpStatus"),
    "http.url": all("HttpURL"),
    "http.method": all("HttpMethod"),
    "http.useragent": all("UserAgent"),
    "http.clientip": all("ClientIp"),
  };
};

function valuesOf(nodes: readonly TraceNode[]) {
  const segments = nodes.filter(({ kind }) => kind === "segment").map(({ document }) => document);
  const accounts = segments.map(({ aws }) => (aws as { account_id?: unknown } | undefined)?.account_id);
  return {
    user: segments.flatMap(({ user }) => user ?? []),
    name: segments.map(({ name }) => name),
    type: segments.flatMap(({ origin }) => origin ?? []),
    message: nodes.flatMap(({ document }) => messagesOf(document.cause)),
    "resource.arn": segments.flatMap(({ resource_arn: arn }) => arn ?? []),
    "account.id": accounts.filter((account): account is string => typeof account === "string"),
  };
}

function messagesOf(cause: unknown): readonly string[] {
  const { message, exceptions } = (cause ?? {}) as { message?: unknown; exceptions?: unknown };
  const inner = Array.isArray(exceptions)
    ? exceptions.map((exception: { message?: unknown } | null) => exception?.message)
    : [];
  return [message, ...inner].filter((text): text is string => typeof text === "string");
}
