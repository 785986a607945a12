/** A run of records from the beginning of the backlog, encoded and put together into requests as the limits say. */
import type { Destination, DestinationLimits, Item, Origin } from "../destinations/destination.ts";
import { reasonOf } from "../extension-error.ts";
import type { PendingRecord } from "../spool/backlog.ts";
import type { DropReason, TelemetryRecord } from "../telemetry-records.ts";

/** One record in a window, and how many of its items are still to be sent. */
interface WindowRecord {
  readonly record: TelemetryRecord;
  readonly hasItems: boolean;
  lost: DropReason | undefined;
}

/** An item on its way; it knows the record it was made from. */
interface WindowItem {
  readonly item: Item;
  readonly of: WindowRecord;
}

/** Items of one route that fit one request. */
export interface WindowRequest {
  readonly route: string | undefined;
  readonly items: readonly WindowItem[];
}

export interface Window {
  readonly records: readonly WindowRecord[];
  /** What is still to be sent, in order; taken out when it is settled. */
  readonly requests: WindowRequest[];
  /** Why the last record that could not be encoded could not. */
  readonly problem: string | undefined;
}

/** More records than that at once would only hold memory, whatever the destination takes. */
const maxRecords = 10_000;

/** Takes records until the next one would not fit into the request of its route. */
export function fillWindow(
  pending: Iterable<PendingRecord>,
  to: Destination,
  origin: Origin,
  maxBytes: number,
): Window {
  const limits = { ...to.limits, maxBytes: Math.min(maxBytes, to.limits.maxBytes) };
  const taken: WindowRecord[] = [];
  const requests = new Map<string | undefined, OpenRequest>();
  let problem: string | undefined;
  for (const one of pending) {
    const { record } = one;
    const encoded = encode(to, one, origin, limits);
    if (encoded.kind === "lost") {
      problem = encoded.why;
      taken.push({ record, hasItems: true, lost: encoded.reason });
    } else {
      if (encoded.items.some((item) => !fits(requests.get(item.route), item, limits))) break;
      const of: WindowRecord = { record, hasItems: encoded.items.length > 0, lost: undefined };
      for (const item of encoded.items) add(requests, { item, of }, limits);
      taken.push(of);
    }
    if (taken.length >= maxRecords) break;
  }
  const ready = [...requests].map(([route, { items }]) => ({
    route,
    items: limits.sorted === true ? byTime(items) : items,
  }));
  return { records: taken, requests: ready, problem };
}

interface OpenRequest {
  readonly items: WindowItem[];
  bytes: number;
  earliest: number;
  latest: number;
}

type Encoded =
  | { readonly kind: "items"; readonly items: readonly Item[] }
  | { readonly kind: "lost"; readonly reason: DropReason; readonly why: string };

function encode(to: Destination, { record, id }: PendingRecord, origin: Origin, limits: DestinationLimits): Encoded {
  try {
    const items = to.encode(record, origin, id);
    const most =
      to.limits.maxItemBytes ??
      to.limits.maxBytes - (limits.itemOverheadBytes ?? 0) - (limits.requestOverheadBytes ?? 0);
    const large = items.find(({ bytes }) => bytes > most);
    return large === undefined
      ? { kind: "items", items }
      : { kind: "lost", reason: "too large", why: `${large.bytes} bytes, of at most ${most}` };
  } catch (error) {
    return { kind: "lost", reason: "cannot be encoded", why: reasonOf(error) };
  }
}

/** The first item of a request always fits: what no request could hold was sorted out before. */
function fits(request: OpenRequest | undefined, item: Item, limits: DestinationLimits): boolean {
  if (request === undefined) return true;
  const bytes = request.bytes + item.bytes + (limits.itemOverheadBytes ?? 0);
  const span = Math.max(request.latest, item.timeMs) - Math.min(request.earliest, item.timeMs);
  return request.items.length < limits.maxItems && bytes <= limits.maxBytes && span <= (limits.maxSpanMs ?? Infinity);
}

function add(requests: Map<string | undefined, OpenRequest>, entry: WindowItem, limits: DestinationLimits): void {
  const { item } = entry;
  const request = requests.get(item.route) ?? {
    items: [],
    bytes: limits.requestOverheadBytes ?? 0,
    earliest: item.timeMs,
    latest: item.timeMs,
  };
  requests.set(item.route, request);
  request.items.push(entry);
  request.bytes += item.bytes + (limits.itemOverheadBytes ?? 0);
  request.earliest = Math.min(request.earliest, item.timeMs);
  request.latest = Math.max(request.latest, item.timeMs);
}

/** `sort` is stable: what happened at the same time keeps its order. */
const byTime = (items: readonly WindowItem[]): readonly WindowItem[] =>
  [...items].sort((one, other) => one.item.timeMs - other.item.timeMs);

/** Both halves of a request. */
export function halves({ route, items }: WindowRequest): readonly [WindowRequest, WindowRequest] {
  const middle = Math.ceil(items.length / 2);
  return [
    { route, items: items.slice(0, middle) },
    { route, items: items.slice(middle) },
  ];
}

export const bytesOf = ({ items }: WindowRequest): number => items.reduce((sum, { item }) => sum + item.bytes, 0);
