/** Traces as the store keeps them: the documents, and for each trace its times, so that a range is found quickly. */
import type { StoreDatabase } from "../store/database.ts";
import type { StoreQueries, StoreTable } from "../store/table.ts";
import { type AssembledTrace, assembleTrace } from "./assemble-trace.ts";
import { passes } from "./filter-evaluation.ts";
import type { Filter } from "./filter-expression.ts";
import type { KeptSegment } from "./segment-document.ts";
import { type GraphService, serviceGraph } from "./service-graph.ts";
import { summaryOf, type TraceSummary } from "./trace-summary.ts";

export interface SegmentRow extends KeptSegment {
  readonly region: string;
  /** Whole epoch milliseconds. */
  readonly storedAt: number;
}

/** Epoch milliseconds. */
export interface TimeRange {
  readonly region: string;
  readonly from: number;
  readonly to: number;
}

export interface SummaryQuery extends TimeRange {
  /** Which time of a trace counts: its start, its last document, or its end. */
  readonly by: "TraceId" | "Event" | "Service";
  readonly filter?: Filter;
  /** How many traces the pages before this one looked at. */
  readonly skip: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS traces (
    id INTEGER PRIMARY KEY, region TEXT NOT NULL, trace_id TEXT NOT NULL, started_at REAL NOT NULL, ended_at REAL NOT NULL,
    stored_at INTEGER NOT NULL, UNIQUE (trace_id, region));
  CREATE INDEX IF NOT EXISTS traces_by_start ON traces (region, started_at);
  CREATE INDEX IF NOT EXISTS traces_by_storage ON traces (stored_at);
  CREATE TABLE IF NOT EXISTS trace_segments (
    trace INTEGER NOT NULL, id TEXT NOT NULL, sent_by TEXT NOT NULL, in_progress INTEGER NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (trace, id, sent_by)) WITHOUT ROWID;
`;

export const traceTable = {
  create: (database: StoreDatabase) => database.exec(schema),
  insert,
  queries: { tracesById, newestTraces, summaries, graphOfRange },
  commands: {},
  removeBefore: (database: StoreDatabase, epochMs: number) => {
    remove(
      database,
      `id IN (SELECT id FROM traces WHERE stored_at < ? ORDER BY stored_at LIMIT ${mostRemoved})`,
      epochMs,
    );
    return database.first("SELECT 1 FROM traces WHERE stored_at < ? LIMIT 1", epochMs) !== undefined;
  },
  removeOldest: (database: StoreDatabase, share: number) => {
    const count = database.first<{ count: number }>("SELECT count(*) AS count FROM traces")?.count ?? 0;
    remove(database, "id IN (SELECT id FROM traces ORDER BY stored_at LIMIT ?)", Math.ceil(count * share));
  },
} satisfies StoreTable<SegmentRow, StoreQueries, StoreQueries>;

function insert(database: StoreDatabase, rows: readonly SegmentRow[]): void {
  for (const { region, storedAt, traceId, id, from, inProgress, startedAt, document } of rows) {
    const endedAt = inProgress ? startedAt : endOf(document);
    database.run(
      `INSERT INTO traces (region, trace_id, started_at, ended_at, stored_at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (trace_id, region) DO UPDATE SET
         started_at = min(started_at, ?3), ended_at = max(ended_at, ?4), stored_at = ?5`,
      region,
      traceId,
      startedAt,
      endedAt,
      storedAt,
    );
    // OBS-83: a later document replaces an earlier one, but for what is already complete.
    database.run(
      `INSERT INTO trace_segments (trace, id, sent_by, in_progress, document)
       SELECT traces.id, ?3, ?4, ?5, ?6 FROM traces WHERE trace_id = ?1 AND region = ?2
       ON CONFLICT (trace, id, sent_by) DO UPDATE SET in_progress = ?5, document = ?6 WHERE in_progress = 1 OR ?5 = 0`,
      traceId,
      region,
      id,
      from,
      inProgress ? 1 : 0,
      document,
    );
  }
}

const endOf = (document: string): number => Number((JSON.parse(document) as { end_time?: unknown }).end_time) * 1000;

/** In one go: the store answers nobody meanwhile. */
const mostRemoved = 2000;

function remove(database: StoreDatabase, condition: string, value: number): void {
  database.run(`DELETE FROM trace_segments WHERE trace IN (SELECT id FROM traces WHERE ${condition})`, value);
  database.run(`DELETE FROM traces WHERE ${condition}`, value);
}

interface TraceRow {
  readonly id: number;
  readonly trace_id: string;
}

function assembled(database: StoreDatabase, { id, trace_id }: TraceRow): AssembledTrace {
  const rows = database.all<{ id: string; sent_by: KeptSegment["from"]; in_progress: number; document: string }>(
    "SELECT id, sent_by, in_progress, document FROM trace_segments WHERE trace = ?",
    id,
  );
  return assembleTrace(
    trace_id,
    rows.map(({ id: segmentId, sent_by, in_progress, document }) => ({
      traceId: trace_id,
      id: segmentId,
      from: sent_by,
      inProgress: in_progress === 1,
      startedAt: 0,
      document,
    })),
  );
}

/** Those there are, in the order of `ids`; of every region when none is given. */
function tracesById(
  database: StoreDatabase,
  { region, ids }: { readonly region?: string; readonly ids: readonly string[] },
): readonly AssembledTrace[] {
  return ids.flatMap((traceId) => {
    const row = database.first<TraceRow>(
      "SELECT id, trace_id FROM traces WHERE trace_id = ?1 AND (?2 IS NULL OR region = ?2)",
      traceId,
      region ?? null,
    );
    return row === undefined ? [] : [assembled(database, row)];
  });
}

/** Newest first, of every region. */
function newestTraces(database: StoreDatabase, { limit }: { readonly limit: number }): readonly AssembledTrace[] {
  return database
    .all<TraceRow>("SELECT id, trace_id FROM traces ORDER BY started_at DESC LIMIT ?", limit)
    .map((row) => assembled(database, row));
}

const columns = { TraceId: "started_at", Event: "stored_at", Service: "ended_at" } as const;

/** How many traces one page looks at, and how many a graph is made of. */
const pageSize = 250;
const mostInGraph = 10_000;

/** Oldest first; `next` is what to skip for the next page, when there is one. */
function summaries(
  database: StoreDatabase,
  { region, from, to, by, filter, skip }: SummaryQuery,
): { readonly summaries: readonly TraceSummary[]; readonly looked: number; readonly next?: number } {
  const rows = database.all<TraceRow>(
    `SELECT id, trace_id FROM traces WHERE region = ? AND ${columns[by]} BETWEEN ? AND ?
     ORDER BY ${columns[by]}, id LIMIT ? OFFSET ?`,
    region,
    from,
    to,
    pageSize,
    skip,
  );
  const traces = rows.map((row) => assembled(database, row));
  return {
    summaries: traces.filter((trace) => filter === undefined || passes(trace, filter)).map(summaryOf),
    looked: rows.length,
    ...(rows.length === pageSize ? { next: skip + pageSize } : {}),
  };
}

function graphOfRange(database: StoreDatabase, { region, from, to }: TimeRange): readonly GraphService[] {
  const rows = database.all<TraceRow>(
    "SELECT id, trace_id FROM traces WHERE region = ? AND started_at BETWEEN ? AND ? ORDER BY started_at DESC LIMIT ?",
    region,
    from,
    to,
    mostInGraph,
  );
  return serviceGraph(rows.map((row) => assembled(database, row)));
}
