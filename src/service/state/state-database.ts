/** The state on disk: a row a record, so that what was answered is there after `kill -9` (SVC-22). */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type Database from "libsql";
import { failure } from "../../errors.ts";
import { closeDatabase } from "./close-database.ts";
import type { Row } from "./service-state.ts";

export interface StateDatabase {
  readonly rows: () => readonly Row[];
  /** All or none; on disk when it returns. */
  readonly write: (rows: readonly Row[]) => void;
  readonly close: () => void;
}

/** Of what `write` makes; a database of a later Lambdarium is not touched. */
const layout = 1;

/** @throws LambdariumError `data-directory-failed` */
export async function openStateDatabase(directory: string): Promise<StateDatabase> {
  const failed = (why: string, cause?: unknown) => failure("data-directory-failed", { path: directory, why }, cause);
  try {
    await mkdir(directory, { recursive: true });
    // Loaded here, not on top: without a directory nobody pays for it.
    const { default: Libsql } = await import("libsql");
    const database = new Libsql(path.join(directory, "service.db"));
    // One process at a time: two would each answer from a memory of its own.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("PRAGMA journal_mode = WAL");
    // What was written is safe from the end of this process; a power cut may take the last moments.
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("BEGIN IMMEDIATE");
    const [{ user_version: found }] = database.pragma("user_version") as [{ user_version: number }];
    if (found > layout) throw failed("a later version of Lambdarium wrote it");
    database.exec(
      "CREATE TABLE IF NOT EXISTS records (kind TEXT, region TEXT, name TEXT, value TEXT, PRIMARY KEY (kind, region, name))",
    );
    database.exec(`PRAGMA user_version = ${layout}`);
    database.exec("COMMIT");
    return overRecords(database);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "data-directory-failed") throw error;
    const { code, message } = error as { code?: string; message: string };
    if (code === "ENOSPC" || code === "SQLITE_FULL") throw failure("disk-full", { path: directory }, error);
    throw failed(/locked|busy/i.test(message) ? "another Lambdarium uses it" : message, error);
  }
}

function overRecords(database: Database.Database): StateDatabase {
  const put = database.prepare("INSERT OR REPLACE INTO records (kind, region, name, value) VALUES (?, ?, ?, ?)");
  const remove = database.prepare("DELETE FROM records WHERE kind = ? AND region = ? AND name = ?");
  return {
    rows: () =>
      (database.prepare("SELECT kind, region, name, value FROM records").all() as (Row & { value: string })[]).map(
        (row) => ({ ...row, value: JSON.parse(row.value) as unknown }),
      ),
    write(rows) {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const { kind, region, name, value } of rows)
          if (value === undefined) remove.run(kind, region, name);
          else put.run(kind, region, name, JSON.stringify(value));
        database.exec("COMMIT");
      } catch (error) {
        // After a full disk the transaction may be gone already.
        if (database.inTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => closeDatabase(database),
  };
}
