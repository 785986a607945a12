/** The life of an environment as one list in order of time: what each party did, and what it got for an answer. */
import type { RunningEnvironment } from "../host/running-environment.ts";
import { historyEntries } from "./timeline-history.ts";
import { deliveryEntries, noticeEntries, subscriptionEntries } from "./timeline-telemetry.ts";

export interface TimelineEntry {
  /** Milliseconds since the first event of the environment, with fractions. */
  readonly atMs: number;
  /**
   * `begin` and `end` of a phase, a `mark` between phases (freeze, thaw), a `step` of some party, a `delivery` of
   * telemetry, a `problem`, or a `notice` of ours.
   */
  readonly kind: "begin" | "end" | "mark" | "step" | "delivery" | "problem" | "notice";
  /** `platform`, `runtime`, `lambdarium` or the name of an extension. */
  readonly who: string;
  /** In words. */
  readonly what: string;
}

export function timelineOf(running: RunningEnvironment): readonly TimelineEntry[] {
  const { history, parts, subscriptions } = running;
  const entries = history.entries;
  const since = entries[0]?.at;
  if (since === undefined) return [];
  const all = [
    ...historyEntries(entries),
    ...subscriptionEntries(parts.records, subscriptions),
    ...deliveryEntries(parts.batches.kept, subscriptions),
    ...noticeEntries(parts.notices.kept, since),
  ];
  return all
    .sort((a, b) => a.at - b.at)
    .map(({ at, kind, who, what }) => ({ atMs: rounded(at - since), kind, who, what }));
}

/** An entry before the timeline's beginning is known: `at` is milliseconds since the epoch. */
export type DatedEntry = Omit<TimelineEntry, "atMs"> & { readonly at: number };

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
