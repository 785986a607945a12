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
  readonly #streamNames = new Map<number, string | undefined>();

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
    while (source.at === source.chunk.length && !source.isDone) this.#fill(source);
    return source.chunk[source.at];
  }

  #fill(source: Source): void {
    const { group, startMs, before } = source;
    const rows = this.#database.all<EventRow>(
      `SELECT id, timestamp, ingestion_time AS ingestionTime, message, stream_id AS streamId FROM log_events
         WHERE group_id = ? AND (timestamp, id) < (?, ?) AND timestamp >= ? ORDER BY timestamp DESC, id DESC LIMIT ?`,
      group.id,
      before.timestamp,
      before.id,
      startMs,
      chunkSize,
    );
    source.chunk = rows.flatMap(({ streamId, id, timestamp, ingestionTime, message }) => {
      const logStream = this.#streamName(streamId);
      if (logStream === undefined) return [];
      const { name: logGroup, accountId } = group;
      return [{ id, timestamp, ingestionTime, message, logStream, logGroup, accountId }];
    });
    source.at = 0;
    source.before = rows.at(-1) ?? before;
    source.isDone = rows.length < chunkSize;
  }

  /** Nothing for a stream that was removed, whose events go later. */
  #streamName(id: number): string | undefined {
    if (!this.#streamNames.has(id))
      this.#streamNames.set(
        id,
        this.#database.first<{ name: string }>("SELECT name FROM log_streams WHERE id = ?", id)?.name,
      );
    return this.#streamNames.get(id);
  }
}

interface EventRow extends Pick<QueriedEvent, "id" | "timestamp" | "ingestionTime" | "message"> {
  readonly streamId: number;
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
