/** The queries that were started: carried out one part after the other, their results kept for whoever asks later. */
import { randomUUID } from "node:crypto";
import type { Store } from "../store/open-store.ts";
import type { QueryProgress, QueryStart } from "./insights-table.ts";
import type { ResultRow } from "./run-query.ts";

export type QueryStatus = "Running" | "Complete" | "Failed" | "Cancelled";

export interface StartedQuery {
  readonly id: string;
  readonly region: string;
  readonly logGroups: readonly string[];
  readonly queryString: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  status: QueryStatus;
  progress: Omit<QueryProgress, "rows">;
  rows: readonly ResultRow[];
  durationMs: number;
}

/** Older ones are forgotten. */
const mostKept = 500;

export class Queries {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #kept = new Map<string, StartedQuery>();

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** The query must be well formed. Gives it, or the name of a group that is not there. */
  async start(asked: Omit<QueryStart, "id">): Promise<StartedQuery | string> {
    const id = randomUUID();
    const missing = await this.#store.query("insights", "begin", { ...asked, id });
    if (missing !== undefined) return missing;
    const query: StartedQuery = {
      id,
      region: asked.region,
      logGroups: asked.logGroups,
      queryString: asked.queryString,
      createdAt: this.#now(),
      status: "Running",
      progress: { scanned: 0, matched: 0, scannedBytes: 0 },
      rows: [],
      durationMs: 0,
    };
    this.#keep(query);
    void this.#carryOut(query);
    return query;
  }

  find(region: string, id: string): StartedQuery | undefined {
    const query = this.#kept.get(id);
    return query?.region === region ? query : undefined;
  }

  /** The newest first. */
  all(region: string): readonly StartedQuery[] {
    return [...this.#kept.values()].filter((query) => query.region === region).toReversed();
  }

  /** False when it is not running. */
  stop(query: StartedQuery): boolean {
    if (query.status !== "Running") return false;
    this.#end(query, "Cancelled");
    this.#store.query("insights", "forget", { id: query.id }).catch(() => {});
    return true;
  }

  async #carryOut(query: StartedQuery): Promise<void> {
    try {
      while (query.status === "Running") {
        const answer = await this.#store.query("insights", "advance", { id: query.id });
        if (answer === undefined) return;
        const { rows, ...progress } = answer;
        query.progress = progress;
        if (rows === undefined || query.status !== "Running") continue;
        query.rows = rows;
        this.#end(query, "Complete");
      }
    } catch {
      this.#end(query, "Failed");
    }
  }

  #end(query: StartedQuery, status: QueryStatus): void {
    query.status = status;
    query.durationMs = this.#now() - query.createdAt;
  }

  #keep(query: StartedQuery): void {
    this.#kept.set(query.id, query);
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) return;
      this.#kept.delete(id);
    }
  }
}
