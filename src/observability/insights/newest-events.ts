/** The stored events of some log groups together, the newest first, a little at a time. Runs beside the database. */
import type { StoreDatabase } from "../store/database.ts";
import type { QueriedEvent } from "./event-fields.ts";

export interface QueriedGroup {
  readonly id: number;
  readonly name: string;
  readonly accountId: string;
}

/** Taken out of the database at once, of each group. */
const chunkSize = 2000;

export class NewestEvents {
  readonly #database: StoreDatabase;
  readonly #sources: Source[];

  /** Both times are inclusive. */
  constructor(database: StoreDatabase, groups: readonly QueriedGroup[], startMs: number, endMs: number) {
    this.#database = database;
    this.#sources = groups.map((group) => ({
      group,
      startMs,
      before: { timestamp: endMs, id: Number.MAX_SAFE_INTEGER },
      chunk: [],
      at: 0,
      isDone: false,
    }));
  }

  /** Nothing when there are no more. */
  next(): QueriedEvent | undefined {
    let newest: { readonly source: Source; readonly event: QueriedEvent } | undefined;
    for (const source of this.#sources) {
      const event = this.#peek(source);
      if (event !== undefined && (newest === undefined || isNewer(event, newest.event))) newest = { source, event };
    }
    if (newest !== undefined) newest.source.at++;
    return newest?.event;
  }

  #peek(source: Source): QueriedEvent | undefined {
    if (source.at === source.chunk.length && !source.isDone) this.#fill(source);
    return source.chunk[source.at];
  }

  #fill(source: Source): void {
    const { group, startMs, before } = source;
    const rows = this.#database.all<Omit<QueriedEvent, "logGroup" | "accountId">>(
      `SELECT e.id AS id, e.timestamp AS timestamp, e.ingestion_time AS ingestionTime, e.message AS message, s.name AS logStream
         FROM log_events e JOIN log_streams s ON s.id = e.stream_id
         WHERE e.group_id = ? AND (e.timestamp, e.id) < (?, ?) AND e.timestamp >= ? ORDER BY e.timestamp DESC, e.id DESC LIMIT ?`,
      group.id,
      before.timestamp,
      before.id,
      startMs,
      chunkSize,
    );
    source.chunk = rows.map((row) => ({ ...row, logGroup: group.name, accountId: group.accountId }));
    source.at = 0;
    source.before = rows.at(-1) ?? before;
    source.isDone = rows.length < chunkSize;
  }
}

interface Source {
  readonly group: QueriedGroup;
  readonly startMs: number;
  before: { readonly timestamp: number; readonly id: number };
  chunk: readonly QueriedEvent[];
  at: number;
  isDone: boolean;
}

const isNewer = (a: QueriedEvent, b: QueriedEvent): boolean =>
  a.timestamp > b.timestamp || (a.timestamp === b.timestamp && a.id > b.id);
