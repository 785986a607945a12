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

/** No program nests so deeply; a hostile one could, until nobody who shows it has a stack for it. */
const deepest = 200;

export function assembleTrace(id: string, kept: readonly KeptSegment[]): AssembledTrace {
  const planted = new Planted();
  // OBS-82: what the platform made comes first, and whoever comes later with its ids comes too late.
  for (const { document } of kept.toSorted((a, b) => rank(a) - rank(b)))
    planted.plant(JSON.parse(document) as SegmentDocument, undefined);
  const { roots, nodes } = ordered(planted.join());
  const times = nodes.flatMap(({ document }) => [document.start_time, document.end_time ?? document.start_time]);
  return {
    id,
    roots,
    nodes,
    startTime: times.reduce((least, time) => Math.min(least, time), times[0] ?? 0),
    endTime: times.reduce((most, time) => Math.max(most, time), times[0] ?? 0),
  };
}

const rank = ({ from }: KeptSegment): number => (from === "platform" ? 0 : 1);

/** The nodes of all documents, and what each is below. */
class Planted {
  readonly #byId = new Map<string, TraceNode>();
  readonly #above = new Map<TraceNode, TraceNode>();
  readonly #tops: TraceNode[] = [];

  /** A document with its subsegments; one whose id is taken is left out. */
  plant({ subsegments = [], ...document }: SegmentDocument, parent: TraceNode | undefined): void {
    const id = document.id.toLowerCase();
    if (this.#byId.has(id)) return;
    const kind = parent !== undefined || document.type === "subsegment" ? "subsegment" : "segment";
    const node: TraceNode = { id, kind, document, children: [] };
    this.#byId.set(id, node);
    if (parent === undefined) this.#tops.push(node);
    else this.#put(node, parent);
    for (const inner of subsegments) this.plant(inner, node);
  }

  /** OBS-81: puts each below its parent; gives what has none. Documents that name one another stay where they are. */
  join(): readonly TraceNode[] {
    return this.#tops.filter((node) => {
      const parent = this.#byId.get(String(node.document.parent_id).toLowerCase());
      if (parent === undefined || this.#topOf(parent) === node) return true;
      this.#put(node, parent);
      return false;
    });
  }

  #put(node: TraceNode, parent: TraceNode): void {
    parent.children.push(node);
    this.#above.set(node, parent);
  }

  /** Shortens the way for the next who asks, for a chain may be long. */
  #topOf(node: TraceNode): TraceNode {
    const way: TraceNode[] = [];
    let top = node;
    for (let above = this.#above.get(top); above !== undefined; above = this.#above.get(top)) {
      way.push(top);
      top = above;
    }
    for (const passed of way) this.#above.set(passed, top);
    return top;
  }
}

/** Siblings by start time; what is too deep becomes a root of its own. */
function ordered(found: readonly TraceNode[]): Pick<AssembledTrace, "roots" | "nodes"> {
  const roots = [...found];
  const depths = new Map<TraceNode, number>();
  for (const root of roots) depths.set(root, 0);
  for (const [node, depth] of depths) {
    const deeper = depth < deepest ? [] : node.children.splice(0);
    roots.push(...deeper);
    for (const child of [...node.children, ...deeper]) depths.set(child, depth < deepest ? depth + 1 : 0);
    node.children.sort(byStart);
  }
  roots.sort(byStart);
  return { roots, nodes: roots.flatMap(withDescendants) };
}

const withDescendants = (node: TraceNode): readonly TraceNode[] => [node, ...node.children.flatMap(withDescendants)];

const byStart = (a: TraceNode, b: TraceNode): number => a.document.start_time - b.document.start_time;
