/** What a metric is called, and what was measured, as CloudWatch has it. */
import type { Samples } from "./samples.ts";

export interface Dimension {
  readonly name: string;
  readonly value: string;
}

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  /** In order of their names: the order they are given in means nothing. */
  readonly dimensions: readonly Dimension[];
}

const scales = ["", "Kilo", "Mega", "Giga", "Tera"];
const amounts = ["Bytes", "Bits"].flatMap((of) =>
  scales.map((scale) => (scale === "" ? of : scale + of.toLowerCase())),
);

export const units: readonly string[] = [
  "Seconds",
  "Microseconds",
  "Milliseconds",
  ...amounts,
  "Percent",
  "Count",
  ...amounts.map((amount) => `${amount}/Second`),
  "Count/Second",
  "None",
];
/** One of `units`. */
export type Unit = string;

export const isUnit = (text: unknown): text is Unit => typeof text === "string" && units.includes(text);

/** What was measured of one metric at one time. */
export interface Datapoint {
  readonly region: string;
  readonly metric: Metric;
  /** Milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly unit: Unit;
  /** Seconds: CloudWatch keeps a datapoint by the minute, or by the second where that was asked for. */
  readonly storageResolution: 1 | 60;
  readonly samples: Samples;
}

/** `dimensions` in any order. */
export const metricOf = (namespace: string, name: string, dimensions: readonly Dimension[]): Metric => ({
  namespace,
  name,
  dimensions: dimensions.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
});

/** The same for the same metric, and for no other. */
export const metricKey = ({ namespace, name, dimensions }: Metric): string =>
  JSON.stringify([namespace, name, ...dimensions.flatMap((dimension) => [dimension.name, dimension.value])]);

/** When CloudWatch keeps a datapoint as measured. */
export const keptAtMs = ({ timestampMs, storageResolution }: Datapoint): number => {
  const stepMs = storageResolution * 1000;
  return Math.floor(timestampMs / stepMs) * stepMs;
};
