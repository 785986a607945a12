/** What is forgotten of the log: by retention, by age, by the size of the store, with its stream. */
import type { StoreDatabase, StoredValue } from "../store/database.ts";
import { eventOverheadBytes } from "./log-events.ts";

/** Rows removed in one go: the store answers nobody meanwhile. */
const mostRows = 20_000;

const dayMs = 86_400_000;

/** Events are stored in the order of their ids, so the time is looked for by halving. True when more is left to do. */
export function removeBefore(database: StoreDatabase, epochMs: number): boolean {
  const bounds = idBounds(database);
  if (bounds === undefined || ingestedAt(database, bounds.first) >= epochMs) return false;
  let [low, high] = [bounds.first, bounds.last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (ingestedAt(database, middle) < epochMs) low = middle + 1;
    else high = middle;
  }
  const until = Math.min(low, bounds.first + mostRows);
  remove(database, "id < ?", until);
  if (until < low) return true;
  database.run(
    `DELETE FROM log_streams WHERE last_ingestion < ? AND NOT EXISTS
       (SELECT 1 FROM log_events WHERE stream_id = log_streams.id)`,
    epochMs,
  );
  return false;
}

export function removeOldest(database: StoreDatabase, share: number): void {
  const bounds = idBounds(database);
  if (bounds !== undefined)
    remove(database, "id < ?", bounds.first + Math.ceil((bounds.last - bounds.first + 1) * share));
}

/** True when more is left to do. */
export function tidy(database: StoreDatabase, nowMs: number): boolean {
  let removed = 0;
  for (const { stream_id } of database.all<{ stream_id: number }>("SELECT stream_id FROM removed_streams LIMIT 100")) {
    const changes = removeFirst(database, "stream_id = ?", stream_id);
    if (changes === 0) database.run("DELETE FROM removed_streams WHERE stream_id = ?", stream_id);
    removed += changes;
    if (removed >= mostRows) return true;
  }
  const limited = database.all<{ id: number; retention_days: number }>(
    "SELECT id, retention_days FROM log_groups WHERE retention_days IS NOT NULL",
  );
  for (const { id, retention_days } of limited)
    removed += removeFirst(database, "group_id = ? AND timestamp < ?", id, nowMs - retention_days * dayMs);
  return removed >= mostRows;
}

function idBounds(database: StoreDatabase): { readonly first: number; readonly last: number } | undefined {
  const row = database.first<{ first: number | null; last: number | null }>(
    "SELECT (SELECT min(id) FROM log_events) AS first, (SELECT max(id) FROM log_events) AS last",
  );
  return row === undefined || row.first === null || row.last === null
    ? undefined
    : { first: row.first, last: row.last };
}

/** Of the event with this id or, if it is gone, the next. */
const ingestedAt = (database: StoreDatabase, id: number): number =>
  database.first<{ time: number }>(
    "SELECT ingestion_time AS time FROM log_events WHERE id >= ? ORDER BY id LIMIT 1",
    id,
  )?.time ?? Infinity;

const removeFirst = (database: StoreDatabase, condition: string, ...values: StoredValue[]): number =>
  remove(database, `id IN (SELECT id FROM log_events WHERE ${condition} LIMIT ${mostRows})`, ...values);

function remove(database: StoreDatabase, condition: string, ...values: StoredValue[]): number {
  const sizes = database.all<{ group_id: number; bytes: number }>(
    `SELECT group_id, sum(octet_length(message) + ${eventOverheadBytes}) AS bytes FROM log_events WHERE ${condition} GROUP BY group_id`,
    ...values,
  );
  for (const { group_id, bytes } of sizes)
    database.run("UPDATE log_groups SET stored_bytes = max(0, stored_bytes - ?) WHERE id = ?", bytes, group_id);
  return database.run(`DELETE FROM log_events WHERE ${condition}`, ...values).changes;
}
