/** The library: run a function with its extensions as Lambda does, and look at everything that happened. */
export { createEnvironment, type Environment } from "./environment.ts";
export type { StandInEvent } from "./stand-in-function/index.ts";
export type { EnvironmentOptions } from "./environment-options.ts";
export { createDestination } from "./destinations/create-destination.ts";
export type { DestinationOptions, FakeDestination, ReceivedRequest } from "./destinations/fake-destination.ts";
export type { FaultOptions } from "./destinations/fault.ts";
export type { WaitOptions } from "./destinations/wait-for-delivery.ts";
export type { DestinationKind, ReceivedRecords } from "./destinations/wire-formats.ts";
export {
  assertDelivered,
  assertPhase,
  assertRegistered,
  assertReported,
  assertSubscribed,
} from "./matchers/assertions.ts";
export type { DeliveredOptions } from "./matchers/delivered.ts";
export type { PhaseShape, ReportOptions, ShapeOf } from "./matchers/judgements.ts";
export { type LambdariumMatchers, matchers } from "./matchers/matchers.ts";
export type { Expected, Shape } from "./matchers/shape.ts";
export { formatTimeline, type TimelineFormat } from "./format-timeline.ts";
export type { Answer, Invocation, InvocationResult, InvokeOptions } from "./invocation.ts";
export type { LogEvent, LogsView } from "./logs-view.ts";
export type { EnvironmentSnapshot, ExtensionSnapshot, PhaseSnapshot } from "./snapshot.ts";
export type { MetricEntry, MetricName, MetricSelection, MetricsView } from "./metrics-view.ts";
export { createService, type Service, type ServiceLogLine, type ServiceOptions } from "./service.ts";
export type { SubscriptionView } from "./subscriptions.ts";
export type { TelemetryEvent, TelemetryEventOf, TelemetryRecords, UnknownTelemetryEvent } from "./telemetry-event.ts";
export type { TimelineEntry } from "./timeline.ts";
export type { Trace, TraceSegment } from "../host/traces.ts";
export { type ErrorCode, LambdariumError } from "../errors.ts";
