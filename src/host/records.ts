/** The telemetry records an environment has produced, kept for whoever asks. */
import { isLogLine } from "../protocol/telemetry-event-text.ts";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";

/** A flood of lines keeps the newest records only: a library must not eat the test's memory. */
interface Bounds {
  /** At least so many are kept, twice as many at most. */
  readonly records: number;
  /** Of lines, as JavaScript counts them; at most so many are kept. */
  readonly characters: number;
}

const usualBounds: Bounds = { records: 200_000, characters: 256 * 1_048_576 };

export class Records {
  #kept: TelemetryRecord[] = [];
  #forgotten = 0;
  #closed = false;
  #characters = 0;
  readonly #bounds: Bounds;
  readonly #listeners = new Set<(record: TelemetryRecord) => void>();
  readonly #sleepers: (() => void)[] = [];

  constructor(bounds: Bounds = usualBounds) {
    this.#bounds = bounds;
  }

  readonly accept = (record: TelemetryRecord): void => {
    this.#kept.push(record);
    this.#characters += charactersOf(record);
    if (this.#kept.length > 2 * this.#bounds.records || this.#characters > this.#bounds.characters) this.#forget();
    for (const listener of this.#listeners) listener(record);
    this.#wake();
  };

  get kept(): readonly TelemetryRecord[] {
    return this.#kept;
  }

  /** How many of the oldest records are no longer kept. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Calls back with each new record, at once; gives the way to stop it. */
  listen(listener: (record: TelemetryRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** No record follows: iterations end. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** New records from now on, until the environment is gone. */
  async *follow(): AsyncGenerator<TelemetryRecord> {
    let next = this.#forgotten + this.#kept.length;
    for (;;) {
      while (next < this.#forgotten + this.#kept.length) {
        // Whoever is slow goes on with the oldest that is left.
        next = Math.max(next, this.#forgotten);
        const record = this.#kept[next - this.#forgotten];
        next++;
        if (record !== undefined) yield record;
      }
      if (this.#closed) return;
      await new Promise<void>((wake) => this.#sleepers.push(wake));
    }
  }

  /** By halves, so that it is seldom done. */
  #forget(): void {
    const kept = this.#kept;
    let from = Math.max(0, kept.length - this.#bounds.records);
    for (const record of kept.slice(0, from)) this.#characters -= charactersOf(record);
    for (; this.#characters > this.#bounds.characters / 2 && from < kept.length - 1; from++)
      this.#characters -= charactersOf(kept[from]);
    this.#kept = kept.slice(from);
    this.#forgotten += from;
  }

  #wake(): void {
    for (const wake of this.#sleepers.splice(0)) wake();
  }
}

const charactersOf = (record: TelemetryRecord | undefined): number =>
  record !== undefined && isLogLine(record) ? record.text.length : 0;
