/** CloudWatch's statistics: the five plain ones, percentiles, and what is counted or averaged between two bounds. */
import type { Samples, ValueCount } from "./samples.ts";

export const plainStatistics = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] as const;
export type PlainStatistic = (typeof plainStatistics)[number];

/** Absent is as far as there are values; percent is 0 to 100. */
interface Bound {
  readonly value: number;
  readonly percent: boolean;
}

export type Statistic =
  | { readonly kind: "plain"; readonly name: PlainStatistic }
  | { readonly kind: "percentile"; readonly percent: number }
  | {
      readonly kind: "trimmed mean" | "trimmed count" | "trimmed sum" | "winsorized mean" | "percentile rank";
      readonly from: Bound | undefined;
      readonly to: Bound | undefined;
    };

/** `Average`, `p99.9`, `tm90`, `TM(10%:90%)`, `TC(:500)`, `PR(100:)`, `IQM`; nothing for anything else. */
export function parseStatistic(text: string): Statistic | undefined {
  const plain = plainStatistics.find((name) => name === text);
  if (plain !== undefined) return { kind: "plain", name: plain };
  if (text === "IQM") return { kind: "trimmed mean", from: percentBound(25), to: percentBound(75) };
  const [, letters = "", digits = ""] = /^(p|tm|tc|ts|wm)(\d{1,3}(?:\.\d{1,10})?)$/.exec(text) ?? [];
  const percent = Number(digits);
  if (letters === "p") return percent <= 100 ? { kind: "percentile", percent } : undefined;
  const short = kinds[letters.toUpperCase()];
  if (short !== undefined)
    return percent <= 100 ? { kind: short, from: undefined, to: percentBound(percent) } : undefined;
  return parseRange(text);
}

const kinds: Readonly<Record<string, Exclude<Statistic["kind"], "plain" | "percentile">>> = {
  TM: "trimmed mean",
  TC: "trimmed count",
  TS: "trimmed sum",
  WM: "winsorized mean",
  PR: "percentile rank",
};

const percentBound = (value: number): Bound => ({ value, percent: true });

function parseRange(text: string): Statistic | undefined {
  const number = String.raw`(-?\d+(?:\.\d+)?)?(%)?`;
  const range = new RegExp(String.raw`^(TM|TC|TS|WM|PR)\(${number}:${number}\)$`).exec(text);
  const [, letters = "", from, fromPercent, to, toPercent] = range ?? [];
  const kind = kinds[letters];
  if (kind === undefined || (from ?? to) === undefined) return undefined;
  if (from !== undefined && to !== undefined && fromPercent !== toPercent) return undefined;
  const percent = (fromPercent ?? toPercent) === "%";
  if (percent && kind === "percentile rank") return undefined;
  const bound = (digits: string | undefined): Bound | undefined =>
    digits === undefined ? undefined : { value: Number(digits), percent };
  return { kind, from: bound(from), to: bound(to) };
}

/** Nothing where it cannot be told: a statistic set has no percentiles. */
export function statisticOf(samples: Samples, statistic: Statistic): number | undefined {
  if (statistic.kind === "plain") return plainStatistic(samples, statistic.name);
  const { distribution, sampleCount } = samples;
  if (distribution === undefined || sampleCount === 0) return undefined;
  if (statistic.kind === "percentile") return percentileOf(distribution, sampleCount, statistic.percent);
  const low = limitOf(statistic.from, distribution, sampleCount) ?? -Infinity;
  const high = limitOf(statistic.to, distribution, sampleCount) ?? Infinity;
  // The lower bound is exclusive, the upper inclusive; a share of 0 % leaves nothing out.
  const inside = distribution.filter(([value]) => value > low && value <= high);
  const { kind } = statistic;
  switch (kind) {
    case "trimmed mean":
      return inside.length === 0 ? undefined : sumOf(inside) / countOf(inside);
    case "trimmed count":
      return countOf(inside);
    case "trimmed sum":
      return sumOf(inside);
    case "percentile rank":
      return (countOf(inside) / sampleCount) * 100;
    case "winsorized mean":
      return sumOf(distribution.map(([value, count]) => [Math.min(Math.max(value, low), high), count])) / sampleCount;
    default:
      return kind satisfies never;
  }
}

export function plainStatistic({ sampleCount, sum, minimum, maximum }: Samples, name: PlainStatistic): number {
  switch (name) {
    case "SampleCount":
      return sampleCount;
    case "Sum":
      return sum;
    case "Average":
      return sampleCount === 0 ? 0 : sum / sampleCount;
    case "Minimum":
      return minimum;
    case "Maximum":
      return maximum;
    default:
      return name satisfies never;
  }
}

/** Between the two nearest ranks in proportion. */
function percentileOf(distribution: readonly ValueCount[], sampleCount: number, percent: number): number {
  const place = ((sampleCount - 1) * percent) / 100;
  const below = valueAt(distribution, Math.floor(place));
  return below + (valueAt(distribution, Math.ceil(place)) - below) * (place % 1);
}

function valueAt(distribution: readonly ValueCount[], place: number): number {
  let left = place;
  for (const [value, count] of distribution) if ((left -= count) < 0) return value;
  return distribution.at(-1)?.[0] ?? 0;
}

function limitOf(
  bound: Bound | undefined,
  distribution: readonly ValueCount[],
  sampleCount: number,
): number | undefined {
  if (bound === undefined || !bound.percent) return bound?.value;
  return bound.value === 0 ? -Infinity : percentileOf(distribution, sampleCount, bound.value);
}

const countOf = (values: readonly ValueCount[]): number => values.reduce((total, [, count]) => total + count, 0);
const sumOf = (values: readonly ValueCount[]): number =>
  values.reduce((total, [value, count]) => total + value * count, 0);
