/** The log events that were kept in a directory, of all functions together in order of time, and those to come. */
import { setTimeout as pause } from "node:timers/promises";
import { failure } from "../errors.ts";
import type { EventPlace, StoredEvent } from "../observability/logs/event-place.ts";
import type { GroupRow } from "../observability/logs/log-groups.ts";
import type { Store } from "../observability/store/open-store.ts";
import { openKeptStore } from "./kept-store.ts";

interface LogQuery {
  /** All when absent. */
  readonly functionName?: string;
  /** Epoch milliseconds; the first that may be shown. */
  readonly since: number;
  /** One of CloudWatch's filter patterns; empty matches all. */
  readonly pattern: string;
}

export interface StoredLogEvent {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly region: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly message: string;
}

export interface StoredLogs {
  readonly groups: () => Promise<readonly { readonly region: string; readonly name: string }[]>;
  /** In order of time. @throws LambdariumError `filter-pattern-invalid` */
  readonly read: (query: LogQuery) => AsyncGenerator<StoredLogEvent>;
  /** Also those that are yet to come, in the order they come in, until `signal` is aborted. */
  readonly follow: (query: LogQuery, signal: AbortSignal) => AsyncGenerator<StoredLogEvent>;
  readonly close: () => Promise<void>;
}

/** @throws LambdariumError `store-missing`, `store-unusable` */
export async function openStoredLogs(directory: string): Promise<StoredLogs> {
  const store = await openKeptStore(directory);
  return {
    groups: () => store.query("logs", "everyGroup", undefined),
    read: (query) => read(store, query, Number.MAX_SAFE_INTEGER),
    follow: (query, signal) => follow(store, query, signal),
    close: () => store.close(),
  };
}

/** How often the store is asked for what is new. */
const lookEveryMs = 250;
const mostEvents = 10_000;

async function* follow(store: Store, query: LogQuery, signal: AbortSignal): AsyncGenerator<StoredLogEvent> {
  let after = await store.query("logs", "lastId", undefined);
  yield* read(store, query, after);
  while (!signal.aborted) {
    const found = await store.query("logs", "newEvents", { pattern: query.pattern, after, limit: mostEvents });
    after = found.last;
    for (const event of found.events)
      if (event.timestamp >= query.since && isOf(query.functionName, event)) yield event;
    await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function* read(store: Store, query: LogQuery, lastId: number): AsyncGenerator<StoredLogEvent> {
  const groups = await store.query("logs", "everyGroup", undefined);
  const readings = groups.map((group) => readGroup(store, group, query, lastId));
  yield* inOrderOfTime(readings);
}

async function* readGroup(
  store: Store,
  { region, name }: GroupRow,
  { functionName, since, pattern }: LogQuery,
  lastId: number,
): AsyncGenerator<StoredLogEvent> {
  let after: EventPlace | undefined;
  do {
    const part = await store
      .query("logs", "search", {
        region,
        logGroup: name,
        start: since,
        end: Number.MAX_SAFE_INTEGER,
        pattern,
        ...(after === undefined ? {} : { after }),
        limit: mostEvents,
        maxBytes: 4_194_304,
      })
      .catch((error: unknown) => {
        throw refusedPattern(error, pattern);
      });
    if (part.kind !== "part") return;
    for (const event of part.events) {
      const shown = { ...event, region, logGroup: name };
      if (event.id <= lastId && isOf(functionName, shown)) yield shown;
    }
    after = part.next;
  } while (after !== undefined);
}

/** In a group of its own, or in one that functions share, where streams have the function's name (OBS-07). */
const isOf = (
  functionName: string | undefined,
  event: Pick<StoredEvent, "logStream"> & { logGroup: string },
): boolean =>
  functionName === undefined ||
  event.logGroup === functionName ||
  event.logGroup === `/aws/lambda/${functionName}` ||
  event.logStream.includes(`/${functionName}[`);

/** By its name: what comes from the store's thread is no longer of its class. */
const refusedPattern = (error: unknown, pattern: string): unknown =>
  (error as Error).name === "InvalidFilterPattern"
    ? failure("filter-pattern-invalid", { pattern, why: (error as Error).message }, error)
    : error;

async function* inOrderOfTime(readings: readonly AsyncGenerator<StoredLogEvent>[]): AsyncGenerator<StoredLogEvent> {
  const heads = (await Promise.all(readings.map(advance))).filter((head) => head !== undefined);
  while (heads.length > 0) {
    const at = heads.reduce(
      (least, head, index) => (head.event.timestamp < (heads[least]?.event.timestamp ?? 0) ? index : least),
      0,
    );
    const head = heads[at];
    if (head === undefined) return;
    yield head.event;
    const next = await advance(head.reading);
    if (next === undefined) heads.splice(at, 1);
    else heads[at] = next;
  }
}

async function advance(reading: AsyncGenerator<StoredLogEvent>) {
  const { done, value } = await reading.next();
  return done === true ? undefined : { reading, event: value };
}
