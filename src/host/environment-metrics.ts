/** The metrics of one environment's invocations and log events, kept in this process. */
import { logEvents } from "../observability/logs/log-events.ts";
import { embeddedMetrics } from "../observability/metrics/embedded-metrics.ts";
import { InvocationMetrics } from "../observability/metrics/invocation-metrics.ts";
import { lambdaDatapoints } from "../observability/metrics/lambda-metrics.ts";
import { MemoryMetrics } from "../observability/metrics/memory-metrics.ts";
import type { Datapoint, Metric } from "../observability/metrics/metric.ts";
import { merged, type Samples } from "../observability/metrics/samples.ts";
import { parseStatistic, statisticOf } from "../observability/metrics/statistic.ts";
import { isLogLine } from "../protocol/telemetry-event-text.ts";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { HostedFunction } from "./hosted-function.ts";
import type { Records } from "./records.ts";

export type { Metric, Samples };

export class EnvironmentMetrics {
  readonly #hosted: HostedFunction;
  readonly #invocations: InvocationMetrics;
  readonly #metrics = new MemoryMetrics();
  /** Made into datapoints when somebody asks, so that no invocation pays for them. */
  #unread: (() => readonly Datapoint[])[] = [];

  constructor(records: Records, hosted: HostedFunction) {
    this.#hosted = hosted;
    this.#invocations = new InvocationMetrics(hosted);
    records.listen((record) => this.#accept(record));
  }

  /** In order of namespace, name and dimensions. */
  list(): readonly Metric[] {
    this.#read();
    return this.#metrics.all(this.#hosted.region, {});
  }

  /** Everything measured of it, one after the other; nothing when nothing was. */
  samplesOf(
    metric: Metric,
  ): { readonly unit: string; readonly samples: Samples; readonly values: readonly number[] } | undefined {
    this.#read();
    const stored = this.#metrics.samplesOf(this.#hosted.region, metric);
    const [first] = stored;
    if (first === undefined) return undefined;
    const parts = stored.map(({ samples }) => samples);
    const values = parts.flatMap(({ distribution = [] }) =>
      distribution.flatMap(([value, count]) => Array.from({ length: count }, () => value)),
    );
    return { unit: first.unit, samples: merged(parts), values };
  }

  #accept(record: TelemetryRecord): void {
    if (!isLogLine(record)) {
      const measurement = this.#invocations.accept(record);
      if (measurement !== undefined) this.#unread.push(() => lambdaDatapoints(measurement));
    } else if (record.text.includes('"CloudWatchMetrics"')) {
      this.#unread.push(() =>
        logEvents(record, this.#hosted).flatMap(({ message, timestamp }) =>
          embeddedMetrics(message, { region: this.#hosted.region, now: timestamp }),
        ),
      );
    }
  }

  #read(): void {
    const unread = this.#unread;
    this.#unread = [];
    for (const datapoints of unread) this.#metrics.put(datapoints());
  }
}

/** Nothing where it cannot be told, as a percentile of a statistic set. */
export function statisticNamed(samples: Samples, text: string): number | undefined | "no statistic" {
  const statistic = parseStatistic(text);
  return statistic === undefined ? "no statistic" : statisticOf(samples, statistic);
}
