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

const dayMs = 86_400_000;

/**
 * CloudWatch rounds the start down to a whole minute, of what is older to 5 minutes or an hour, and for periods below a
 * minute to a multiple of them; periods are counted from there.
 */
export function spanOf(startMs: number, endMs: number, periodSeconds: number, nowMs: number): Span {
  const periodMs = periodSeconds * 1000;
  const ageMs = nowMs - startMs;
  const byAgeMs = ageMs < 15 * dayMs ? 60_000 : ageMs < 63 * dayMs ? 300_000 : 3_600_000;
  const stepMs = periodMs < 60_000 ? periodMs : byAgeMs;
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
