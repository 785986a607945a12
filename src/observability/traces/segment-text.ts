/** The documents of a trace as BatchGetTraces gives them: each segment with all that was sent for it, inside one another. */
import type { AssembledTrace, TraceNode } from "./assemble-trace.ts";
import type { SegmentDocument } from "./segment-document.ts";
import { visitsOf } from "./trace-services.ts";

export interface SegmentText {
  readonly Id: string;
  readonly Document: string;
}

export function segmentTexts(trace: AssembledTrace): readonly SegmentText[] {
  // A subsegment whose segment never came is given by itself.
  const own = trace.nodes.filter((node) => node.kind === "segment" || trace.roots.includes(node)).map(whole);
  const inferred = visitsOf(trace)
    .filter((visit) => visit.inferred)
    .map(({ node, service }) => inferredSegment(trace.id, node, service.Type));
  return [...own, ...inferred].map((document) => ({ Id: document.id, Document: JSON.stringify(document) }));
}

function whole({ document, children }: TraceNode): SegmentDocument {
  const inner = children.filter(({ kind }) => kind === "subsegment").map(whole);
  return inner.length === 0 ? document : { ...document, subsegments: inner };
}

/** X-Ray shows a service that sends nothing by the call of it. */
function inferredSegment(traceId: string, { id, document }: TraceNode, origin = "remote"): SegmentDocument {
  const { name, start_time, end_time, http, aws, error, fault, throttle } = document;
  return {
    id: inferredId(id),
    name,
    trace_id: traceId,
    parent_id: id,
    start_time,
    ...(end_time === undefined ? { in_progress: true } : { end_time }),
    inferred: true,
    ...(origin === "remote" ? {} : { origin }),
    ...present({ http, aws, error, fault, throttle }),
  };
}

const present = (members: object): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** Another id, and always the same one for the same call. */
const inferredId = (id: string): string =>
  id.replaceAll(/[0-9a-f]/g, (digit) => (15 - parseInt(digit, 16)).toString(16));
