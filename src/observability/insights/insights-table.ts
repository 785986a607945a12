/** Queries at work beside the database, part by part, so that writing goes on between two parts. Nothing of it is stored. */
import type { StoreDatabase } from "../store/database.ts";
import type { StoreQueries, StoreTable } from "../store/table.ts";
import { eventFields, type QueriedEvent } from "./event-fields.ts";
import { NewestEvents, type QueriedGroup } from "./newest-events.ts";
import { readQuery } from "./read-query.ts";
import { type ResultRow, RunningQuery } from "./run-query.ts";
import { recorded } from "./values.ts";

export const insightsTable = {
  create: () => {},
  insert: () => {},
  queries: { begin, advance, forget, record },
  commands: {},
  removeBefore: () => false,
  removeOldest: () => {},
} satisfies StoreTable<never, StoreQueries, StoreQueries>;

export interface QueryStart {
  readonly id: string;
  readonly region: string;
  readonly logGroups: readonly string[];
  /** Both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  readonly queryString: string;
  readonly limit?: number;
}

export interface QueryProgress {
  readonly scanned: number;
  readonly matched: number;
  readonly scannedBytes: number;
  /** Only when the query is complete; it is forgotten then. */
  readonly rows?: readonly ResultRow[];
}

interface AtWork {
  readonly query: RunningQuery;
  readonly events: NewestEvents;
  scanned: number;
  scannedBytes: number;
}

const atWork = new WeakMap<StoreDatabase, Map<string, AtWork>>();

function queriesOf(database: StoreDatabase): Map<string, AtWork> {
  const known = atWork.get(database) ?? new Map<string, AtWork>();
  atWork.set(database, known);
  return known;
}

/** The first group that is not there; nothing when the query has begun. @throws MalformedQuery */
function begin(database: StoreDatabase, start: QueryStart): string | undefined {
  const { id, region, logGroups, startMs, endMs, queryString, limit } = start;
  const groups: QueriedGroup[] = [];
  for (const name of logGroups) {
    const group = database.first<QueriedGroup>(
      "SELECT id, name, account_id AS accountId FROM log_groups WHERE region = ? AND name = ?",
      region,
      name,
    );
    if (group === undefined) return name;
    groups.push(group);
  }
  queriesOf(database).set(id, {
    query: new RunningQuery(readQuery(queryString), limit),
    events: new NewestEvents(database, groups, startMs, endMs),
    scanned: 0,
    scannedBytes: 0,
  });
  return undefined;
}

/** Looked at in one go. */
const partSize = 20_000;

/** Nothing for a query that was forgotten. */
function advance(database: StoreDatabase, { id }: { readonly id: string }): QueryProgress | undefined {
  const work = queriesOf(database).get(id);
  if (work === undefined) return undefined;
  let goesOn = true;
  for (let left = partSize; left > 0 && goesOn; left--) {
    const event = work.events.next();
    if (event === undefined) goesOn = false;
    else {
      work.scanned++;
      work.scannedBytes += event.message.length;
      goesOn = work.query.accept(eventFields(event));
    }
  }
  const progress = { scanned: work.scanned, matched: work.query.matched, scannedBytes: work.scannedBytes };
  if (goesOn) return progress;
  forget(database, { id });
  work.query.end();
  return { ...progress, rows: work.query.results };
}

function forget(database: StoreDatabase, { id }: { readonly id: string }): void {
  queriesOf(database).delete(id);
}

/** Every field of one event; nothing when it is gone. */
function record(
  database: StoreDatabase,
  place: { readonly region: string; readonly id: number; readonly timestamp: number },
): Readonly<Record<string, string>> | undefined {
  const event = database.first<QueriedEvent>(
    `SELECT e.id AS id, e.timestamp AS timestamp, e.ingestion_time AS ingestionTime, e.message AS message,
         s.name AS logStream, g.name AS logGroup, g.account_id AS accountId
       FROM log_events e JOIN log_streams s ON s.id = e.stream_id JOIN log_groups g ON g.id = e.group_id
       WHERE e.id = ? AND e.timestamp = ? AND g.region = ?`,
    place.id,
    place.timestamp,
    place.region,
  );
  if (event === undefined) return undefined;
  const fields = eventFields(event);
  const names = fields.names().filter((name) => name !== "@ptr");
  return Object.fromEntries(names.map((name) => [name, recorded(fields.get(name) ?? "")]));
}
