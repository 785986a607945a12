/** The store where its database is: writes, answers, and forgets what is too old or too much. */
import { accessSync, mkdirSync } from "node:fs";
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
  /** Reads what others write, and leaves no trace. */
  readonly reader?: boolean;
}

export type RowsByTable = Partial<Record<TableName, readonly unknown[]>>;

const storeFile = "observability.db";

/** How long to wait for another process that writes the same file. */
const busyMs = 5000;
/** How often limits are looked at, and how soon again when not all was done. */
const tidyEveryMs = 10_000;
const tidyAgainMs = 50;
/** Removed at a time while the file is too large. */
const removedShare = 0.005;

const tables = storeTables as Readonly<Record<TableName, StoreTable<unknown, StoreQueries, StoreQueries>>>;

export class StoreEngine {
  readonly #database: StoreDatabase;
  readonly #session: Session | undefined;
  readonly #limits: StoreLimits;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** @throws what SQLite or the file system says when it cannot be opened. */
  constructor({ directory, limits, now, reader }: EngineOptions) {
    const file = directory === undefined ? ":memory:" : path.join(directory, storeFile);
    // SQLite would make the file.
    if (reader === true) accessSync(file);
    else if (directory !== undefined) mkdirSync(directory, { recursive: true });
    this.#database = openDatabase(file, busyMs);
    this.#limits = limits;
    this.#now = now;
    if (reader === true) this.#beginReading(file);
    else this.#session = this.#begin();
  }

  /** SQLite looks into the file at the first statement, and takes an empty one for a database. */
  #beginReading(file: string): void {
    this.#database.exec("PRAGMA query_only = ON");
    const made = this.#database.first("SELECT name FROM sqlite_master WHERE name = 'log_events'");
    if (made === undefined) throw new Error(`${file} is no store of Lambdarium's`);
  }

  #begin(): Session {
    // NORMAL: a commit is in the file when it returns, and survives the process; only the machine's own end may lose it.
    for (const pragma of ["journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"])
      this.#database.exec(`PRAGMA ${pragma}`);
    this.#timer = this.#tidyIn(tidyEveryMs);
    return this.#database.write(() => {
      for (const table of Object.values(tables)) table.create(this.#database);
      return openSession(this.#database, this.#now());
    });
  }

  /** When other processes ended without closing the store, and may have lost what they had not written. */
  get interruptedAt(): readonly number[] {
    return this.#session?.interruptedAt ?? [];
  }

  /** All or nothing of it. */
  insert(rows: RowsByTable): void {
    this.#database.write(() => {
      for (const [name, list] of Object.entries(rows)) tables[name as TableName].insert(this.#database, list);
    });
  }

  query(table: TableName, query: string, argument: unknown): unknown {
    const run = tables[table].queries[query] ?? missing(table, query);
    return this.#database.read(() => run(this.#database, argument));
  }

  command(table: TableName, command: string, argument: unknown): unknown {
    const run = tables[table].commands[command] ?? missing(table, command);
    return this.#database.write(() => run(this.#database, argument));
  }

  /** Forgets a part of what is beyond the limits; true when more is left. */
  tidy(): boolean {
    const all = Object.values(tables);
    const now = this.#now();
    const unfinished = this.#database.write(() => {
      const tooOld = now - this.#limits.maxAgeMs;
      const left = all.filter((table) => table.removeBefore(this.#database, tooOld));
      return [...left, ...all.filter((table) => table.tidy?.(this.#database, now) === true)].length > 0;
    });
    if (usedBytes(this.#database) <= this.#limits.maxBytes) return unfinished;
    this.#database.write(() => {
      for (const table of all) table.removeOldest(this.#database, removedShare);
    });
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
    try {
      this.#session?.close();
    } catch {
      // The disk is full: the next start takes this run for one that was cut off, as what it kept was.
    }
    this.#database.close();
  }

  #tidyIn(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = this.#tidyIn(this.#tryTidy() ? tidyAgainMs : tidyEveryMs);
    }, delayMs).unref();
  }

  /** Another process may be writing, or the disk be full: there is a next time, and the next insert tells. */
  #tryTidy(): boolean {
    try {
      return this.tidy();
    } catch {
      return false;
    }
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
