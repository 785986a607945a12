/** The metrics of the namespace `AWS/Lambda` (OBS-41 to OBS-51): their names, units and dimensions. */
import { type Datapoint, type Dimension, metricOf } from "./metric.ts";
import { sampleOf } from "./samples.ts";

/** What was called: metrics are published for it and for all it belongs to (OBS-42). */
export interface MetricTarget {
  readonly region: string;
  readonly functionName: string;
  /** Version or alias in the ARN that was called; absent when there was none. */
  readonly qualifier?: string;
  /** Only where `qualifier` is an alias that leads to several versions: the one that ran. */
  readonly executedVersion?: string;
}

const unitOf = {
  Invocations: "Count",
  Errors: "Count",
  Throttles: "Count",
  Duration: "Milliseconds",
  PostRuntimeExtensionsDuration: "Milliseconds",
  ConcurrentExecutions: "Count",
  UnreservedConcurrentExecutions: "Count",
  ProvisionedConcurrentExecutions: "Count",
  ClaimedAccountConcurrency: "Count",
  ProvisionedConcurrencyUtilization: "Count",
  ProvisionedConcurrencyInvocations: "Count",
  ProvisionedConcurrencySpilloverInvocations: "Count",
  AsyncEventsReceived: "Count",
  AsyncEventsDropped: "Count",
  AsyncEventAge: "Milliseconds",
  DeadLetterErrors: "Count",
  DestinationDeliveryFailures: "Count",
  IteratorAge: "Milliseconds",
  OffsetLag: "Count",
  RecursiveInvocationsDropped: "Count",
} as const;
export type LambdaMetricName = keyof typeof unitOf;

/** What is told at once of one call: as little as has to travel to the store. */
export interface LambdaMeasurement {
  readonly target: MetricTarget;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly values: readonly (readonly [LambdaMetricName, number])[];
  /** Of the account's whole region, without any dimension, or of this function only; default: both. */
  readonly only?: "account" | "function";
}

/** Each value, published with every set of dimensions that belongs to the target. */
export const lambdaDatapoints = (measurement: LambdaMeasurement): readonly Datapoint[] => {
  const { target, at, values, only } = measurement;
  const [none, ...ofFunction] = dimensionSets(target);
  const sets = only === "account" ? [none] : only === "function" ? ofFunction : [none, ...ofFunction];
  return values.flatMap(([name, value]) => sets.map((set) => datapoint(target.region, name, value, at, set)));
};

const datapoint = (
  region: string,
  name: LambdaMetricName,
  value: number,
  timestampMs: number,
  dimensions: readonly Dimension[],
): Datapoint => ({
  region,
  metric: metricOf("AWS/Lambda", name, dimensions),
  timestampMs,
  unit: unitOf[name],
  storageResolution: 60,
  samples: sampleOf(value),
});

/** OBS-42. A call without qualifier has the bare name as its resource. */
function dimensionSets({
  functionName,
  qualifier,
  executedVersion,
}: MetricTarget): readonly [readonly Dimension[], ...(readonly Dimension[])[]] {
  const ofFunction = [{ name: "FunctionName", value: functionName }];
  const resource = qualifier === undefined ? functionName : `${functionName}:${qualifier}`;
  const ofResource = [...ofFunction, { name: "Resource", value: resource }];
  return [
    [],
    ofFunction,
    ofResource,
    ...(executedVersion === undefined ? [] : [[...ofResource, { name: "ExecutedVersion", value: executedVersion }]]),
  ];
}
