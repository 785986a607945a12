/** The metrics that were kept in a directory, summed up since a time. */
import type { Metric } from "../observability/metrics/metric.ts";
import { gathered } from "../observability/metrics/periods.ts";
import { merged } from "../observability/metrics/samples.ts";
import { parseStatistic, plainStatistic, statisticOf } from "../observability/metrics/statistic.ts";
import type { Store } from "../observability/store/open-store.ts";
import { openKeptStore } from "./kept-store.ts";

export interface MetricQuery {
  /** Its metrics of `AWS/Lambda`, and others that have its name as the value of a dimension; all when absent. */
  readonly functionName?: string;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** Into so many periods of the same length the time is divided. */
  readonly periods: number;
}

export interface MetricSummary {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly sampleCount: number;
  readonly sum: number;
  readonly average: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Absent where only statistic sets were published. */
  readonly p90?: number;
  /** Of each period, what matters of it: the sum of a count, the average of anything else; null where nothing was measured. */
  readonly trend: readonly (number | null)[];
}

/** @throws LambdariumError `store-missing`, `store-unusable` */
export async function summarizeStoredMetrics(directory: string, query: MetricQuery): Promise<readonly MetricSummary[]> {
  const store = await openKeptStore(directory);
  try {
    const all = await store.query("metrics", "everyMetric", { sinceMs: startOf(query) });
    const wanted = all.filter(({ metric }) => isShown(metric, query.functionName));
    const summaries: MetricSummary[] = [];
    for (const { region, metric } of wanted) summaries.push(...(await summary(store, region, metric, query)));
    return summaries;
  } finally {
    await store.close();
  }
}

/** Metrics are kept by the minute: the whole minute in which the time began. */
const startOf = ({ sinceMs }: MetricQuery): number => Math.floor(sinceMs / 60_000) * 60_000;

/** Of Lambda's own those of each function, not those of all or of one alias, which count the same again. */
function isShown({ namespace, dimensions }: Metric, functionName: string | undefined): boolean {
  const ofFunction = namespace === "AWS/Lambda" && dimensions.length === 1 && dimensions[0]?.name === "FunctionName";
  if (namespace === "AWS/Lambda" && !ofFunction) return false;
  return functionName === undefined || dimensions.some(({ value }) => value === functionName);
}

async function summary(
  store: Store,
  region: string,
  metric: Metric,
  query: MetricQuery,
): Promise<readonly MetricSummary[]> {
  const { nowMs, periods } = query;
  const fromMs = startOf(query);
  const stored = await store.query("metrics", "read", { region, metric, fromMs, toMs: Number.MAX_SAFE_INTEGER });
  const [first] = stored;
  if (first === undefined) return [];
  const all = merged(stored.map(({ samples }) => samples));
  const p90 = parseStatistic("p90");
  const percentile = p90 === undefined ? undefined : statisticOf(all, p90);
  const periodMs = Math.max(Math.ceil((nowMs - fromMs) / periods), 60_000);
  const parts = gathered(stored, { fromMs, toMs: fromMs + periods * periodMs, periodMs });
  const shown = first.unit === "Count" ? "Sum" : "Average";
  return [
    {
      region,
      namespace: metric.namespace,
      name: metric.name,
      dimensions: Object.fromEntries(metric.dimensions.map(({ name, value }) => [name, value])),
      unit: first.unit,
      sampleCount: all.sampleCount,
      sum: all.sum,
      average: plainStatistic(all, "Average"),
      minimum: all.minimum,
      maximum: all.maximum,
      ...(percentile === undefined ? {} : { p90: percentile }),
      trend: Array.from({ length: periods }, (_, index) => {
        const part = parts.get(fromMs + index * periodMs);
        return part === undefined ? null : plainStatistic(part, shown);
      }),
    },
  ];
}
