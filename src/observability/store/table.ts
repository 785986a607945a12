/** What a subject (logs, metrics, traces) brings to the store: its tables, and how they are written, read and shortened. */
import type { StoreDatabase } from "./database.ts";

/** Runs beside the database; argument and result travel between threads, so they are plain data. */
// oxlint-disable-next-line typescript/no-explicit-any -- each query has its own argument; calls are checked against it
export type StoreQuery = (database: StoreDatabase, argument: any) => unknown;

export type StoreQueries = Readonly<Record<string, StoreQuery>>;

export interface StoreTable<Row, Queries extends StoreQueries, Commands extends StoreQueries> {
  /** Makes what is not there yet: `CREATE TABLE IF NOT EXISTS …`. */
  readonly create: (database: StoreDatabase) => void;
  readonly insert: (database: StoreDatabase, rows: readonly Row[]) => void;
  /** They only read. */
  readonly queries: Queries;
  /** They write, all or nothing. */
  readonly commands: Commands;
  /**
   * Forgets what was stored before that time; true when there was more than the store can be kept busy with in one go,
   * and asks to be called again soon.
   */
  readonly removeBefore: (database: StoreDatabase, epochMs: number) => boolean;
  /** Forgets about that share, between 0 and 1, of what is kept, oldest first. */
  readonly removeOldest: (database: StoreDatabase, share: number) => void;
  /**
   * Called now and then with the time, for rules of the subject's own, such as the retention of log groups; true asks
   * to be called again soon, since the store answers nobody meanwhile.
   */
  readonly tidy?: (database: StoreDatabase, nowMs: number) => boolean;
}
