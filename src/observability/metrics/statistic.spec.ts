import * as fc from "fast-check";
import { expect, test } from "vitest";
import { gathered, spanOf } from "./periods.ts";
import { fromStatisticSet, merged, sampleOf, samplesOf, type Samples } from "./samples.ts";
import { parseStatistic, statisticOf, type Statistic } from "./statistic.ts";

const ten = samplesOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((value) => [value, 1]));
const of = (samples: Samples, text: string) => statisticOf(samples, parseStatistic(text) as Statistic);

test.each([
  ["SampleCount", 10],
  ["Sum", 55],
  ["Average", 5.5],
  ["Minimum", 1],
  ["Maximum", 10],
  ["p0", 1],
  ["p50", 5.5],
  ["p100", 10],
  ["tm50", 3],
  ["tc50", 5],
  ["ts50", 15],
  ["TM(10%:90%)", 5.5],
  ["TM(3:6)", 5],
  ["TC(3:6)", 3],
  ["TS(:3)", 6],
  ["PR(:3)", 30],
  ["WM(3:8)", 5.5],
  ["IQM", 5.5],
])("%s of one to ten is %d", (text, value) => {
  expect(of(ten, text)).toBeCloseTo(value, 10);
});

test.each(["", "Median", "p", "p101", "p-1", "tm", "TM()", "TM(:)", "TM(5:50%)", "PR(10%:20%)", "sum", "P99"])(
  "%o is no statistic",
  (text) => {
    expect(parseStatistic(text)).toBeUndefined();
  },
);

test("a statistic set has no percentiles, unless all its values are the same", () => {
  const set = { sampleCount: 4, sum: 10, minimum: 1, maximum: 4 };
  expect(of(fromStatisticSet(set), "p50")).toBeUndefined();
  expect(of(fromStatisticSet(set), "Average")).toBe(2.5);
  expect(of(fromStatisticSet({ sampleCount: 4, sum: 8, minimum: 2, maximum: 2 }), "p99")).toBe(2);
});

test("parts that are merged have the same statistics as the whole", () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 });
  const statistics = fc.constantFrom("Sum", "Average", "Minimum", "Maximum", "SampleCount", "p90", "tm80", "TC(-5:5)");
  fc.assert(
    fc.property(values, statistics, (numbers, statistic) => {
      const whole = samplesOf(numbers.map((value) => [value, 1]));
      expect(of(merged(numbers.map(sampleOf)), statistic)).toEqual(of(whole, statistic));
    }),
  );
});

test("of more than a thousand values the sums stay exact and percentiles close", () => {
  const all = merged(Array.from({ length: 5000 }, (_, index) => sampleOf(1000 + index)));
  expect(all.distribution?.length).toBeLessThanOrEqual(1000);
  expect(all).toMatchObject({ sampleCount: 5000, sum: 17_497_500, minimum: 1000, maximum: 5999 });
  expect(of(all, "p90")).toBeCloseTo(5499, -2);
});

const at = (timestampMs: number, value: number) => ({ timestampMs, unit: "Count", samples: sampleOf(value) });

test("periods count from the start of the range, which is rounded down to the minute", () => {
  const span = spanOf(3 * 60_000 + 500, 10 * 60_000, 300, 0);
  const stored = [at(2 * 60_000, 1), at(3 * 60_000, 2), at(7 * 60_000, 3), at(8 * 60_000, 4), at(10 * 60_000, 5)];
  expect([...gathered(stored, span)].map(([begins, { sum }]) => [begins, sum])).toEqual([
    [180_000, 5],
    [480_000, 4],
  ]);
});

const days = 86_400_000;
test.each([
  [10, 0, 780_000],
  [10, 70 * days, 780_000],
  [60, 0, 780_000],
  [300, 14 * days, 780_000],
  [300, 16 * days, 600_000],
  [300, 62 * days, 600_000],
  [3600, 64 * days, 0],
])(
  "for periods of %i s, asked for after %i ms, the start 00:13:05 is rounded down to %i ms",
  (period, nowMs, fromMs) => {
    expect(spanOf(785_300, 900_000, period, nowMs)).toEqual({ fromMs, toMs: 900_000, periodMs: period * 1000 });
  },
);
