import { expect, test } from "vitest";
import { evaluateMath, type Series } from "./metric-math.ts";
import { parseMath } from "./metric-math-syntax.ts";

const span = { fromMs: 0, toMs: 240_000, periodMs: 60_000 };
const series = (points: Readonly<Record<number, number>>): Series => ({
  span,
  points: new Map(Object.entries(points).map(([minute, value]) => [Number(minute) * 60_000, value])),
});
const measured = new Map([
  ["errors", series({ 0: 1, 1: 0, 3: 2 })],
  ["calls", series({ 0: 4, 1: 8, 2: 1, 3: 2 })],
]);

function evaluated(text: string, more: Readonly<Record<string, string>> = {}) {
  const all = Object.entries({ ...more, e: text });
  const result = evaluateMath("e", new Map(all.map(([id, each]) => [id, parseMath(id, each)])), measured);
  return Object.fromEntries(
    [...result.points].toSorted(([a], [b]) => a - b).map(([at, value]) => [at / 60_000, value]),
  );
}

test.each<[string, Readonly<Record<number, number>>]>([
  ["errors / calls * 100", { 0: 25, 1: 0, 3: 100 }],
  ["100 - 2 * errors ^ 2", { 0: 98, 1: 100, 3: 92 }],
  ["-(errors + 1)", { 0: -2, 1: -1, 3: -3 }],
  ["calls / errors", { 0: 4, 3: 1 }],
  ["SUM([errors, calls])", { 0: 5, 1: 8, 2: 1, 3: 4 }],
  ["MAX(METRICS())", { 0: 4, 1: 8, 2: 1, 3: 2 }],
  ['AVG(METRICS("err"))', { 0: 1, 1: 0, 3: 2 }],
  ["errors / SUM(errors)", { 0: 1 / 3, 1: 0, 3: 2 / 3 }],
  ["FILL(errors, 0)", { 0: 1, 1: 0, 2: 0, 3: 2 }],
  ["FILL(errors, REPEAT)", { 0: 1, 1: 0, 2: 0, 3: 2 }],
  ["calls / PERIOD(calls)", { 0: 4 / 60, 1: 8 / 60, 2: 1 / 60, 3: 2 / 60 }],
  ["IF(calls > 2, calls, 0)", { 0: 4, 1: 8, 2: 0, 3: 0 }],
  ["IF(calls >= 2 AND calls < 8, 1)", { 0: 1, 3: 1 }],
  ["DIFF(calls)", { 1: 4, 2: -7, 3: 1 }],
  ["RATE(calls)", { 1: 4 / 60, 2: -7 / 60, 3: 1 / 60 }],
  ["RUNNING_SUM(calls)", { 0: 4, 1: 12, 2: 13, 3: 15 }],
  ["CEIL(errors / 2) + ABS(0 - 1)", { 0: 2, 1: 1, 3: 2 }],
])("%s", (text, points) => {
  expect(evaluated(text)).toEqual(points);
});

test("expressions may be made of expressions", () => {
  expect(evaluated("rate * 100", { rate: "errors / calls" })).toEqual({ 0: 25, 1: 0, 3: 100 });
});

test.each([
  ["SEARCH('{AWS/Lambda,FunctionName} Errors', 'Sum', 60)", "the function SEARCH is not supported here"],
  ["ANOMALY_DETECTION_BAND(calls)", "the function ANOMALY_DETECTION_BAND is not supported here"],
  ['SELECT AVG(Duration) FROM SCHEMA("AWS/Lambda")', "Metrics Insights queries are not supported here"],
  ["errors +", "the expression ends too early"],
  ["errors calls", "unexpected calls"],
  ["errors $ 2", "unexpected $"],
  ["(errors", "expected )"],
  ["nobody + 1", "there is no query nobody"],
  ["e + 1", "e is made of itself"],
  ["METRICS()", "the expression must give one series of values"],
  ["FILL(errors, LINEAR)", "FILL takes a number or REPEAT here"],
])("%s is refused: %s", (text, why) => {
  expect(() => evaluated(text)).toThrow(`Error in expression 'e' [${why}]`);
});
