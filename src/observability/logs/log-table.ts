/** Log groups, streams and events as the store keeps them. */
import { embeddedMetrics } from "../metrics/embedded-metrics.ts";
import { insertMetrics } from "../metrics/metric-table.ts";
import type { StoreDatabase } from "../store/database.ts";
import type { StoreQueries, StoreTable } from "../store/table.ts";
import { eventOverheadBytes, type LogEvent } from "./log-events.ts";
import {
  createGroup,
  createStream,
  deleteGroup,
  deleteStream,
  everyGroup,
  findGroup,
  findStream,
  group,
  groups,
  setRetention,
  setTags,
  streams,
} from "./log-groups.ts";
import { lastId, newEvents } from "./new-events.ts";
import { events } from "./read-events.ts";
import { removeBefore, removeOldest, tidy } from "./remove-events.ts";
import { search } from "./search-events.ts";

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

// AUTOINCREMENT, since events outlive their removed stream for a while and must not be found in a new one.
const schema = `
  CREATE TABLE IF NOT EXISTS log_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, account_id TEXT NOT NULL, name TEXT NOT NULL,
    created_at INTEGER NOT NULL, retention_days INTEGER, tags TEXT NOT NULL DEFAULT '{}',
    stored_bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (region, name));
  CREATE TABLE IF NOT EXISTS log_streams (
    id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    first_event INTEGER, last_event INTEGER, last_ingestion INTEGER, UNIQUE (group_id, name));
  CREATE TABLE IF NOT EXISTS removed_streams (stream_id INTEGER PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS log_events (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, timestamp INTEGER NOT NULL,
    ingestion_time INTEGER NOT NULL, message TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS log_events_of_group ON log_events (group_id, timestamp, id);
  CREATE INDEX IF NOT EXISTS log_events_of_stream ON log_events (stream_id, timestamp, id);
`;

export const logTable = {
  create: (database: StoreDatabase) => database.exec(schema),
  insert,
  queries: { everyGroup, group, groups, streams, events, search, lastId, newEvents },
  commands: { createGroup, createStream, deleteGroup, deleteStream, putEvents, setRetention, setTags },
  removeBefore,
  removeOldest,
  tidy,
} satisfies StoreTable<LogRow, StoreQueries, StoreQueries>;

/** Groups and streams are made on the way, as Lambda makes them. */
function insert(database: StoreDatabase, rows: readonly LogRow[]): void {
  const open = new Map<LogDestination, OpenStream>();
  for (const { to, timestamp, ingestionTime, message } of rows) {
    let stream = open.get(to);
    if (stream === undefined) open.set(to, (stream = openStream(database, to, ingestionTime)));
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
    stream.bytes += Buffer.byteLength(message) + eventOverheadBytes;
  }
  insertMetrics(database, rows.flatMap(embeddedMetricsOf));
  for (const stream of open.values()) note(database, stream);
}

/** Into a stream that is there, as PutLogEvents wants it. */
function putEvents(
  database: StoreDatabase,
  { to, events, ingestionTime }: { to: LogDestination; events: readonly LogEvent[]; ingestionTime: number },
): "put" | "no group" | "no stream" {
  const found = findGroup(database, to);
  if (found === undefined) return "no group";
  if (findStream(database, found.id, to.logStream) === undefined) return "no stream";
  insert(
    database,
    events.map(({ timestamp, message }) => ({ to, timestamp, ingestionTime, message })),
  );
  return "put";
}

/** OBS-58: of stored events, whoever wrote them. */
const embeddedMetricsOf = ({ to, message, ingestionTime }: LogRow) =>
  embeddedMetrics(message, { region: to.region, now: ingestionTime });

interface OpenStream {
  readonly id: number;
  readonly groupId: number;
  first: number;
  last: number;
  ingestion: number;
  bytes: number;
}

function openStream(database: StoreDatabase, to: LogDestination, now: number): OpenStream {
  createGroup(database, { ...to, now, tags: "{}" });
  createStream(database, { ...to, now });
  const found = database.first<{ id: number; groupId: number }>(
    `SELECT s.id AS id, g.id AS groupId FROM log_streams s JOIN log_groups g ON g.id = s.group_id
       WHERE g.region = ? AND g.name = ? AND s.name = ?`,
    to.region,
    to.logGroup,
    to.logStream,
  );
  return { id: 0, groupId: 0, ...found, first: Infinity, last: -Infinity, ingestion: now, bytes: 0 };
}

function note(database: StoreDatabase, { id, groupId, first, last, ingestion, bytes }: OpenStream): void {
  database.run(
    `UPDATE log_streams SET first_event = min(ifnull(first_event, ?1), ?1), last_event = max(ifnull(last_event, ?2), ?2),
       last_ingestion = ?3 WHERE id = ?4`,
    first,
    last,
    ingestion,
    id,
  );
  database.run("UPDATE log_groups SET stored_bytes = stored_bytes + ? WHERE id = ?", bytes, groupId);
}
