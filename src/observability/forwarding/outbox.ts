/** Entries on their way to the forwarder, in batches: at most a quarter of a second old, bounded, drops counted and told. */
import type { Entry } from "./entries.ts";

/** A crash loses at most what waited so long and was not in the spool yet. */
const longestWaitMs = 250;
/** Sent at once when so much waits. */
const fullBatchBytes = 1_048_576;
/** More on the way is dropped: nothing may fill the memory. */
const mostBytes = 268_435_456;

export class Outbox {
  readonly #send: (entries: readonly Entry[]) => Promise<unknown>;
  readonly #tell: (text: string) => void;
  #entries: Entry[] = [];
  #bytes = 0;
  #bytesOnTheWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastSending: Promise<void> = Promise.resolve();
  #lost = 0;

  constructor(send: (entries: readonly Entry[]) => Promise<unknown>, tell: (text: string) => void) {
    this.#send = send;
    this.#tell = tell;
  }

  /** `bytes` is about what it takes in memory. Environments that come and go are never dropped. */
  add(entry: Entry, bytes: number): void {
    const isContent = entry.kind !== "opened" && entry.kind !== "gone";
    if (isContent && this.#bytes + this.#bytesOnTheWay + bytes > mostBytes) {
      this.#lose(1, "more is written than can be taken in");
      return;
    }
    this.#entries.push(entry);
    this.#bytes += bytes;
    if (this.#bytes >= fullBatchBytes) this.#flushNow();
    else this.#timer ??= setTimeout(() => this.#flushNow(), longestWaitMs);
  }

  /** Fulfilled when everything added so far is in the spool, or counted as lost. */
  async flush(): Promise<void> {
    this.#flushNow();
    await this.#lastSending;
  }

  async close(): Promise<void> {
    await this.flush();
    if (this.#lost > 0) this.#tell(`Forwarding: ${this.#lost} records were lost before they were in the spool.`);
  }

  #flushNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#entries.length === 0) return;
    const [entries, bytes] = [this.#entries, this.#bytes];
    this.#entries = [];
    this.#bytes = 0;
    this.#bytesOnTheWay += bytes;
    this.#lastSending = this.#send(entries).then(
      () => void (this.#bytesOnTheWay -= bytes),
      (error: unknown) => {
        this.#bytesOnTheWay -= bytes;
        this.#lose(entries.length, (error as Error).message);
      },
    );
  }

  /** Said once; how much it was is said at the end. */
  #lose(records: number, why: string): void {
    if (this.#lost === 0) this.#tell(`Forwarding: records are being lost: ${why}. Invocations go on; it is counted.`);
    this.#lost += records;
  }
}
