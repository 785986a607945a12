/** GetMetricData: statistics of many metrics, and expressions over them. */
import type { Outcome } from "../../aws-api/rpc-operation.ts";
import type { ValueOf } from "../../aws-api/shapes.ts";
import type {
  getMetricDataInput,
  getMetricDataOutput,
  metricDataQuery,
  metricDataResult,
} from "./cloudwatch-shapes.ts";
import { dimensionsOf } from "./metric-data-of.ts";
import { evaluateMath, type Series } from "./metric-math.ts";
import { type MathExpression, MathProblem, parseMath } from "./metric-math-syntax.ts";
import { metricOf } from "./metric.ts";
import type { MetricStore } from "./metric-store.ts";
import { pageFrom, tokenFor } from "./page-token.ts";
import { gathered, spanOf } from "./periods.ts";
import { invalidNextToken, type Refused, validationError } from "./refusals.ts";
import { parseStatistic, statisticOf } from "./statistic.ts";
import { periodProblem, rangeProblem, statisticProblem } from "./time-range.ts";

type Input = ValueOf<typeof getMetricDataInput>;
type Query = ValueOf<typeof metricDataQuery>;
type Result = ValueOf<typeof metricDataResult>;

const mostQueries = 500;
const mostPoints = 100_800;

export async function getMetricData(
  input: Input,
  region: string,
  now: number,
  store: MetricStore,
): Promise<Outcome<ValueOf<typeof getMetricDataOutput>>> {
  const from = pageFrom(input.NextToken);
  if (from === undefined) return invalidNextToken("The value for parameter NextToken is invalid.");
  const refused = problemOf(input);
  if (refused !== undefined) return refused;
  try {
    const expressions = new Map(input.MetricDataQueries.flatMap(expressionOf));
    const measured = new Map<string, Series>();
    for (const query of input.MetricDataQueries)
      if (query.MetricStat !== undefined)
        measured.set(query.Id, await series(query.MetricStat, input, { region, now, store }));
    const results = input.MetricDataQueries.filter(({ ReturnData }) => ReturnData !== false).map((query) => ({
      query,
      series: measured.get(query.Id) ?? evaluateMath(query.Id, expressions, measured),
    }));
    return { output: page(results, input, from) };
  } catch (error) {
    if (error instanceof MathProblem) return validationError(error.message);
    throw error;
  }
}

const expressionOf = ({ Id, Expression }: Query): readonly (readonly [string, MathExpression])[] =>
  Expression === undefined ? [] : [[Id, parseMath(Id, Expression)]];

function problemOf(input: Input): Refused | undefined {
  const { MetricDataQueries: queries, StartTime: start, EndTime: end } = input;
  const problem = rangeProblem(start, end);
  if (problem !== undefined) return validationError(problem);
  if (queries.length > mostQueries)
    return validationError(`The collection MetricDataQueries must not have a size greater than ${mostQueries}.`);
  const ids = queries.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length)
    return validationError("The values of MetricDataQueries.member.Id must be unique.");
  for (const [index, query] of queries.entries()) {
    const found = queryProblem(query, `MetricDataQueries.member.${index + 1}`);
    if (found !== undefined) return validationError(found);
  }
  return undefined;
}

function queryProblem(query: Query, at: string): string | undefined {
  const { Id, MetricStat: stat, Expression, Label } = query;
  if (!/^[a-z]\w*$/.test(Id))
    return `The value ${Id} for parameter ${at}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`;
  if ((stat === undefined) === (Expression === undefined))
    return `Exactly one of the parameters ${at}.MetricStat and ${at}.Expression must be specified.`;
  // A label that is not filled in would look as if it were.
  if (Label?.includes("${") === true) return `The parameter ${at}.Label is dynamic, which is not supported here.`;
  if (stat === undefined) return undefined;
  if (stat.Metric.Namespace === undefined || stat.Metric.MetricName === undefined)
    return `The parameters ${at}.MetricStat.Metric.Namespace and ${at}.MetricStat.Metric.MetricName are required.`;
  if (parseStatistic(stat.Stat) === undefined) return statisticProblem(stat.Stat, `${at}.MetricStat.Stat`);
  return periodProblem(stat.Period, `${at}.MetricStat.Period`);
}

async function series(
  { Metric: metric, Period: period, Stat: text, Unit: unit }: NonNullable<Query["MetricStat"]>,
  { StartTime: start, EndTime: end }: Input,
  { region, now, store }: { readonly region: string; readonly now: number; readonly store: MetricStore },
): Promise<Series> {
  const span = spanOf(start.getTime(), end.getTime(), period, now);
  const wanted = metricOf(metric.Namespace ?? "", metric.MetricName ?? "", dimensionsOf(metric));
  const stored = await store.read(region, wanted, span.fromMs, span.toMs);
  const statistic = parseStatistic(text);
  const points = [...gathered(unit === undefined ? stored : stored.filter((s) => s.unit === unit), span)].flatMap(
    ([begins, samples]) => {
      const value = statistic === undefined ? undefined : statisticOf(samples, statistic);
      return value === undefined ? [] : [[begins, value] as const];
    },
  );
  return { span, points: new Map(points) };
}

/** Pages are filled with datapoints in the order of the queries; a result that goes on says so. */
function page(
  results: readonly { readonly query: Query; readonly series: Series }[],
  { ScanBy: order, MaxDatapoints }: Input,
  from: number,
): ValueOf<typeof getMetricDataOutput> {
  const most = Math.min(Math.max(MaxDatapoints ?? mostPoints, 1), mostPoints);
  let before = 0;
  const shown: Result[] = [];
  for (const { query, series } of results) {
    const rising = [...series.points].toSorted(([a], [b]) => a - b);
    const points = order === "TimestampAscending" ? rising : rising.toReversed();
    const first = Math.max(from - before, 0);
    const last = Math.min(from + most - before, points.length);
    before += points.length;
    // Later pages leave out what earlier ones had in full.
    if (last < first || (from > 0 && first >= points.length) || (last === first && points.length > 0)) continue;
    shown.push(resultOf(query, points.slice(first, last), last < points.length));
  }
  return {
    MetricDataResults: shown,
    Messages: [],
    ...(from + most < before ? { NextToken: tokenFor(from + most) } : {}),
  };
}

const resultOf = (query: Query, points: readonly (readonly [number, number])[], goesOn: boolean): Result => ({
  Id: query.Id,
  Label: query.Label ?? query.MetricStat?.Metric.MetricName ?? query.Id,
  Timestamps: points.map(([at]) => new Date(at)),
  Values: points.map(([, value]) => value),
  StatusCode: goesOn ? "PartialData" : "Complete",
});
