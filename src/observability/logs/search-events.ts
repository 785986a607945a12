/** The events of a group that a filter pattern matches, part by part (FilterLogEvents). Runs beside the database. */
import type { StoreDatabase } from "../store/database.ts";
import type { EventPlace, StoredEvent } from "./event-place.ts";
import { filterPattern } from "./filter-pattern/filter-pattern.ts";
import type { Needle } from "./filter-pattern/pattern.ts";
import { findGroup, type GroupKey } from "./log-groups.ts";

export interface SearchQuery extends GroupKey {
  /** Streams with one of these names, or with this prefix; all when both are absent. */
  readonly streams?: readonly string[];
  readonly streamPrefix?: string;
  /** Both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly pattern: string;
  /** Where the part before ended. */
  readonly after?: EventPlace;
  readonly limit: number;
  readonly maxBytes: number;
}

export type SearchAnswer =
  | {
      readonly kind: "part";
      readonly events: readonly StoredEvent[];
      /** Absent when nothing is left to search. */
      readonly next?: EventPlace;
    }
  | { readonly kind: "no group" }
  /** One that was asked for by name. */
  | { readonly kind: "no stream" };

/** Looked at in one go: between two parts the store can write, and the caller give up. */
const partSize = 400_000;
/** Rows that are taken out of the database at once. */
const chunkSize = 2000;
/** Rows that SQLite looks through for the needle at once. */
const windowSize = 50_000;

/** @throws InvalidFilterPattern */
export function search(database: StoreDatabase, query: SearchQuery): SearchAnswer {
  const { matches, needle } = filterPattern(query.pattern);
  const group = findGroup(database, query);
  if (group === undefined) return { kind: "no group" };
  const streams = chosenStreams(database, group.id, query);
  if (streams === undefined) return { kind: "no stream" };
  const events: StoredEvent[] = [];
  const size = needle === undefined && streams === "all" ? chunkSize : windowSize;
  let place = query.after ?? { timestamp: query.start - 1, id: Number.MAX_SAFE_INTEGER };
  let bytes = 0;
  for (let seen = 0; seen < partSize; seen += size) {
    const end = windowEnd(database, group.id, place, query.end, size);
    for (const row of candidates(database, {
      groupId: group.id,
      streams,
      needle,
      from: place,
      end,
      endTime: query.end,
    })) {
      if (!matches(row.message)) continue;
      bytes += Buffer.byteLength(row.message);
      const full = events.length >= query.limit || (bytes > query.maxBytes && events.length > 0);
      if (full) return { kind: "part", events, next: placeOfLast(events) };
      events.push(row);
    }
    if (end === undefined) return { kind: "part", events };
    place = end;
  }
  return { kind: "part", events, next: place };
}

const placeOfLast = (events: readonly StoredEvent[]): EventPlace => {
  const { timestamp = 0, id = 0 } = events.at(-1) ?? {};
  return { timestamp, id };
};

/** Their ids as a JSON array; nothing when one does not exist. */
function chosenStreams(database: StoreDatabase, groupId: number, query: SearchQuery): string | undefined {
  if (query.streams !== undefined) {
    const named = database.all<{ id: number }>(
      "SELECT id FROM log_streams WHERE group_id = ? AND name IN (SELECT value FROM json_each(?))",
      groupId,
      JSON.stringify(query.streams),
    );
    return named.length < new Set(query.streams).size ? undefined : JSON.stringify(named.map(({ id }) => id));
  }
  if (query.streamPrefix === undefined) return "all";
  const prefixed = database.all<{ id: number }>(
    "SELECT id FROM log_streams WHERE group_id = ?1 AND substr(name, 1, length(?2)) = ?2",
    groupId,
    query.streamPrefix,
  );
  return JSON.stringify(prefixed.map(({ id }) => id));
}

/** The place of the last of `size` rows after `from`; nothing when there are fewer. */
const windowEnd = (
  database: StoreDatabase,
  groupId: number,
  from: EventPlace,
  endTime: number,
  size: number,
): EventPlace | undefined =>
  database.first(
    `SELECT timestamp, id FROM log_events WHERE group_id = ? AND (timestamp, id) > (?, ?) AND timestamp <= ?
       ORDER BY timestamp, id LIMIT 1 OFFSET ?`,
    groupId,
    from.timestamp,
    from.id,
    endTime,
    size - 1,
  );

interface Window {
  readonly groupId: number;
  readonly streams: string;
  readonly needle: Needle | undefined;
  readonly from: EventPlace;
  /** The rest when absent. */
  readonly end: EventPlace | undefined;
  readonly endTime: number;
}

function candidates(database: StoreDatabase, window: Window): readonly StoredEvent[] {
  const { groupId, streams, needle, from, end } = window;
  const conditions = [
    ...(streams === "all" ? [] : ["stream_id IN (SELECT value FROM json_each(?))"]),
    ...(needle === undefined
      ? []
      : [needle.maybeEscaped ? "(instr(message, ?) OR instr(message, '\\u'))" : "instr(message, ?)"]),
  ].map((condition) => ` AND ${condition}`);
  return database.all<StoredEvent>(
    `SELECT log_events.id AS id, log_streams.name AS logStream, timestamp, ingestion_time AS ingestionTime, message
       FROM log_events JOIN log_streams ON log_streams.id = stream_id
       WHERE log_events.group_id = ? AND (timestamp, log_events.id) > (?, ?) AND (timestamp, log_events.id) <= (?, ?)
       ${conditions.join("")} ORDER BY timestamp, log_events.id`,
    groupId,
    from.timestamp,
    from.id,
    end?.timestamp ?? window.endTime,
    end?.id ?? Number.MAX_SAFE_INTEGER,
    ...(streams === "all" ? [] : [streams]),
    ...(needle === undefined ? [] : [needle.text]),
  );
}
