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

/** One value, published with every set of dimensions that belongs to the target. */
export const lambdaDatapoints = (
  target: MetricTarget,
  name: LambdaMetricName,
  value: number,
  timestampMs: number,
): readonly Datapoint[] => dimensionSets(target).map((set) => datapoint(target.region, name, value, timestampMs, set));

/** One value of the whole account in a region: metrics that have no dimension. */
export const accountDatapoint = (
  region: string,
  name: LambdaMetricName,
  value: number,
  timestampMs: number,
): Datapoint => datapoint(region, name, value, timestampMs, []);

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
function dimensionSets({ functionName, qualifier, executedVersion }: MetricTarget): readonly (readonly Dimension[])[] {
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
