/** Log groups, streams and events as the store keeps them. */
import type { StoreDatabase } from "../store/database.ts";
import type { StoreQueries, StoreTable } from "../store/table.ts";

/** Rows of one batch share the object: it travels between threads once. */
export interface LogDestination {
  readonly region: string;
  readonly accountId: string;
  readonly logGroup: string;
  readonly logStream: string;
}

export interface LogRow {
  readonly to: LogDestination;
  /** Whole epoch milliseconds. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS log_groups (
    id INTEGER PRIMARY KEY, region TEXT NOT NULL, account_id TEXT NOT NULL, name TEXT NOT NULL,
    created_at INTEGER NOT NULL, retention_days INTEGER, tags TEXT NOT NULL DEFAULT '{}', UNIQUE (region, name));
  CREATE TABLE IF NOT EXISTS log_streams (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    first_event INTEGER, last_event INTEGER, last_ingestion INTEGER, UNIQUE (group_id, name));
  CREATE TABLE IF NOT EXISTS log_events (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, timestamp INTEGER NOT NULL,
    ingestion_time INTEGER NOT NULL, message TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS log_events_of_group ON log_events (group_id, timestamp, id);
  CREATE INDEX IF NOT EXISTS log_events_of_stream ON log_events (stream_id, timestamp, id);
`;

export const logTable = {
  create: (database: StoreDatabase) => database.exec(schema),
  insert,
  queries: { groupNames },
  commands: {},
  removeBefore: () => {},
  removeOldest: () => {},
} satisfies StoreTable<LogRow, StoreQueries, StoreQueries>;

/** Groups and streams are made on the way, as Lambda makes them. */
function insert(database: StoreDatabase, rows: readonly LogRow[]): void {
  const streams = new Map<LogDestination, OpenStream>();
  for (const { to, timestamp, ingestionTime, message } of rows) {
    let stream = streams.get(to);
    if (stream === undefined) streams.set(to, (stream = openStream(database, to, ingestionTime)));
    database.run(
      "INSERT INTO log_events (group_id, stream_id, timestamp, ingestion_time, message) VALUES (?, ?, ?, ?, ?)",
      stream.groupId,
      stream.id,
      timestamp,
      ingestionTime,
      message,
    );
    stream.first = Math.min(stream.first, timestamp);
    stream.last = Math.max(stream.last, timestamp);
    stream.ingestion = ingestionTime;
  }
  for (const { id, first, last, ingestion } of streams.values())
    database.run(
      "UPDATE log_streams SET first_event = min(ifnull(first_event, ?1), ?1), last_event = max(ifnull(last_event, ?2), ?2), last_ingestion = ?3 WHERE id = ?4",
      first,
      last,
      ingestion,
      id,
    );
}

interface OpenStream {
  readonly id: number;
  readonly groupId: number;
  first: number;
  last: number;
  ingestion: number;
}

function openStream(database: StoreDatabase, to: LogDestination, now: number): OpenStream {
  database.run(
    "INSERT OR IGNORE INTO log_groups (region, account_id, name, created_at) VALUES (?, ?, ?, ?)",
    to.region,
    to.accountId,
    to.logGroup,
    now,
  );
  const group = database.first<{ id: number }>(
    "SELECT id FROM log_groups WHERE region = ? AND name = ?",
    to.region,
    to.logGroup,
  );
  const groupId = group?.id ?? 0;
  database.run(
    "INSERT OR IGNORE INTO log_streams (group_id, name, created_at) VALUES (?, ?, ?)",
    groupId,
    to.logStream,
    now,
  );
  const stream = database.first<{ id: number }>(
    "SELECT id FROM log_streams WHERE group_id = ? AND name = ?",
    groupId,
    to.logStream,
  );
  return { id: stream?.id ?? 0, groupId, first: Infinity, last: -Infinity, ingestion: now };
}

function groupNames(database: StoreDatabase, { region }: { readonly region: string }): readonly string[] {
  return database
    .all<{ name: string }>("SELECT name FROM log_groups WHERE region = ? ORDER BY name", region)
    .map(({ name }) => name);
}
