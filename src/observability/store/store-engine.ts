/** The store where its database is: writes, answers, and forgets what is too old or too much. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { openDatabase, type StoreDatabase } from "./database.ts";
import { openSession, type Session } from "./session.ts";
import type { StoreQueries, StoreTable } from "./table.ts";
import { storeTables, type TableName } from "./tables.ts";

export interface StoreLimits {
  /** Of the database file; the oldest is forgotten when it is larger. */
  readonly maxBytes: number;
  /** What was stored longer ago is forgotten. */
  readonly maxAgeMs: number;
}

export interface EngineOptions {
  /** Absent keeps everything in memory. */
  readonly directory?: string;
  readonly limits: StoreLimits;
  readonly now: () => number;
}

export type RowsByTable = Partial<Record<TableName, readonly unknown[]>>;

export const storeFile = "observability.db";

/** How long to wait for another process that writes the same file. */
const busyMs = 5000;
/** How often limits are looked at. */
const tidyEveryMs = 10_000;
/** Removed at a time while the file is too large. */
const removedShare = 0.1;

const tables = storeTables as Readonly<Record<TableName, StoreTable<unknown, StoreQueries, StoreQueries>>>;

export class StoreEngine {
  readonly #database: StoreDatabase;
  readonly #session: Session;
  readonly #limits: StoreLimits;
  readonly #now: () => number;
  #tidiedAt: number;

  /** @throws what SQLite or the file system says when it cannot be opened. */
  constructor({ directory, limits, now }: EngineOptions) {
    if (directory !== undefined) mkdirSync(directory, { recursive: true });
    this.#database = openDatabase(directory === undefined ? ":memory:" : path.join(directory, storeFile), busyMs);
    this.#limits = limits;
    this.#now = now;
    this.#tidiedAt = now();
    // NORMAL: a commit is in the file when it returns, and survives the process; only the machine's own end may lose it.
    for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"])
      this.#database.exec(`PRAGMA ${pragma}`);
    this.#session = this.#database.write(() => {
      for (const table of Object.values(tables)) table.create(this.#database);
      return openSession(this.#database, now());
    });
  }

  /** When other processes ended without closing the store, and may have lost what they had not written. */
  get interruptedAt(): readonly number[] {
    return this.#session.interruptedAt;
  }

  /** All or nothing of it. */
  insert(rows: RowsByTable): void {
    this.#database.write(() => {
      for (const [name, list] of Object.entries(rows)) tables[name as TableName].insert(this.#database, list);
    });
    if (this.#now() - this.#tidiedAt >= tidyEveryMs) this.tidy();
  }

  query(table: TableName, query: string, argument: unknown): unknown {
    const run = tables[table].queries[query] ?? missing(table, query);
    return this.#database.read(() => run(this.#database, argument));
  }

  command(table: TableName, command: string, argument: unknown): unknown {
    const run = tables[table].commands[command] ?? missing(table, command);
    return this.#database.write(() => run(this.#database, argument));
  }

  /** Forgets what is beyond the limits. */
  tidy(): void {
    this.#tidiedAt = this.#now();
    this.#database.write(() => {
      for (const table of Object.values(tables)) {
        table.removeBefore(this.#database, this.#tidiedAt - this.#limits.maxAgeMs);
        table.tidy?.(this.#database, this.#tidiedAt);
      }
    });
    for (let round = 0; round < 20 && usedBytes(this.#database) > this.#limits.maxBytes; round++)
      this.#database.write(() => {
        for (const table of Object.values(tables)) table.removeOldest(this.#database, removedShare);
      });
  }

  close(): void {
    this.#session.close();
    this.#database.close();
  }
}

function missing(table: TableName, name: string): never {
  throw new TypeError(`The table ${table} has no ${name}.`);
}

/** Pages that were freed are used again before the file grows. */
function usedBytes(database: StoreDatabase): number {
  const pragma = (name: string): number => {
    const row = database.first<Record<string, number>>(`PRAGMA ${name}`);
    return Object.values(row ?? {})[0] ?? 0;
  };
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}
