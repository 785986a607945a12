/** Measured values together: their four sums, and which values there were where that is known. */

export interface Samples {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Values with how often each came, rising; absent when only a statistic set was published. */
  readonly distribution?: readonly ValueCount[];
}

export type ValueCount = readonly [value: number, count: number];

export const sampleOf = (value: number): Samples => samplesOf([[value, 1]]);

/** At least one value; counts above 0. */
export function samplesOf(values: readonly ValueCount[]): Samples {
  const distribution = rising(values);
  return {
    sampleCount: distribution.reduce((total, [, count]) => total + count, 0),
    sum: distribution.reduce((total, [value, count]) => total + value * count, 0),
    minimum: distribution[0]?.[0] ?? 0,
    maximum: distribution.at(-1)?.[0] ?? 0,
    distribution,
  };
}

/** Without the values percentiles cannot be told, unless all of them must have been the same. */
export function fromStatisticSet(set: Samples): Samples {
  const { sampleCount, sum, minimum, maximum } = set;
  const alike = sampleCount > 0 && (sampleCount === 1 || (minimum === maximum && sum === minimum * sampleCount));
  return alike ? { ...set, distribution: [[sampleCount === 1 ? sum : minimum, sampleCount]] } : set;
}

/** At least one. */
export function merged(parts: readonly Samples[]): Samples {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const distributions = parts.flatMap(({ distribution }) => (distribution === undefined ? [] : [distribution]));
  const all = {
    sampleCount: parts.reduce((total, { sampleCount }) => total + sampleCount, 0),
    sum: parts.reduce((total, { sum }) => total + sum, 0),
    minimum: parts.reduce((least, { minimum }) => Math.min(least, minimum), Infinity),
    maximum: parts.reduce((most, { maximum }) => Math.max(most, maximum), -Infinity),
  };
  return distributions.length < parts.length ? all : { ...all, distribution: shortened(rising(distributions.flat())) };
}

/** So many different values are kept as they are. */
const mostValues = 1000;

/** Three digits tell percentiles well enough when there are thousands of values; the sums stay exact. */
const shortened = (values: readonly ValueCount[]): readonly ValueCount[] =>
  values.length <= mostValues ? values : rising(values.map(([value, count]) => [Number(value.toPrecision(3)), count]));

function rising(values: readonly ValueCount[]): readonly ValueCount[] {
  const counts = new Map<number, number>();
  for (const [value, count] of values) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts].toSorted(([a], [b]) => a - b);
}
