/** Ends a database that only this process may use, so that the next one may use it, in this process too. */
import type Database from "libsql";

/** `close` alone leaves the lock with prepared statements that nobody has collected yet. */
export function closeDatabase(database: Database.Database): void {
  try {
    // The lock of a write-ahead log cannot be given back while it is one.
    database.exec("PRAGMA journal_mode = DELETE");
    database.exec("PRAGMA locking_mode = NORMAL");
    // It is given back by the next statement that reads.
    database.prepare("SELECT count(*) FROM sqlite_master").get();
  } catch {
    // Somebody reads it at this moment, or the disk is full: what was written is safe all the same.
  }
  database.close();
}
