/** Rows on their way to the store, in batches: at most a quarter of a second old, bounded, drops counted and told. */
import type { RowsByTable } from "./store-engine.ts";
import type { TableName } from "./tables.ts";

/** A crash loses at most what waited so long and was not committed yet. */
const longestWaitMs = 250;
/** Sent at once when so much waits. */
const fullBatchBytes = 1_048_576;
/** More on the way, sent or not, is dropped: nothing may fill the memory. */
const mostBytes = 268_435_456;

export class WriteQueue {
  readonly #write: (rows: RowsByTable) => Promise<unknown>;
  readonly #notice: (text: string) => void;
  #rows: Partial<Record<TableName, unknown[]>> = {};
  #unmade: { readonly table: TableName; readonly make: () => readonly unknown[] }[] = [];
  #count = 0;
  #bytes = 0;
  #bytesOnTheWay = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  #lost = 0;
  #lastReason: string | undefined;

  constructor(write: (rows: RowsByTable) => Promise<unknown>, notice: (text: string) => void) {
    this.#write = write;
    this.#notice = notice;
  }

  add(table: TableName, rows: readonly unknown[], bytes: number): void {
    if (!this.#hasRoom(rows.length, bytes)) return;
    this.#put(table, rows);
    this.#wait(bytes);
  }

  /** The rows, one or a few, are made when the batch goes out. */
  addLater(table: TableName, make: () => readonly unknown[], bytes: number): void {
    if (!this.#hasRoom(1, bytes)) return;
    this.#unmade.push({ table, make });
    this.#wait(bytes);
  }

  #hasRoom(rows: number, bytes: number): boolean {
    if (this.#bytes + this.#bytesOnTheWay + bytes <= mostBytes) return true;
    this.#lose(rows, "more is written than the disk takes");
    return false;
  }

  #put(table: TableName, rows: readonly unknown[]): void {
    const list = (this.#rows[table] ??= []);
    for (const row of rows) list.push(row);
    this.#count += rows.length;
  }

  #wait(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= fullBatchBytes) this.send();
    else this.#timer ??= setTimeout(() => this.send(), longestWaitMs);
  }

  /** What waits goes out now, before anything that is asked later. */
  send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const { table, make } of this.#unmade.splice(0)) this.#put(table, make());
    if (this.#count === 0) return;
    const [rows, count, bytes] = [this.#rows, this.#count, this.#bytes];
    this.#rows = {};
    this.#count = 0;
    this.#bytes = 0;
    this.#bytesOnTheWay += bytes;
    const written = this.#write(rows).then(
      () => this.#wrote(),
      (error: unknown) => this.#lose(count, reasonOf(error)),
    );
    this.#lastWrite = written.then(() => void (this.#bytesOnTheWay -= bytes));
  }

  async flush(): Promise<void> {
    this.send();
    await this.#lastWrite;
  }

  async close(): Promise<void> {
    await this.flush();
    if (this.#lost > 0) this.#tell(`the store was closed`);
  }

  #wrote(): void {
    if (this.#lost === 0) return;
    this.#tell("the store can be written again");
    this.#lost = 0;
    this.#lastReason = undefined;
  }

  #lose(rows: number, reason: string): void {
    this.#lost += rows;
    if (reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#notice(`Logs, metrics and traces are not being kept: ${reason}. Invocations go on; what is lost is counted.`);
  }

  #tell(when: string): void {
    this.#notice(`${this.#lost} rows of logs, metrics and traces were lost before ${when}.`);
  }
}

function reasonOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string };
  if (code === "SQLITE_FULL") return "the disk is full";
  if (code === "SQLITE_READONLY") return "the store may not be written to";
  return `the store says ${message}`;
}
