/** Who has the store open, so that the next start can say that somebody was killed before everything was written. */
import { isAlive } from "../is-alive.ts";
import type { StoreDatabase } from "./database.ts";

export interface Session {
  /** Times, in epoch milliseconds, of the last sign of processes that are gone without having closed the store. */
  readonly interruptedAt: readonly number[];
  readonly close: () => void;
}

interface SessionRow {
  readonly id: number;
  readonly process_id: number;
  readonly opened_at: number;
}

/** The two times come from clocks that need not agree to the millisecond. */
const clockSlackMs = 100;

/** To be called within a transaction. */
export function openSession(database: StoreDatabase, nowMs: number): Session {
  database.exec(
    "CREATE TABLE IF NOT EXISTS sessions (id INTEGER PRIMARY KEY, process_id INTEGER NOT NULL, opened_at INTEGER NOT NULL)",
  );
  const open = database.all<SessionRow>("SELECT id, process_id, opened_at FROM sessions");
  // Where process ids begin anew, as in a container, the next process may well have the id of the one that was killed.
  const startedAt = nowMs - process.uptime() * 1000;
  const interrupted = open.filter(({ process_id, opened_at }) =>
    process_id === process.pid ? opened_at < startedAt - clockSlackMs : !isAlive(process_id),
  );
  for (const { id } of interrupted) database.run("DELETE FROM sessions WHERE id = ?", id);
  const { id } = database.run(
    "INSERT INTO sessions (process_id, opened_at) VALUES (?, ?)",
    process.pid,
    Math.floor(nowMs),
  );
  return {
    interruptedAt: interrupted.map(({ opened_at }) => opened_at),
    close: () => void database.run("DELETE FROM sessions WHERE id = ?", id),
  };
}
