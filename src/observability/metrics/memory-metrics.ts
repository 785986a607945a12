/** Metrics kept in this process: for the library, whose environments live as long as a test. */
import { type Datapoint, keptAtMs, type Metric, metricKey } from "./metric.ts";
import { matches, type MetricStore } from "./metric-store.ts";
import type { StoredSamples } from "./periods.ts";
import { merged } from "./samples.ts";

interface Kept {
  readonly metric: Metric;
  /** By moment and unit. */
  readonly samples: Map<string, StoredSamples>;
}

/** More metrics than this are somebody's mistake: a request id as a dimension. */
const mostMetrics = 100_000;

export class MemoryMetrics implements MetricStore {
  readonly #kept = new Map<string, Kept>();

  readonly put = (datapoints: readonly Datapoint[]): void => {
    for (const datapoint of datapoints) this.#keep(datapoint);
  };

  readonly list: MetricStore["list"] = (region, filter) => Promise.resolve(this.all(region, filter));

  readonly read: MetricStore["read"] = (region, metric, fromMs, toMs) =>
    Promise.resolve(this.samplesOf(region, metric).filter((s) => s.timestampMs >= fromMs && s.timestampMs < toMs));

  /** As `list`, at once. */
  all(region: string, filter: Parameters<MetricStore["list"]>[1]): readonly Metric[] {
    const { activeSinceMs } = filter;
    return [...this.#kept]
      .filter(([key, { metric, samples }]) => {
        const active =
          activeSinceMs === undefined || [...samples.values()].some(({ timestampMs }) => timestampMs >= activeSinceMs);
        return key.startsWith(`${region} `) && active && matches(metric, filter);
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { metric }]) => metric);
  }

  /** All there is of a metric, oldest first, at once. */
  samplesOf(region: string, metric: Metric): readonly StoredSamples[] {
    const kept = this.#kept.get(`${region} ${metricKey(metric)}`);
    return [...(kept?.samples.values() ?? [])].toSorted((a, b) => a.timestampMs - b.timestampMs);
  }

  #keep(datapoint: Datapoint): void {
    const { region, metric, unit, samples } = datapoint;
    const key = `${region} ${metricKey(metric)}`;
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      if (this.#kept.size >= mostMetrics) return;
      this.#kept.set(key, (kept = { metric, samples: new Map() }));
    }
    const timestampMs = keptAtMs(datapoint);
    const moment = `${timestampMs} ${unit}`;
    const before = kept.samples.get(moment);
    const all = before === undefined ? samples : merged([before.samples, samples]);
    kept.samples.set(moment, { timestampMs, unit, samples: all });
  }
}
