/** The store as everybody else sees it: rows go in without waiting, answers come back as promises. */
import { failure, type LambdariumError } from "../../errors.ts";
import type { StoreLimits } from "./store-engine.ts";
import type { StoreConnection } from "./store-connection.ts";
import type { ArgumentOf, CommandsOf, QueriesOf, ResultOf, RowOf, TableName } from "./tables.ts";
import { WriteQueue } from "./write-queue.ts";

export interface StoreOptions {
  /** Where `observability.db` is or will be; absent keeps everything in memory. */
  readonly directory?: string;
  readonly limits?: Partial<StoreLimits>;
  /** True reads what other processes write; the file has to be there. */
  readonly reader?: boolean;
  /** Told what the developer should know: what was lost, and why. */
  readonly notice?: (text: string) => void;
  /** `here` keeps the database in this thread, as unit tests need it, which load the sources; default `thread`. */
  readonly runs?: "thread" | "here";
}

export interface Store {
  /** Never throws, never waits; what cannot be stored is counted and told in a notice. */
  readonly insert: <Name extends TableName>(table: Name, rows: readonly RowOf<Name>[], bytes: number) => void;
  /** As `insert`; the rows are made when the batch goes out. */
  readonly insertLater: <Name extends TableName>(
    table: Name,
    make: () => readonly RowOf<Name>[],
    bytes: number,
  ) => void;
  /** Sees everything that was inserted before. */
  readonly query: <Name extends TableName, Query extends keyof QueriesOf<Name> & string>(
    table: Name,
    query: Query,
    argument: ArgumentOf<QueriesOf<Name>[Query]>,
  ) => Promise<ResultOf<QueriesOf<Name>[Query]>>;
  readonly command: <Name extends TableName, Command extends keyof CommandsOf<Name> & string>(
    table: Name,
    command: Command,
    argument: ArgumentOf<CommandsOf<Name>[Command]>,
  ) => Promise<ResultOf<CommandsOf<Name>[Command]>>;
  /** Fulfilled when everything inserted so far is committed, or is known not to be. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A month of a busy project; a file that nobody would miss on a laptop. */
const defaultLimits: StoreLimits = { maxBytes: 2_147_483_648, maxAgeMs: 30 * 86_400_000 };

/** @throws LambdariumError `store-unusable` when the file cannot be opened or is no store. */
export async function openStore(options: StoreOptions = {}): Promise<Store> {
  const notice = options.notice ?? (() => {});
  const connection = await connect(options);
  for (const openedAt of connection.interruptedAt) notice(interruption(openedAt));
  const queue = new WriteQueue((rows) => connection.ask({ kind: "insert", rows }), notice);
  const ask = async (kind: "query" | "command", table: TableName, name: string, argument: unknown) => {
    queue.send();
    try {
      return await connection.ask({ kind, table, name, argument });
    } catch (error) {
      throw isDamage(error) ? unusable(options.directory, error) : error;
    }
  };
  return {
    insert: (table, rows, bytes) => queue.add(table, rows, bytes),
    insertLater: (table, make, bytes) => queue.addLater(table, make, bytes),
    query: (table, name, argument) => ask("query", table, name, argument) as Promise<never>,
    command: (table, name, argument) => ask("command", table, name, argument) as Promise<never>,
    flush: () => queue.flush(),
    close: async () => {
      await queue.close();
      await connection.ask({ kind: "close" });
      await connection.end();
    },
  };
}

async function connect({ directory, limits, runs, reader = false }: StoreOptions): Promise<StoreConnection> {
  const data = { ...(directory === undefined ? {} : { directory }), limits: { ...defaultLimits, ...limits }, reader };
  const { connectHere, connectToStoreThread } = await import("./store-connection.ts");
  try {
    if (runs !== "here") return await connectToStoreThread(data);
    const { StoreEngine } = await import("./store-engine.ts");
    return connectHere(new StoreEngine({ ...data, now: Date.now }));
  } catch (error) {
    throw unusable(directory, error);
  }
}

const unusable = (directory: string | undefined, error: unknown): LambdariumError =>
  failure("store-unusable", { directory: directory ?? "memory", why: (error as Error).message }, error);

/** A file of which only a part is damaged can be opened: whoever reads that part is told. */
const isDamage = (error: unknown): boolean =>
  ["SQLITE_CORRUPT", "SQLITE_NOTADB"].some((code) => (error as { code?: unknown }).code === code) ||
  /database disk image is malformed|file is not a database/.test((error as Error).message);

const interruption = (openedAt: number): string =>
  `The run that began at ${new Date(openedAt).toISOString()} was killed before it closed its store: what was written in its last second may be missing from logs, metrics and traces.`;
