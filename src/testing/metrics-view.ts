/** The metrics of an environment as CloudWatch gets them: Lambda's own, and those its log events carry. */
import { failure } from "../errors.ts";
import { EnvironmentMetrics, type Metric, type Samples, statisticNamed } from "../host/environment-metrics.ts";
import type { HostedFunction } from "../host/hosted-function.ts";
import type { Records } from "../host/records.ts";

/** Which metric, where its name alone does not say. */
export interface MetricSelection {
  /** Default: the only one that has the metric; `AWS/Lambda` for Lambda's own. */
  readonly namespace?: string;
  /** All dimensions of the metric; default: the only ones it was published with; for Lambda's own the function's name. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

export interface MetricEntry {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Such as `Count` or `Milliseconds`. */
  readonly unit: string;
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Lambda's own, whose names are completed; any other text is the name of a metric of the function's. */
export type MetricName =
  | "Invocations"
  | "Errors"
  | "Duration"
  | "PostRuntimeExtensionsDuration"
  | "ProvisionedConcurrencyInvocations"
  | (string & {});

/** Everything measured so far, whatever the minute. Lambda's own metrics of an invocation are there when its promise is fulfilled. */
export class MetricsView {
  readonly #metrics: EnvironmentMetrics;
  readonly #functionName: string;

  /** Use `environment.metrics`. */
  constructor(records: Records, hosted: HostedFunction) {
    this.#metrics = new EnvironmentMetrics(records, hosted);
    this.#functionName = hosted.functionName;
  }

  /** Every metric, with each of its sets of dimensions. */
  list(): readonly MetricEntry[] {
    return this.#metrics.list().flatMap((metric) => {
      const measured = this.#metrics.samplesOf(metric);
      if (measured === undefined) return [];
      const { sampleCount, sum, minimum, maximum } = measured.samples;
      const { namespace, name } = metric;
      return [
        { namespace, name, dimensions: asObject(metric), unit: measured.unit, sampleCount, sum, minimum, maximum },
      ];
    });
  }

  /** Each measured value in order; those of one datapoint rising. @throws LambdariumError `metric-ambiguous` */
  values(name: MetricName, which: MetricSelection = {}): readonly number[] {
    return this.#find(name, which)?.values ?? [];
  }

  /** 0 when nothing was measured. @throws LambdariumError `metric-ambiguous` */
  sum(name: MetricName, which: MetricSelection = {}): number {
    return this.#find(name, which)?.samples.sum ?? 0;
  }

  /** How many values; 0 when nothing was measured. @throws LambdariumError `metric-ambiguous` */
  sampleCount(name: MetricName, which: MetricSelection = {}): number {
    return this.#find(name, which)?.samples.sampleCount ?? 0;
  }

  /**
   * One of CloudWatch's statistics, such as `Average`, `Maximum`, `p90`, `tm99`; nothing when nothing was measured.
   * @throws LambdariumError `statistic-unknown`, `metric-ambiguous`
   */
  statistic(name: MetricName, statistic: string, which: MetricSelection = {}): number | undefined {
    const found = this.#find(name, which);
    const value = statisticNamed(found?.samples ?? nothing, statistic);
    if (value === "no statistic") throw failure("statistic-unknown", { statistic });
    return found === undefined ? undefined : value;
  }

  #find(name: MetricName, { namespace, dimensions }: MetricSelection): ReturnType<EnvironmentMetrics["samplesOf"]> {
    const found = this.#metrics
      .list()
      .filter(
        (metric) =>
          metric.name === name &&
          (namespace === undefined || metric.namespace === namespace) &&
          hasDimensions(metric, dimensions ?? this.#ownDimensions(metric)),
      );
    const [metric, ...more] = found;
    if (more.length > 0) throw failure("metric-ambiguous", { name, choices: found.map(described) });
    return metric === undefined ? undefined : this.#metrics.samplesOf(metric);
  }

  /** Lambda publishes each with several sets: the function's own is meant. */
  #ownDimensions({ namespace }: Metric): Readonly<Record<string, string>> | undefined {
    return namespace === "AWS/Lambda" ? { FunctionName: this.#functionName } : undefined;
  }
}

const nothing: Samples = { sampleCount: 0, sum: 0, minimum: 0, maximum: 0 };

const asObject = ({ dimensions }: Metric): Readonly<Record<string, string>> =>
  Object.fromEntries(dimensions.map(({ name, value }) => [name, value]));

const hasDimensions = (metric: Metric, wanted: Readonly<Record<string, string>> | undefined): boolean =>
  wanted === undefined ||
  (Object.keys(wanted).length === metric.dimensions.length &&
    metric.dimensions.every(({ name, value }) => wanted[name] === value));

const described = (metric: Metric): string => {
  const dimensions = metric.dimensions.map(({ name, value }) => `${name}=${value}`).join(", ");
  return `${metric.namespace} ${dimensions === "" ? "without dimensions" : `with ${dimensions}`}`;
};
