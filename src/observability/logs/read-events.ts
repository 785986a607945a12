/** The events of one stream, page by page in either direction (GetLogEvents). Runs beside the database. */
import type { StoreDatabase } from "../store/database.ts";
import type { EventPlace, StoredEvent } from "./event-place.ts";
import { findGroup, findStream, type StreamKey } from "./log-groups.ts";

export interface EventsQuery extends StreamKey {
  /** Inclusive. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly from: { readonly kind: "head" | "tail" } | { readonly kind: "after" | "before"; readonly place: EventPlace };
  readonly limit: number;
  readonly maxBytes: number;
}

export type EventsAnswer =
  | { readonly kind: "events"; /** Oldest first. */ readonly events: readonly StoredEvent[] }
  | { readonly kind: "no group" }
  | { readonly kind: "no stream" };

/** As many as fit, at least one when there is one. */
export function events(database: StoreDatabase, query: EventsQuery): EventsAnswer {
  const group = findGroup(database, query);
  if (group === undefined) return { kind: "no group" };
  const stream = findStream(database, group.id, query.logStream);
  if (stream === undefined) return { kind: "no stream" };
  const forward = query.from.kind === "head" || query.from.kind === "after";
  const { timestamp, id } = "place" in query.from ? query.from.place : forward ? beforeAll : afterAll;
  const rows = database.all<StoredEvent>(
    `SELECT id, ? AS logStream, timestamp, ingestion_time AS ingestionTime, message FROM log_events
       WHERE stream_id = ? AND timestamp >= ? AND timestamp < ?
         AND (timestamp, id) ${forward ? ">" : "<"} (?, ?)
       ORDER BY timestamp ${forward ? "ASC" : "DESC"}, id ${forward ? "ASC" : "DESC"} LIMIT ?`,
    stream.name,
    stream.id,
    query.start,
    query.end,
    timestamp,
    id,
    query.limit,
  );
  const kept = fitting(rows, query.maxBytes);
  return { kind: "events", events: forward ? kept : kept.toReversed() };
}

const beforeAll: EventPlace = { timestamp: -1, id: 0 };
const afterAll: EventPlace = { timestamp: Number.MAX_SAFE_INTEGER, id: 0 };

function fitting(rows: readonly StoredEvent[], maxBytes: number): readonly StoredEvent[] {
  let bytes = 0;
  const end = rows.findIndex(({ message }, at) => (bytes += Buffer.byteLength(message)) > maxBytes && at > 0);
  return end < 0 ? rows : rows.slice(0, end);
}
