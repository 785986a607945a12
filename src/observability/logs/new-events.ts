/** What came in since the last look, in the order of ingestion: for Live Tail and `--follow`. Runs beside the database. */
import type { StoreDatabase } from "../store/database.ts";
import type { StoredEvent } from "./event-place.ts";
import { filterPattern } from "./filter-pattern/filter-pattern.ts";
import type { GroupKey } from "./log-groups.ts";

export interface NewEventsQuery {
  /** All when absent. */
  readonly groups?: readonly GroupKey[];
  /** Streams with one of these names; all when absent. */
  readonly streams?: readonly string[];
  /** Streams with one of these prefixes; all when absent. */
  readonly streamPrefixes?: readonly string[];
  readonly pattern: string;
  /** Events with a higher id. */
  readonly after: number;
  /** The newest so many. */
  readonly limit: number;
}

interface NewEvent extends StoredEvent {
  readonly region: string;
  readonly accountId: string;
  readonly logGroup: string;
}

export interface NewEvents {
  readonly events: readonly NewEvent[];
  /** For the next look. */
  readonly last: number;
  /** Whether older ones were left out. */
  readonly sampled: boolean;
}

/** One look takes no more than this out of the database. */
const mostRows = 20_000;

export const lastId = (database: StoreDatabase): number =>
  database.first<{ id: number | null }>("SELECT max(id) AS id FROM log_events")?.id ?? 0;

/** @throws InvalidFilterPattern */
export function newEvents(database: StoreDatabase, query: NewEventsQuery): NewEvents {
  const { matches } = filterPattern(query.pattern);
  const last = lastId(database);
  const rows = database.all<NewEvent>(
    `SELECT e.id AS id, s.name AS logStream, g.name AS logGroup, g.region AS region, g.account_id AS accountId,
         timestamp, ingestion_time AS ingestionTime, message
       FROM log_events e JOIN log_streams s ON s.id = e.stream_id JOIN log_groups g ON g.id = e.group_id
       WHERE e.id > ? AND e.id <= ? ORDER BY e.id DESC LIMIT ?`,
    query.after,
    last,
    mostRows,
  );
  const found = rows.filter((row) => isWanted(row, query) && matches(row.message));
  return {
    events: found.slice(0, query.limit).toReversed(),
    last,
    sampled: found.length > query.limit || rows.length === mostRows,
  };
}

const isWanted = (row: NewEvent, { groups, streams, streamPrefixes }: NewEventsQuery): boolean =>
  (groups === undefined || groups.some(({ region, logGroup }) => region === row.region && logGroup === row.logGroup)) &&
  (streams === undefined || streams.includes(row.logStream)) &&
  (streamPrefixes === undefined || streamPrefixes.some((prefix) => row.logStream.startsWith(prefix)));
