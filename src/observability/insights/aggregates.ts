/** Functions of `stats`, which make one value of many events. */
import { compared, numberOf, textOf, type Value } from "./values.ts";

/** Gathers the values of a group of events. */
export interface Gathering {
  /** `value` is missing where the event lacks the field; `at` is the event's time in epoch milliseconds. */
  readonly add: (value: Value, at: number) => void;
  readonly result: () => Value;
}

const aggregates = {
  count: counting,
  count_distinct: distinct,
  sum: () => numbers((all) => all.reduce((total, value) => total + value, 0)),
  avg: () => numbers((all) => all.reduce((total, value) => total + value, 0) / all.length),
  min: () => keeping((number, best) => number < best),
  max: () => keeping((number, best) => number > best),
  stddev: () => numbers(deviation),
  pct: (percent: number) => numbers((all) => percentile(all, percent)),
  // Events come the newest first: of one millisecond the last that comes is the oldest.
  earliest: () => atTime((at, best) => at <= best),
  latest: () => atTime((at, best) => at > best),
  sortsfirst: () => sorting((order) => order < 0),
  sortslast: () => sorting((order) => order > 0),
} satisfies Record<string, (percent: number) => Gathering>;

export type AggregateName = keyof typeof aggregates;

export const aggregateNamed = (name: string): AggregateName | undefined =>
  Object.hasOwn(aggregates, name.toLowerCase()) ? (name.toLowerCase() as AggregateName) : undefined;

export const gather = (name: AggregateName, percent: number): Gathering => aggregates[name](percent);

function counting(): Gathering {
  let count = 0;
  return { add: (value) => void (count += value === undefined ? 0 : 1), result: () => count };
}

function distinct(): Gathering {
  const seen = new Set<string>();
  return { add: (value) => void (value === undefined || seen.add(textOf(value))), result: () => seen.size };
}

function numbers(of: (all: readonly number[]) => number): Gathering {
  const all: number[] = [];
  return {
    add: (value) => {
      const number = numberOf(value);
      if (number !== undefined) all.push(number);
    },
    result: () => (all.length === 0 ? undefined : of(all)),
  };
}

function keeping(isBetter: (number: number, best: number) => boolean): Gathering {
  let best: number | undefined;
  return {
    add: (value) => {
      const number = numberOf(value);
      if (number !== undefined && (best === undefined || isBetter(number, best))) best = number;
    },
    result: () => best,
  };
}

function atTime(isBetter: (at: number, best: number) => boolean): Gathering {
  let best: { readonly at: number; readonly value: Value } | undefined;
  return {
    add: (value, at) => {
      if (value !== undefined && (best === undefined || isBetter(at, best.at))) best = { at, value };
    },
    result: () => best?.value,
  };
}

function sorting(isBetter: (order: number) => boolean): Gathering {
  let best: Value;
  return {
    add: (value) => {
      if (value !== undefined && (best === undefined || isBetter(compared(value, best)))) best = value;
    },
    result: () => best,
  };
}

function deviation(all: readonly number[]): number {
  const mean = all.reduce((total, value) => total + value, 0) / all.length;
  return Math.sqrt(all.reduce((total, value) => total + (value - mean) ** 2, 0) / all.length);
}

/** The smallest value that so many percent are not above. */
function percentile(all: readonly number[], percent: number): number {
  const rising = all.toSorted((a, b) => a - b);
  return rising[Math.max(Math.ceil((percent / 100) * rising.length) - 1, 0)] ?? 0;
}
