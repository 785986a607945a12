/** From documents, in whatever order they came, to the trace they make (OBS-81 to OBS-83). */
import type { KeptSegment, SegmentDocument } from "./segment-document.ts";

/** A segment or subsegment in its place. */
export interface TraceNode {
  readonly id: string;
  readonly kind: "segment" | "subsegment";
  /** Without its subsegments: they are children. */
  readonly document: Omit<SegmentDocument, "subsegments">;
  /** Everything below it that was sent, by start time. */
  readonly children: TraceNode[];
}

export interface AssembledTrace {
  readonly id: string;
  /** What has no parent, or one that nobody sent, by start time. */
  readonly roots: readonly TraceNode[];
  /** All of it, each before its children. */
  readonly nodes: readonly TraceNode[];
  /** Seconds since the epoch. */
  readonly startTime: number;
  /** Of the last that is complete. */
  readonly endTime: number;
}

export function assembleTrace(id: string, kept: readonly KeptSegment[]): AssembledTrace {
  const byId = new Map<string, TraceNode>();
  const tops: TraceNode[] = [];
  // OBS-82: what the platform made comes first, and whoever comes later with its ids comes too late.
  for (const { document } of kept.toSorted((a, b) => rank(a) - rank(b))) {
    const top = plant(JSON.parse(document) as SegmentDocument, byId, "by itself");
    if (top !== undefined) tops.push(top);
  }
  const roots = tops.filter((node) => !join(node, byId));
  const nodes = roots.toSorted(byStart).flatMap(walk);
  const times = nodes.flatMap(({ document }) => [document.start_time, document.end_time ?? document.start_time]);
  return {
    id,
    roots: roots.toSorted(byStart),
    nodes,
    startTime: times.reduce((least, time) => Math.min(least, time), times[0] ?? 0),
    endTime: times.reduce((most, time) => Math.max(most, time), times[0] ?? 0),
  };
}

const rank = ({ from }: KeptSegment): number => (from === "platform" ? 0 : 1);

/** The node of a document with those of its subsegments; nothing when its id is taken. */
function plant(
  { subsegments = [], ...document }: SegmentDocument,
  byId: Map<string, TraceNode>,
  where: "by itself" | "inside",
): TraceNode | undefined {
  const id = document.id.toLowerCase();
  if (byId.has(id)) return undefined;
  const kind = where === "inside" || document.type === "subsegment" ? "subsegment" : "segment";
  const node: TraceNode = { id, kind, document, children: [] };
  byId.set(id, node);
  for (const inner of subsegments) {
    const child = plant(inner, byId, "inside");
    if (child !== undefined) node.children.push(child);
  }
  return node;
}

/** OBS-81: puts it below its parent; documents that name one another as parents stay where they are. */
function join(node: TraceNode, byId: ReadonlyMap<string, TraceNode>): boolean {
  const parent = byId.get(String(node.document.parent_id).toLowerCase());
  if (parent === undefined || walk(node).includes(parent)) return false;
  parent.children.push(node);
  return true;
}

/** It and everything below it, each before its children, siblings by start time. */
export const walk = (node: TraceNode): readonly TraceNode[] => {
  node.children.sort(byStart);
  return [node, ...node.children.flatMap(walk)];
};

const byStart = (a: TraceNode, b: TraceNode): number => a.document.start_time - b.document.start_time;
