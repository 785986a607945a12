/** The telemetry records an environment has produced, kept for whoever asks. */
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import { PackedRecords } from "./packed-records.ts";

/** Of all lines together, in UTF-16 units: long lines are kept fewer. */
const mostText = 67_108_864;
/** So many records are packed, and later forgotten, together. */
const packSize = 500;

/** Oldest first. */
export type RecordSequence = Iterable<TelemetryRecord>;

export class Records implements RecordSequence {
  readonly #packed: PackedRecords[] = [];
  #newest: TelemetryRecord[] = [];
  #text = 0;
  #forgotten = 0;
  #closed = false;
  readonly #mostRecords: number;
  readonly #listeners = new Map<(record: TelemetryRecord) => void, (() => void) | undefined>();
  readonly #sleepers: (() => void)[] = [];

  /** A flood of lines keeps the newest records only: a library must not eat the test's memory. With 0 none is kept. */
  constructor(mostRecords = 200_000) {
    this.#mostRecords = mostRecords;
  }

  readonly accept = (record: TelemetryRecord): void => {
    this.#keep(record);
    for (const listener of this.#listeners.keys()) listener(record);
    if (this.#sleepers.length > 0) this.#wake();
  };

  /** How many there were so far, forgotten ones included. */
  get count(): number {
    return this.#forgotten + this.#packed.length * packSize + this.#newest.length;
  }

  /** How many of the oldest records are no longer kept. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** The record that came after `index` others; nothing when it is forgotten or still to come. */
  at(index: number): TelemetryRecord | undefined {
    const place = index - this.#forgotten;
    const pack = Math.floor(place / packSize);
    return pack < this.#packed.length
      ? this.#packed[pack]?.at(place % packSize)
      : this.#newest[place - this.#packed.length * packSize];
  }

  /** All that are kept, oldest first. */
  *[Symbol.iterator](): Generator<TelemetryRecord> {
    for (let next = this.#forgotten; next < this.count; next++) {
      const record = this.at(next);
      if (record !== undefined) yield record;
    }
  }

  /** Calls back with each new record, at once, and when no record follows; gives the way to stop it. */
  listen(listener: (record: TelemetryRecord) => void, ended?: () => void): () => void {
    this.#listeners.set(listener, ended);
    return () => this.#listeners.delete(listener);
  }

  /** No record follows: iterations end. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    for (const ended of this.#listeners.values()) ended?.();
  }

  /** New records from now on, until the environment is gone. */
  async *follow(): AsyncGenerator<TelemetryRecord> {
    let next = this.count;
    for (;;) {
      while (next < this.count) {
        // Whoever is slow goes on with the oldest that is left.
        next = Math.max(next, this.#forgotten);
        const record = this.at(next++);
        if (record !== undefined) yield record;
      }
      if (this.#closed) return;
      await new Promise<void>((wake) => this.#sleepers.push(wake));
    }
  }

  #keep(record: TelemetryRecord): void {
    if (this.#mostRecords === 0) {
      this.#forgotten += 1;
      return;
    }
    this.#newest.push(record);
    if (this.#newest.length >= packSize) this.#pack();
  }

  #pack(): void {
    const pack = new PackedRecords(this.#newest);
    this.#packed.push(pack);
    this.#newest = [];
    this.#text += pack.textLength;
    while (this.#packed.length * packSize > this.#mostRecords || (this.#text > mostText && this.#packed.length > 1)) {
      this.#text -= this.#packed.shift()?.textLength ?? 0;
      this.#forgotten += packSize;
    }
  }

  #wake(): void {
    for (const wake of this.#sleepers.splice(0)) wake();
  }
}
