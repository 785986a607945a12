/** Metrics kept in this process: for the library, whose environments live as long as a test. */
import { type Datapoint, keptAtMs, type Metric, metricKey } from "./metric.ts";
import { matches, type MetricFilter, type MetricStore } from "./metric-store.ts";
import type { StoredSamples } from "./periods.ts";

interface Kept {
  readonly metric: Metric;
  readonly samples: StoredSamples[];
}

export class MemoryMetrics implements MetricStore {
  readonly #kept = new Map<string, Kept>();

  readonly put = (datapoints: readonly Datapoint[]): void => {
    for (const datapoint of datapoints) this.#keep(datapoint);
  };

  readonly list: MetricStore["list"] = (region, filter) => Promise.resolve(this.all(region, filter));

  readonly read: MetricStore["read"] = (region, metric, fromMs, toMs) =>
    Promise.resolve(this.samplesOf(region, metric).filter((s) => s.timestampMs >= fromMs && s.timestampMs < toMs));

  /** As `list`, at once. */
  all(region: string, filter: MetricFilter): readonly Metric[] {
    const { activeSinceMs = -Infinity } = filter;
    return [...this.#kept]
      .filter(
        ([key, { metric, samples }]) =>
          key.startsWith(`${region} `) &&
          matches(metric, filter) &&
          samples.some(({ timestampMs }) => timestampMs >= activeSinceMs),
      )
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { metric }]) => metric);
  }

  /** All there is of a metric, in the order it came, at once. */
  samplesOf(region: string, metric: Metric): readonly StoredSamples[] {
    return this.#kept.get(`${region} ${metricKey(metric)}`)?.samples ?? [];
  }

  #keep(datapoint: Datapoint): void {
    const { region, metric, unit, samples } = datapoint;
    const key = `${region} ${metricKey(metric)}`;
    const kept = this.#kept.get(key) ?? { metric, samples: [] };
    kept.samples.push({ timestampMs: keptAtMs(datapoint), unit, samples });
    this.#kept.set(key, kept);
  }
}
