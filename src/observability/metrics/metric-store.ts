/** Where metrics are kept and asked for: what the API, the command line and the library need of a store. */
import type { Datapoint, Metric } from "./metric.ts";
import type { StoredSamples } from "./periods.ts";

/** Everything absent lets everything through. */
export interface MetricFilter {
  readonly namespace?: string;
  readonly name?: string;
  /** Each must be among the metric's, with that value where one is given. */
  readonly dimensions?: readonly { readonly name: string; readonly value?: string }[];
  /** Milliseconds since the epoch: only metrics with a datapoint since then. */
  readonly activeSinceMs?: number;
}

export interface MetricStore {
  /** Takes datapoints and goes on; they are there for whoever asks after this call. */
  readonly put: (datapoints: readonly Datapoint[]) => void;
  /** In order of namespace, name and dimensions. */
  readonly list: (region: string, filter: MetricFilter) => Promise<readonly Metric[]>;
  /** What was measured from `fromMs` until before `toMs`, oldest first. */
  readonly read: (region: string, metric: Metric, fromMs: number, toMs: number) => Promise<readonly StoredSamples[]>;
}

/** What is served needs no more than this. */
export const matches = (metric: Metric, { namespace, name, dimensions = [] }: MetricFilter): boolean =>
  (namespace === undefined || metric.namespace === namespace) &&
  (name === undefined || metric.name === name) &&
  dimensions.every((wanted) =>
    metric.dimensions.some(
      ({ name, value }) => name === wanted.name && (wanted.value === undefined || value === wanted.value),
    ),
  );
