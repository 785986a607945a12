/** The embedded metric format: metrics that log events carry (OBS-52 to OBS-57). */
import { type Datapoint, isUnit, type Metric, metricOf, type Unit } from "./metric.ts";
import { type Samples, samplesOf } from "./samples.ts";

/** OBS-55 */
const most = { metrics: 100, dimensions: 30, numbers: 100, dimensionValue: 1024 };

interface Published {
  /** Of the log group. */
  readonly region: string;
  /** When the log event is stored, in epoch milliseconds. */
  readonly now: number;
}

/** CloudWatch takes no datapoint that is older than two weeks, or more than two hours ahead. */
const [mostPastMs, mostAheadMs] = [14 * 86_400_000, 2 * 3_600_000];

/** What a log event publishes; nothing for one that is none of this format. */
export function embeddedMetrics(message: string, { region, now }: Published): readonly Datapoint[] {
  // Nearly no event has any: reading each as JSON would be too much.
  if (!message.includes('"CloudWatchMetrics"')) return [];
  const root = objectIn(message);
  const aws = root?.["_aws"];
  if (root === undefined || !isObject(aws)) return [];
  const { Timestamp: timestampMs, CloudWatchMetrics: directives } = aws;
  if (typeof timestampMs !== "number" || !Number.isInteger(timestampMs) || !Array.isArray(directives)) return [];
  if (timestampMs < now - mostPastMs || timestampMs > now + mostAheadMs) return [];
  return directives.flatMap((directive: unknown) =>
    published(directive, root).map((measured) => ({ ...measured, region, timestampMs })),
  );
}

type JsonObject = Readonly<Record<string, unknown>>;
type Measured = Omit<Datapoint, "region" | "timestampMs">;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** OBS-57: what Node.js's console puts before a line of text. */
const prefix = /^\S+\t\S+\t[A-Z]+\t/;

function objectIn(message: string): JsonObject | undefined {
  const text = message.trim();
  const json = text.startsWith("{") ? text : text.replace(prefix, "");
  if (!json.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** OBS-56: everything a directive asks for, or nothing. */
function published(directive: unknown, root: JsonObject): readonly Measured[] {
  if (!isObject(directive)) return [];
  const { Namespace: namespace, Dimensions: dimensions, Metrics: metrics } = directive;
  if (typeof namespace !== "string" || namespace.length < 1 || namespace.length > 1024) return [];
  if (!Array.isArray(dimensions) || !Array.isArray(metrics) || metrics.length > most.metrics) return [];
  const sets = dimensions.map((keys: unknown) => dimensionSet(keys, root));
  const measures = metrics.map((metric: unknown) => measureOf(metric, root));
  const known = allKnown(measures);
  return (allKnown(sets) ?? []).flatMap((set) =>
    (known ?? []).map(({ name, ...measured }) => ({ ...measured, metric: metricOf(namespace, name, set) })),
  );
}

const allKnown = <T>(items: readonly (T | undefined)[]): readonly T[] | undefined =>
  items.every((item) => item !== undefined) ? items : undefined;

/** OBS-53, OBS-55: keys name members of the root, whose values are strings. */
function dimensionSet(keys: unknown, root: JsonObject): Metric["dimensions"] | undefined {
  if (!Array.isArray(keys) || keys.length > most.dimensions) return undefined;
  const dimensions = keys.map((name: unknown) => {
    const value = typeof name === "string" && Object.hasOwn(root, name) ? root[name] : undefined;
    return typeof value === "string" && value.length >= 1 && value.length <= most.dimensionValue
      ? { name: name as string, value }
      : undefined;
  });
  return allKnown(dimensions);
}

interface Measure {
  readonly name: string;
  readonly unit: Unit;
  readonly storageResolution: 1 | 60;
  readonly samples: Samples;
}

function measureOf(metric: unknown, root: JsonObject): Measure | undefined {
  if (!isObject(metric)) return undefined;
  const { Name: name, Unit: unit = "None", StorageResolution: storageResolution = 60 } = metric;
  if (typeof name !== "string" || name.length < 1 || name.length > 1024 || !isUnit(unit)) return undefined;
  if (storageResolution !== 1 && storageResolution !== 60) return undefined;
  const numbers = Object.hasOwn(root, name) ? numbersOf(root[name]) : undefined;
  return numbers === undefined
    ? undefined
    : { name, unit, storageResolution, samples: samplesOf(numbers.map((value) => [value, 1])) };
}

/** OBS-54: a number, or an array of numbers. */
function numbersOf(target: unknown): readonly number[] | undefined {
  const numbers: readonly unknown[] = Array.isArray(target) ? target : [target];
  const all = numbers.every((value): value is number => typeof value === "number");
  return all && numbers.length >= 1 && numbers.length <= most.numbers ? numbers : undefined;
}
