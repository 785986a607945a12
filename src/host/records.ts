/** The telemetry records an environment has produced, kept for whoever asks. */
import { isLogLine } from "../protocol/telemetry-event-text.ts";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";

/** A flood of lines keeps the newest records only, long lines fewer: a library must not eat the test's memory. */
const mostRecords = 100_000;
/** Of all lines together, in UTF-16 units. */
const mostText = 33_554_432;

export class Records {
  #kept: TelemetryRecord[] = [];
  #forgotten = 0;
  #text = 0;
  #closed = false;
  readonly #listeners = new Set<(record: TelemetryRecord) => void>();
  readonly #sleepers: (() => void)[] = [];

  readonly accept = (record: TelemetryRecord): void => {
    this.#kept.push(record);
    this.#text += textOf(record);
    if (this.#kept.length >= 2 * mostRecords || this.#text >= 2 * mostText) this.#forget();
    for (const listener of this.#listeners) listener(record);
    if (this.#sleepers.length > 0) this.#wake();
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

  #forget(): void {
    let from = this.#kept.length;
    let text = 0;
    for (; from > 0 && this.#kept.length - from < mostRecords; from--) {
      const more = textOf(this.#kept[from - 1]);
      if (text + more > mostText) break;
      text += more;
    }
    this.#forgotten += from;
    this.#kept = this.#kept.slice(from);
    this.#text = text;
  }
}

const textOf = (record: TelemetryRecord | undefined): number =>
  record !== undefined && isLogLine(record) ? record.text.length : 0;
