/** PutMetricData's members as datapoints, or why CloudWatch would refuse them. */
import type { ValueOf } from "../../aws-api/shapes.ts";
import type { metricDatum, putMetricDataInput } from "./cloudwatch-shapes.ts";
import { type Datapoint, metricOf } from "./metric.ts";
import { invalidCombination, invalidValue, missingParameter, type Refused } from "./refusals.ts";
import { fromStatisticSet, type Samples, samplesOf, type ValueCount } from "./samples.ts";

type Datum = ValueOf<typeof metricDatum>;

const mostData = 1000;
const mostValues = 150;
const hourMs = 3_600_000;
/** AWS takes numbers from -2^360 to 2^360. */
const mostMagnitude = 2 ** 360;

export function datapointsOf(
  input: ValueOf<typeof putMetricDataInput>,
  region: string,
  now: number,
): { readonly datapoints: readonly Datapoint[] } | Refused {
  const { Namespace: namespace } = input;
  if (namespace.startsWith("AWS/") || namespace.startsWith(":"))
    return invalidValue(`The value ${namespace} for parameter Namespace is invalid.`);
  const data = [
    ...(input.MetricData ?? []),
    ...(input.EntityMetricData ?? []).flatMap((entity) => entity.MetricData ?? []),
  ];
  if (data.length === 0) return missingParameter("The parameter MetricData is required.");
  if (data.length > mostData)
    return invalidValue(`The collection MetricData must not have a size greater than ${mostData}.`);
  const datapoints: Datapoint[] = [];
  for (const [index, datum] of data.entries()) {
    const at = `MetricData.member.${index + 1}`;
    const refused = problemOf(datum, at, now);
    if (refused !== undefined) return refused;
    const samples = samplesIn(datum, at);
    if ("refusal" in samples) return samples;
    datapoints.push({
      region,
      metric: metricOf(namespace, datum.MetricName, dimensionsOf(datum)),
      timestampMs: datum.Timestamp?.getTime() ?? now,
      unit: datum.Unit ?? "None",
      storageResolution: datum.StorageResolution === 1 ? 1 : 60,
      samples,
    });
  }
  return { datapoints };
}

export const dimensionsOf = ({ Dimensions }: Pick<Datum, "Dimensions">) =>
  (Dimensions ?? []).map(({ Name: name, Value: value }) => ({ name, value }));

function problemOf(datum: Datum, at: string, now: number): Refused | undefined {
  const { Timestamp: timestamp, StorageResolution: resolution = 60 } = datum;
  if (resolution !== 1 && resolution !== 60)
    return invalidValue(`The parameter ${at}.StorageResolution must be 1 or 60.`);
  if (timestamp !== undefined && timestamp.getTime() > now + 2 * hourMs)
    return invalidValue(`The parameter ${at}.Timestamp must specify a time no more than two hours in the future.`);
  if (timestamp !== undefined && timestamp.getTime() < now - 14 * 24 * hourMs)
    return invalidValue(`The parameter ${at}.Timestamp must specify a time within the past two weeks.`);
  const names = (datum.Dimensions ?? []).map(({ Name }) => Name);
  return new Set(names).size === names.length
    ? undefined
    : invalidValue(`The collection ${at}.Dimensions must not have duplicate names.`);
}

function samplesIn(datum: Datum, at: string): Samples | Refused {
  const { Value: value, StatisticValues: set, Values: values, Counts: counts } = datum;
  const given = [value, set, values].filter((form) => form !== undefined).length;
  if (given === 0)
    return missingParameter(
      `At least one of the parameters ${at}.Value, ${at}.Values or ${at}.StatisticValues must be specified.`,
    );
  if (given > 1)
    return invalidCombination(
      `The parameters ${at}.Value, ${at}.Values and ${at}.StatisticValues are mutually exclusive and you have specified more than one.`,
    );
  const numbers = [value, ...(values ?? []), ...Object.values(set ?? {})].filter((number) => number !== undefined);
  const bad = numbers.find((number) => !(Math.abs(number) <= mostMagnitude));
  if (bad !== undefined) return invalidValue(`The value ${bad} for parameter ${at} is invalid.`);
  if (set !== undefined) return fromSet(set, at);
  return fromValues(value === undefined ? (values ?? []) : [value], counts, at);
}

function fromSet(set: NonNullable<Datum["StatisticValues"]>, at: string): Samples | Refused {
  const { SampleCount: sampleCount, Sum: sum, Minimum: minimum, Maximum: maximum } = set;
  if (sampleCount <= 0) return invalidValue(`The parameter ${at}.StatisticValues.SampleCount must be greater than 0.`);
  if (minimum > maximum)
    return invalidValue(
      `The parameter ${at}.StatisticValues.Maximum must not be less than ${at}.StatisticValues.Minimum.`,
    );
  return fromStatisticSet({ sampleCount, sum, minimum, maximum });
}

function fromValues(values: readonly number[], counts: Datum["Counts"], at: string): Samples | Refused {
  if (values.length === 0) return missingParameter(`The parameter ${at}.Values must not be empty.`);
  if (values.length > mostValues)
    return invalidValue(`The collection ${at}.Values must not have a size greater than ${mostValues}.`);
  if (counts !== undefined && counts.length !== values.length)
    return invalidValue(`The parameters ${at}.Values and ${at}.Counts must have the same size.`);
  const pairs = values.map((value, index): ValueCount => [value, counts?.[index] ?? 1]);
  return pairs.every(([, count]) => count > 0)
    ? samplesOf(pairs)
    : invalidValue(`The values of the parameter ${at}.Counts must be greater than 0.`);
}
