/** The one connection to the store's SQLite database: statements prepared once, values bound and read as plain data. */
import Libsql from "libsql";

/** Blobs are read as ArrayBuffer. */
export type StoredValue = string | number | null | Uint8Array;

export interface StoreDatabase {
  /** Statements without values, such as those that make tables. */
  readonly exec: (sql: string) => void;
  /** How many rows it changed, and the id of the one it inserted last. */
  readonly run: (sql: string, ...values: StoredValue[]) => { readonly changes: number; readonly id: number };
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- whoever writes the SQL knows the columns
  readonly first: <Row>(sql: string, ...values: StoredValue[]) => Row | undefined;
  /** All rows at once: whoever expects many asks with a LIMIT, part by part. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  readonly all: <Row>(sql: string, ...values: StoredValue[]) => Row[];
  /** What `work` reads is of one moment. */
  readonly read: <Result>(work: () => Result) => Result;
  /** Everything or nothing of what `work` writes. */
  readonly write: <Result>(work: () => Result) => Result;
  readonly close: () => void;
}

/** `:memory:` keeps it in memory. */
export function openDatabase(file: string, busyMs: number): StoreDatabase {
  const connection = new Libsql(file, { timeout: busyMs });
  const prepared = new Map<string, Libsql.Statement<StoredValue[][]>>();
  const statement = (sql: string): Libsql.Statement<StoredValue[][]> => {
    let found = prepared.get(sql);
    if (found === undefined) prepared.set(sql, (found = connection.prepare<StoredValue[][]>(sql)));
    return found;
  };
  // Not libsql's own transaction: a full disk has ended it already, and its rollback would hide why.
  const inTransaction = <Result>(begin: string, work: () => Result): Result => {
    connection.exec(begin);
    try {
      const result = work();
      connection.exec("COMMIT");
      return result;
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  };
  // Values go as one list: libsql takes a lone Uint8Array for a set of named values, and the process dies of it.
  return {
    exec: (sql) => void connection.exec(sql),
    run: (sql, ...values) => {
      const { changes, lastInsertRowid } = statement(sql).run(values);
      return { changes, id: Number(lastInsertRowid) };
    },
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
    first: <Row>(sql: string, ...values: StoredValue[]) => statement(sql).all(values)[0] as Row | undefined,
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
    all: <Row>(sql: string, ...values: StoredValue[]) => statement(sql).all(values) as Row[],
    read: (work) => inTransaction("BEGIN", work),
    write: (work) => inTransaction("BEGIN IMMEDIATE", work),
    close: () => {
      prepared.clear();
      connection.close();
    },
  };
}
