/** The telemetry records an environment has produced, kept for whoever asks. */
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";

/** A flood of lines keeps the newest records only: a library must not eat the test's memory. */
const mostRecords = 200_000;

export class Records {
  #kept: TelemetryRecord[] = [];
  #forgotten = 0;
  #closed = false;
  readonly #listeners = new Set<(record: TelemetryRecord) => void>();
  readonly #sleepers: (() => void)[] = [];

  readonly accept = (record: TelemetryRecord): void => {
    if (this.#kept.length >= 2 * mostRecords) {
      this.#forgotten += this.#kept.length - mostRecords;
      this.#kept = this.#kept.slice(-mostRecords);
    }
    this.#kept.push(record);
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
      for (; next < this.#forgotten + this.#kept.length; next++) {
        const record = this.#kept[Math.max(0, next - this.#forgotten)];
        if (record !== undefined) yield record;
      }
      if (this.#closed) return;
      await new Promise<void>((wake) => this.#sleepers.push(wake));
    }
  }

  #wake(): void {
    for (const wake of this.#sleepers.splice(0)) wake();
  }
}
