/** What Loki's answers mean: it may have taken most of what it answers 400 to. */
import type { FailedItem, Item, SendResult } from "../destination.ts";
import type { HttpAnswer } from "../http/http-client.ts";
import { excerpt, resultOf } from "../http/http-results.ts";

/** `streamOf` says which stream of the request an item is in, by its label `record_type`. */
export function judgeLoki(answer: HttpAnswer, items: readonly Item[], streamOf: (item: Item) => string): SendResult {
  if (answer.status !== 400) return resultOf(answer);
  const reason = `status 400${excerpt(answer.text)}`;
  const cutoff = readCutoff(answer.text);
  const judged = (item: Item): boolean => cutoff.streams === undefined || cutoff.streams.has(streamOf(item));
  const early = items
    .map((item, index) => ({ item, index }))
    .filter(({ item }) => judged(item) && item.timeMs < cutoff.beforeMs)
    .sort((one, other) => one.item.timeMs - other.item.timeMs)
    .slice(0, cutoff.count);
  // A line that is too new or too long, or something Loki cannot read: halves find it. What was taken is sent again with
  // the same times, and Loki keeps it once.
  if (early.length === 0) return { kind: "refused", reason };
  const dropped = early.map(({ index }): FailedItem => ({ index, reason, retry: false }));
  // Of several streams with lines too late it names one. Of the others it will say when they are sent again.
  const unknown = items.flatMap((item, index): FailedItem[] => (judged(item) ? [] : [{ index, reason, retry: true }]));
  return { kind: "partly", failed: [...dropped, ...unknown].sort((one, other) => one.index - other.index) };
}

interface Cutoff {
  /** Lines before were left out; `-Infinity` where it does not say. */
  readonly beforeMs: number;
  /** How many, if it says so. */
  readonly count: number | undefined;
  /** Of these streams; undefined for all. */
  readonly streams: ReadonlySet<string> | undefined;
}

/** It says seconds and means nanoseconds: what is of that second may be one that was left out, and is counted as such. */
const secondMs = 1000;

function readCutoff(text: string): Cutoff {
  const oldest = Array.from(text.matchAll(/oldest acceptable timestamp is: ([^\s',]+)/g), ([, time]) =>
    Date.parse(time!),
  );
  const beforeMs = Math.max(-Infinity, ...oldest.filter((ms) => !Number.isNaN(ms))) + secondMs;
  // Too old is by Loki's clock, for all streams alike; too far behind is by what the stream has.
  if (!text.includes("too far behind")) return { beforeMs, count: undefined, streams: undefined };
  const counts = Array.from(text.matchAll(/total ignored: (\d+) out of/g), ([, count]) => Number(count));
  return {
    beforeMs,
    count: counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0),
    streams: new Set(Array.from(text.matchAll(/record_type="(\w+)"/g), ([, stream]) => stream!)),
  };
}
