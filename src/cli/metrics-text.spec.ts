import { expect, test } from "vitest";
import type { MetricSummary } from "../service/stored-metrics.ts";
import { metricLines } from "./metrics-text.ts";

const metric = (changes: Partial<MetricSummary>): MetricSummary => ({
  region: "eu-west-1",
  namespace: "AWS/Lambda",
  name: "Invocations",
  dimensions: { FunctionName: "shop" },
  unit: "Count",
  sampleCount: 3,
  sum: 3,
  average: 1,
  minimum: 1,
  maximum: 1,
  p90: 1,
  trend: [null, 1, 2, 0],
  ...changes,
});

test("each function has a table: counts with their sum, durations with their unit", () => {
  const duration = metric({
    name: "Duration",
    unit: "Milliseconds",
    sum: 1240.5,
    average: 413.5,
    minimum: 0.123_456,
    maximum: 1200.4,
    p90: 1000.07,
    trend: [null, 40, 20, 0],
  });
  expect(metricLines([duration, metric({})], { colour: false })).toEqual([
    "AWS/Lambda  FunctionName=shop",
    "               sum  average   minimum      p90  maximum",
    "  Duration           414 ms  0.123 ms  1000 ms  1200 ms  ·█▅▁",
    "  Invocations    3        1         1        1        1  ·▅█▁",
  ]);
});

test("other dimensions, namespaces and regions have tables of their own", () => {
  const titles = metricLines(
    [
      metric({}),
      metric({ namespace: "Shop", name: "orders", dimensions: { service: "till", zone: "a" } }),
      metric({ region: "us-east-1" }),
    ],
    { colour: false },
  ).filter((line) => /^\w/.test(line));
  expect(titles).toEqual([
    "AWS/Lambda  FunctionName=shop  in eu-west-1",
    "Shop  service=till  zone=a  in eu-west-1",
    "AWS/Lambda  FunctionName=shop  in us-east-1",
  ]);
});

test("a statistic set has no percentile", () => {
  const { p90: _, ...set } = metric({});
  expect(metricLines([set], { colour: false })[2]).toContain("–");
});

test("nothing is said in words", () => {
  expect(metricLines([], { colour: false })).toEqual(["No metrics in that time."]);
});
