/** What happened, in order: the timeline, a bug report and a replay are made from it (LIFE-128). */
import type { Effect } from "../environment/effects.ts";
import type { Environment } from "../environment/environment.ts";
import type { EnvironmentEvent } from "../environment/events.ts";

/** One step of the environment. Bytes are replaced by their number: `{ "bytes": 1234 }`. */
export interface HistoryEntry {
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number;
  readonly event: Summary<EnvironmentEvent>;
  readonly effects: readonly Summary<Effect>[];
  /** The phase after the step. */
  readonly phase: Environment["phase"];
  readonly generation: number;
}

/** The same shape with every `Uint8Array` replaced by its length. */
type Summary<T> = T extends Uint8Array
  ? { readonly bytes: number }
  : T extends object
    ? { readonly [K in keyof T]: Summary<T[K]> }
    : T;

/** A long run keeps the newest steps only, so that it does not grow for ever; twice as many at most. */
const leastKept = 20_000;

export class History {
  #entries: HistoryEntry[] = [];
  #forgotten = 0;
  readonly #leastKept: number;

  /** With 0 nothing is kept. */
  constructor(least = leastKept) {
    this.#leastKept = least;
  }

  add(at: number, event: EnvironmentEvent, effects: readonly Effect[], environment: Environment): void {
    if (this.#leastKept === 0) {
      this.#forgotten += 1;
      return;
    }
    if (this.#entries.length >= 2 * this.#leastKept) {
      this.#forgotten += this.#entries.length - this.#leastKept;
      this.#entries = this.#entries.slice(-this.#leastKept);
    }
    this.#entries.push({
      at,
      event: summarize(event),
      effects: effects.map(summarize),
      phase: environment.phase,
      generation: environment.generation.number,
    });
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** How many of the oldest steps are no longer kept. */
  get forgotten(): number {
    return this.#forgotten;
  }
}

/** Copies only what holds bytes: most events and effects are kept as they are. */
const summarize = <T>(value: T): Summary<T> => withoutBytes(value) as Summary<T>;

function withoutBytes(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { bytes: value.length };
  const members = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key in members) {
    const summary = withoutBytes(members[key]);
    if (summary === members[key]) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[key] = summary;
  }
  return copy ?? value;
}
