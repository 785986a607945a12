/** GetMetricStatistics: several statistics of one metric. */
import type { Outcome } from "../../aws-api/rpc-operation.ts";
import type { ValueOf } from "../../aws-api/shapes.ts";
import type { datapoint, getMetricStatisticsInput, getMetricStatisticsOutput } from "./cloudwatch-shapes.ts";
import { dimensionsOf } from "./metric-data-of.ts";
import { metricOf, type Unit } from "./metric.ts";
import type { MetricStore } from "./metric-store.ts";
import { gathered, spanOf, type StoredSamples } from "./periods.ts";
import { invalidCombination, invalidValue, type Refused } from "./refusals.ts";
import type { Samples } from "./samples.ts";
import { parseStatistic, plainStatistic, statisticOf } from "./statistic.ts";
import { periodProblem, rangeProblem, statisticProblem } from "./time-range.ts";

type Input = ValueOf<typeof getMetricStatisticsInput>;
type Point = ValueOf<typeof datapoint>;

const mostPoints = 1440;

export async function getMetricStatistics(
  input: Input,
  region: string,
  now: number,
  store: MetricStore,
): Promise<Outcome<ValueOf<typeof getMetricStatisticsOutput>>> {
  const refused = problemOf(input);
  if (refused !== undefined) return refused;
  const metric = metricOf(input.Namespace, input.MetricName, dimensionsOf(input));
  const span = spanOf(input.StartTime.getTime(), input.EndTime.getTime(), input.Period, now);
  const stored = await store.read(region, metric, span.fromMs, span.toMs);
  const points = [...byUnit(stored, input.Unit)].flatMap(([unit, of]) =>
    [...gathered(of, span)].map(([begins, samples]) => pointOf(input, begins, unit, samples)),
  );
  return { output: { Label: input.MetricName, Datapoints: points } };
}

function problemOf(input: Input): Refused | undefined {
  const { StartTime: start, EndTime: end, Period: period, ExtendedStatistics: extended = [] } = input;
  if (input.Statistics === undefined && input.ExtendedStatistics === undefined)
    return invalidCombination("At least one of the parameters Statistics and ExtendedStatistics must be specified.");
  const problem = rangeProblem(start, end) ?? periodProblem(period, "Period");
  if (problem !== undefined) return invalidValue(problem);
  const unknown = extended.find((text) => parseStatistic(text) === undefined);
  if (unknown !== undefined) return invalidValue(statisticProblem(unknown, "ExtendedStatistics"));
  const wanted = Math.ceil((end.getTime() - start.getTime()) / 1000 / period);
  return wanted <= mostPoints
    ? undefined
    : invalidCombination(
        `You have requested up to ${wanted.toLocaleString("en-US")} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      );
}

/** Without a unit asked for, each unit has datapoints of its own. */
function byUnit(
  stored: readonly StoredSamples[],
  wanted: Unit | undefined,
): ReadonlyMap<Unit, readonly StoredSamples[]> {
  const units = new Map<Unit, StoredSamples[]>();
  for (const samples of stored) {
    if (wanted !== undefined && samples.unit !== wanted) continue;
    const others = units.get(samples.unit);
    if (others === undefined) units.set(samples.unit, [samples]);
    else others.push(samples);
  }
  return units;
}

function pointOf(input: Input, begins: number, unit: Unit, samples: Samples): Point {
  const plain = (input.Statistics ?? []).map((name) => [name, plainStatistic(samples, name)] as const);
  const extended = (input.ExtendedStatistics ?? []).flatMap((text) => {
    const statistic = parseStatistic(text);
    const value = statistic === undefined ? undefined : statisticOf(samples, statistic);
    return value === undefined ? [] : [[text, value] as const];
  });
  return {
    Timestamp: new Date(begins),
    ...Object.fromEntries(plain),
    Unit: unit,
    ...(extended.length === 0 ? {} : { ExtendedStatistics: Object.fromEntries(extended) }),
  };
}
