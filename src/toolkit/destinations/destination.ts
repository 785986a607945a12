/** What a destination is to the toolkit: its real limits, how it writes one record, and how it sends one request. */
import type { FunctionFacts } from "../lifecycle-events.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";

/** What is known of where the records come from. */
export interface Origin extends FunctionFacts {
  readonly extensionName: string;
  readonly region: string;
  readonly memorySizeMb: number;
  /** One for the life of the process; new after a reset. */
  readonly processId: string;
}

/** A record as the destination writes it. */
export interface Item {
  /** Encoded once: what is measured is what is sent. */
  readonly body: string | Buffer;
  /** Of `body`, in the encoding in which the destination counts. */
  readonly bytes: number;
  /** Milliseconds since the epoch, from the record. */
  readonly timeMs: number;
  /** Items of different routes never share a request: paths, streams, partitions. */
  readonly route?: string;
}

/** Limits of one request. */
export interface DestinationLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
  /** What each item costs beside its body, a separator for instance; default 0. */
  readonly itemOverheadBytes?: number;
  /** What a request costs beside its items; default 0. */
  readonly requestOverheadBytes?: number;
  /** A larger item is dropped as too large; default `maxBytes` less what goes beside it. */
  readonly maxItemBytes?: number;
  /** The time between the earliest and the latest item. */
  readonly maxSpanMs?: number;
  /** True has the items of a request sorted by time. */
  readonly sorted?: boolean;
}

export interface OutgoingRequest {
  readonly items: readonly Item[];
  readonly route: string | undefined;
  /** Aborted when the time for this request is over. */
  readonly signal: AbortSignal;
  readonly origin: Origin;
}

/** What became of a request. */
export type SendResult =
  | { readonly kind: "delivered" }
  /** Taken but for these items; `retry` ones are sent again, the others are dropped as refused. */
  | { readonly kind: "partly"; readonly failed: readonly FailedItem[] }
  /** Nothing was taken; the halves are tried. */
  | { readonly kind: "too large" }
  /** Nothing was taken because of an item in it: it is looked for by halves, and dropped. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Nothing was taken, the same request may be later. */
  | { readonly kind: "try later"; readonly reason: string; readonly afterMs?: number }
  /** Nothing will be taken whatever we send: a wrong key, a wrong address. Everything stays in the spool. */
  | { readonly kind: "closed"; readonly reason: string };

export interface FailedItem {
  readonly index: number;
  readonly reason: string;
  readonly retry: boolean;
}

export interface Destination {
  /** For messages: what, and where. */
  readonly name: string;
  /** Why nothing will be sent, where the settings alone say so: told of in Init. Everything stays in the spool. */
  readonly problem?: string;
  readonly limits: DestinationLimits;
  /**
   * What a record becomes: nothing, one item, or one for each of several routes. Throwing drops the record.
   * `id` is the same whenever this record is sent again, also by a later process, and no other record's: for destinations
   * that leave out what they have.
   */
  encode(record: TelemetryRecord, origin: Origin, id: string): readonly Item[];
  /** Sends one request. What it throws is taken for `try later`. */
  send(request: OutgoingRequest): Promise<SendResult>;
  /** Connections that were open are not to be trusted any more: the environment was frozen. */
  thawed?(): void;
  close?(): void;
}

/** An item of text. */
export const textItem = (body: string, timeMs: number, route?: string): Item => ({
  body,
  bytes: Buffer.byteLength(body),
  timeMs,
  ...(route === undefined ? {} : { route }),
});

/** When the record was made; now for one whose time cannot be read. */
export function timeOf(record: TelemetryRecord): number {
  const timeMs = Date.parse(record.time);
  return Number.isNaN(timeMs) ? Date.now() : timeMs;
}
