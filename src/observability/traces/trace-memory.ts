/** Traces kept in memory, the newest only: for tests, which look at them at once. */
import { type AssembledTrace, assembleTrace } from "./assemble-trace.ts";
import type { KeptSegment } from "./segment-document.ts";

/** Of all documents together, in UTF-16 units. */
const mostText = 67_108_864;

/** Invocations whose segments may wait to be made. */
const mostUnmade = 1000;

interface Kept {
  readonly segments: Map<string, KeptSegment>;
  text: number;
  assembled?: AssembledTrace;
}

export class TraceMemory {
  readonly #traces = new Map<string, Kept>();
  readonly #mostText: number;
  #text = 0;
  #unmade: (() => readonly KeptSegment[])[] = [];

  constructor(most = mostText) {
    this.#mostText = most;
  }

  readonly keep = (segment: KeptSegment): void => {
    this.#make();
    this.#keep(segment);
  };

  /** Makes them when somebody looks, or when many wait: no invocation pays for what nobody reads. */
  readonly keepLater = (make: () => readonly KeptSegment[]): void => {
    this.#unmade.push(make);
    if (this.#unmade.length >= mostUnmade) this.#make();
  };

  /** In the order in which they came. */
  #make(): void {
    const unmade = this.#unmade;
    this.#unmade = [];
    for (const make of unmade) for (const segment of make()) this.#keep(segment);
  }

  #keep(segment: KeptSegment): void {
    const { traceId, id, from, inProgress, document } = segment;
    const trace = this.#traces.get(traceId) ?? { segments: new Map<string, KeptSegment>(), text: 0 };
    const key = `${from} ${id}`;
    const before = trace.segments.get(key);
    // OBS-83: a later document replaces an earlier one, but for what is already complete.
    if (before !== undefined && inProgress && !before.inProgress) return;
    const growth = document.length - (before?.document.length ?? 0);
    trace.segments.set(key, segment);
    trace.text += growth;
    this.#text += growth;
    delete trace.assembled;
    this.#traces.set(traceId, trace);
    this.#forget();
  }

  /** By the time of their first document. */
  get traces(): readonly AssembledTrace[] {
    this.#make();
    return [...this.#traces].map(
      ([id, trace]) => (trace.assembled ??= assembleTrace(id, [...trace.segments.values()])),
    );
  }

  /** The oldest traces first; of the last one its oldest segments. */
  #forget(): void {
    for (const [id, trace] of this.#traces) {
      if (this.#text <= this.#mostText) return;
      if (this.#traces.size === 1) return this.#forgetSegments(trace);
      this.#traces.delete(id);
      this.#text -= trace.text;
    }
  }

  #forgetSegments(trace: Kept): void {
    for (const [key, { document }] of trace.segments) {
      if (this.#text <= this.#mostText) return;
      trace.segments.delete(key);
      trace.text -= document.length;
      this.#text -= document.length;
    }
  }
}
