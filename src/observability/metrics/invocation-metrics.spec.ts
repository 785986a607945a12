import { expect, test } from "vitest";
import type { TelemetryRecord } from "../../protocol/telemetry-records.ts";
import { InvocationMetrics, type MeasuredEnvironment } from "./invocation-metrics.ts";
import { lambdaDatapoints, type LambdaMeasurement } from "./lambda-metrics.ts";
import { serviceMetrics, type ServiceMetrics } from "./service-metrics.ts";

const arn = "arn:aws:lambda:eu-west-1:123456789012:function:shop";

const start = (functionArn = arn, requestId = "one"): TelemetryRecord => ({
  time: 60_500,
  type: "platform.start",
  requestId,
  functionArn,
  version: "7",
});

type Report = Extract<TelemetryRecord, { type: "platform.report" }>;
const report = (changes: Partial<Report> = {}): TelemetryRecord => ({
  time: 61_000,
  type: "platform.report",
  requestId: "one",
  status: "success",
  durationMs: 12.5,
  billedDurationMs: 13,
  memorySizeMB: 128,
  maxMemoryUsedMB: 64,
  spans: [],
  ...changes,
});

const extension: TelemetryRecord = {
  time: 0,
  type: "platform.extension",
  name: "e",
  state: "Ready",
  events: ["INVOKE"],
};

function measured(records: readonly TelemetryRecord[], environment: Partial<MeasuredEnvironment> = {}) {
  const metrics = new InvocationMetrics({
    region: "eu-west-1",
    functionName: "shop",
    initializationType: "on-demand",
    ...environment,
  });
  return records.map((record) => metrics.accept(record)).filter((measurement) => measurement !== undefined);
}
const values = (records: readonly TelemetryRecord[], environment?: Partial<MeasuredEnvironment>) =>
  Object.fromEntries(measured(records, environment).flatMap((measurement) => measurement.values));

test("[OBS-41, OBS-43, OBS-46] an invocation counts when it began, with the duration of its report", () => {
  const [measurement] = measured([start(), report()]);
  expect(measurement).toMatchObject({
    at: 60_500,
    values: [
      ["Invocations", 1],
      ["Errors", 0],
      ["Duration", 12.5],
    ],
  });
  expect(lambdaDatapoints(measurement as LambdaMeasurement)[0]).toMatchObject({
    region: "eu-west-1",
    timestampMs: 60_500,
    metric: { namespace: "AWS/Lambda", name: "Invocations" },
    unit: "Count",
  });
});

test.each([
  ["a success", {}, 0],
  ["an error of the handler", { functionFailed: true }, 1],
  ["a crash", { status: "error", errorType: "Runtime.ExitError" }, 1],
  ["a timeout", { status: "timeout", durationMs: 3000 }, 1],
  ["a failure of the platform", { status: "failure" }, 1],
] as const)("[OBS-43, OBS-44] %s is one invocation, and of errors %o", (_, changes, errors) => {
  expect(values([start(), report(changes)])).toMatchObject({ Invocations: 1, Errors: errors });
});

test("[OBS-46] a timeout counts the limit", () => {
  expect(values([start(), report({ status: "timeout", durationMs: 3000 })])).toMatchObject({ Duration: 3000 });
});

test("[OBS-47] extensions make a datapoint an invocation, zeros included; without them there is none", () => {
  const spans = [{ name: "extensionOverhead", start: 60_900, durationMs: 4.25 }] as const;
  expect(values([extension, start(), report({ spans })])).toMatchObject({ PostRuntimeExtensionsDuration: 4.25 });
  expect(values([extension, start(), report()])).toMatchObject({ PostRuntimeExtensionsDuration: 0 });
  expect(values([start(), report({ spans })])).not.toHaveProperty("PostRuntimeExtensionsDuration");
});

test("[OBS-49] an invocation of a provisioned environment is counted as such", () => {
  const provisioned = { initializationType: "provisioned-concurrency" } as const;
  expect(values([start(), report()], provisioned)).toMatchObject({ ProvisionedConcurrencyInvocations: 1 });
  expect(values([start(), report()])).not.toHaveProperty("ProvisionedConcurrencyInvocations");
});

test("[OBS-51] init duration and memory are no metrics", () => {
  expect(Object.keys(values([start(), report({ initDurationMs: 200 })]))).toEqual([
    "Invocations",
    "Errors",
    "Duration",
  ]);
});

const sets = (measurement: LambdaMeasurement | undefined) =>
  lambdaDatapoints(measurement as LambdaMeasurement)
    .filter(({ metric }) => metric.name === "Invocations")
    .map(({ metric }) => Object.fromEntries(metric.dimensions.map(({ name, value }) => [name, value])));

test.each([
  [arn, "shop"],
  [`${arn}:$LATEST`, "shop:$LATEST"],
  [`${arn}:live`, "shop:live"],
  [`${arn}:7`, "shop:7"],
])("[OBS-42] a call of %s is published for all, for the function and for the resource %s", (called, resource) => {
  expect(sets(measured([start(called), report()])[0])).toEqual([
    {},
    { FunctionName: "shop" },
    { FunctionName: "shop", Resource: resource },
  ]);
});

test("[OBS-42] behind a weighted alias the executed version is published too", () => {
  const isWeighted = (called: string): boolean => called === `${arn}:live`;
  expect(sets(measured([start(`${arn}:live`), report()], { isWeighted })[0]).at(-1)).toEqual({
    FunctionName: "shop",
    Resource: "shop:live",
    ExecutedVersion: "7",
  });
});

const told = (tell: (metrics: ServiceMetrics) => void) => {
  const measurements: LambdaMeasurement[] = [];
  tell(serviceMetrics((measurement) => measurements.push(measurement)));
  return measurements.flatMap(lambdaDatapoints).map(({ metric, unit, samples }) => ({
    name: metric.name,
    dimensions: metric.dimensions.length,
    unit,
    value: samples.sum,
  }));
};
const target = { region: "eu-west-1", functionName: "shop", qualifier: "live" };

test.each([
  [true, 1],
  [false, 0],
])("[OBS-45] a request that is throttled: %s counts %i for all, the function and the resource", (throttled, value) => {
  expect(told((metrics) => metrics.admitted(target, 1, throttled))).toEqual(
    [0, 1, 2].map((dimensions) => ({ name: "Throttles", dimensions, unit: "Count", value })),
  );
});

test("[OBS-48] the account's concurrency has no dimension, the function's always has", () => {
  expect(
    told((metrics) =>
      metrics.accountConcurrency({ region: "eu-west-1", executions: 5, unreservedExecutions: 3, claimed: 8 }, 1),
    ),
  ).toEqual([
    { name: "ConcurrentExecutions", dimensions: 0, unit: "Count", value: 5 },
    { name: "UnreservedConcurrentExecutions", dimensions: 0, unit: "Count", value: 3 },
    { name: "ClaimedAccountConcurrency", dimensions: 0, unit: "Count", value: 8 },
  ]);
  expect(told((metrics) => metrics.functionConcurrency(target, 2, 1)).map(({ dimensions }) => dimensions)).toEqual([
    1, 2,
  ]);
  expect(told((metrics) => metrics.provisionedConcurrency(target, 1, 4, 1))).toContainEqual({
    name: "ProvisionedConcurrencyUtilization",
    dimensions: 2,
    unit: "Count",
    value: 0.25,
  });
});

test.each([
  ["ProvisionedConcurrencySpilloverInvocations", (metrics: ServiceMetrics) => metrics.spilledOver(target, 1)],
  ["AsyncEventsReceived", (metrics: ServiceMetrics) => metrics.asyncEventReceived(target, 1)],
  ["AsyncEventsDropped", (metrics: ServiceMetrics) => metrics.asyncEventDropped(target, 1)],
  ["DeadLetterErrors", (metrics: ServiceMetrics) => metrics.deadLetterFailed(target, 1)],
  ["DestinationDeliveryFailures", (metrics: ServiceMetrics) => metrics.destinationFailed(target, 1)],
  ["RecursiveInvocationsDropped", (metrics: ServiceMetrics) => metrics.recursionStopped(target, 1)],
])("[OBS-49, OBS-50] %s counts one", (name, tell) => {
  expect(told(tell)).toContainEqual({ name, dimensions: 1, unit: "Count", value: 1 });
});

test("[OBS-50] the age of an asynchronous event is in milliseconds", () => {
  expect(told((metrics) => metrics.asyncEventAge(target, 150, 1))).toContainEqual({
    name: "AsyncEventAge",
    dimensions: 0,
    unit: "Milliseconds",
    value: 150,
  });
});
