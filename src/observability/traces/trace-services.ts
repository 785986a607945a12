/** Which services a trace passed through: its segments, and those X-Ray infers from calls of services that send none. */
import type { AssembledTrace, TraceNode } from "./assemble-trace.ts";

/** As X-Ray names a service. */
export interface ServiceId {
  readonly Name: string;
  readonly Names: readonly string[];
  readonly AccountId?: string;
  readonly Type?: string;
}

export interface ServiceVisit {
  readonly service: ServiceId;
  readonly node: TraceNode;
  /** The visit this one was called from; absent for a root. */
  readonly caller?: ServiceVisit;
  /** Made from a subsegment: the service itself sent nothing. */
  readonly inferred: boolean;
}

export const serviceKey = ({ Name, Type = "" }: ServiceId): string => `${Type} ${Name}`;

/** Callers before those they called. */
export function visitsOf(trace: AssembledTrace): readonly ServiceVisit[] {
  const visits: ServiceVisit[] = [];
  const visit = (node: TraceNode, caller: ServiceVisit | undefined): void => {
    const made = visitOf(node, caller);
    if (made !== undefined) visits.push(made);
    for (const child of node.children) visit(child, made !== undefined && !made.inferred ? made : caller);
  };
  for (const root of trace.roots) visit(root, undefined);
  return visits;
}

function visitOf(node: TraceNode, caller: ServiceVisit | undefined): ServiceVisit | undefined {
  const called = caller === undefined ? {} : { caller };
  if (node.kind === "segment") return { service: serviceOf(node), node, ...called, inferred: false };
  const { namespace } = node.document;
  const isCall = namespace === "aws" || namespace === "remote";
  // The service that was called sent a segment of its own: nothing is left to infer.
  if (!isCall || node.children.some(({ kind }) => kind === "segment")) return undefined;
  return { service: inferredService(node), node, ...called, inferred: true };
}

function serviceOf({ document: { name, origin, aws } }: TraceNode): ServiceId {
  const { account_id: account } = (aws ?? {}) as { account_id?: unknown };
  return {
    Name: name,
    Names: [name],
    ...(typeof account === "string" ? { AccountId: account } : {}),
    ...(origin === undefined ? {} : { Type: origin }),
  };
}

function inferredService({ document: { name, namespace } }: TraceNode): ServiceId {
  return { Name: name, Names: [name], Type: namespace === "aws" ? `AWS::${name}` : "remote" };
}
