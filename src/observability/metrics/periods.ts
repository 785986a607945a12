/** Datapoints gathered into periods. */
import { merged, type Samples } from "./samples.ts";
import type { Unit } from "./metric.ts";

/** What is kept of a metric for one moment. */
export interface StoredSamples {
  readonly timestampMs: number;
  readonly unit: Unit;
  readonly samples: Samples;
}

export interface Span {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly periodMs: number;
}

/**
 * CloudWatch rounds the start down to a whole minute, or for shorter periods to a multiple of them, and counts periods
 * from there.
 */
export function spanOf(startMs: number, endMs: number, periodSeconds: number): Span {
  const periodMs = periodSeconds * 1000;
  const stepMs = Math.min(periodMs, 60_000);
  return { fromMs: Math.floor(startMs / stepMs) * stepMs, toMs: endMs, periodMs };
}

/** The samples of each period that has any, by the time it begins, oldest first. */
export function gathered(
  stored: Iterable<StoredSamples>,
  { fromMs, toMs, periodMs }: Span,
): ReadonlyMap<number, Samples> {
  const periods = new Map<number, Samples[]>();
  for (const { timestampMs, samples } of stored) {
    if (timestampMs < fromMs || timestampMs >= toMs) continue;
    const begins = fromMs + Math.floor((timestampMs - fromMs) / periodMs) * periodMs;
    const period = periods.get(begins);
    if (period === undefined) periods.set(begins, [samples]);
    else period.push(samples);
  }
  return new Map([...periods].toSorted(([a], [b]) => a - b).map(([begins, parts]) => [begins, merged(parts)]));
}
