/** ListMetrics: which metrics there are. */
import type { Outcome } from "../../aws-api/rpc-operation.ts";
import type { ValueOf } from "../../aws-api/shapes.ts";
import type { listMetricsInput, listMetricsOutput } from "./cloudwatch-shapes.ts";
import type { MetricStore } from "./metric-store.ts";
import { pageFrom, tokenFor } from "./page-token.ts";
import { invalidValue } from "./refusals.ts";

const pageSize = 500;
const threeHoursMs = 10_800_000;

export async function listMetrics(
  input: ValueOf<typeof listMetricsInput>,
  region: string,
  now: number,
  store: MetricStore,
): Promise<Outcome<ValueOf<typeof listMetricsOutput>>> {
  const from = pageFrom(input.NextToken);
  if (from === undefined) return invalidValue("The value for parameter NextToken is invalid.");
  const metrics = await store.list(region, {
    ...(input.Namespace === undefined ? {} : { namespace: input.Namespace }),
    ...(input.MetricName === undefined ? {} : { name: input.MetricName }),
    ...(input.RecentlyActive === undefined ? {} : { activeSinceMs: now - threeHoursMs }),
    dimensions: (input.Dimensions ?? []).map(({ Name: name, Value: value }) => ({
      name,
      ...(value === undefined ? {} : { value }),
    })),
  });
  const page = metrics.slice(from, from + pageSize).map(({ namespace, name, dimensions }) => ({
    Namespace: namespace,
    MetricName: name,
    Dimensions: dimensions.map((dimension) => ({ Name: dimension.name, Value: dimension.value })),
  }));
  const more = from + pageSize < metrics.length;
  return { output: { Metrics: page, ...(more ? { NextToken: tokenFor(from + pageSize) } : {}) } };
}
