/** The toolkit to write extensions with: what `import … from "lambdarium/extension"` gives. */
export { defineExtension, type Extension } from "./define-extension.ts";
export type {
  ExtensionDefinition,
  HookContext,
  InitContext,
  TelemetryContext,
  TelemetrySettings,
} from "./extension-definition.ts";
export type { Deadline } from "./deadline.ts";
export type { DeliveryCounts } from "./delivery/counts.ts";
export type { DeliverySettings, SpoolSettings } from "./delivery/delivery-settings.ts";
export type { Strategy } from "./delivery/traffic.ts";
export { ExtensionError, type ExtensionErrorCode } from "./extension-error.ts";
export type { FunctionFacts, InvokeEvent, LifecycleEvent, ShutdownEvent } from "./lifecycle-events.ts";
export {
  type DropReason,
  isRecord,
  type KnownRecordType,
  type KnownTelemetryRecord,
  type RecordOf,
  type RecordsDropped,
  type TelemetryRecord,
  type TelemetryRecordOf,
  type TelemetrySpan,
  type TelemetryStatus,
  type TelemetryTracing,
} from "./telemetry-records.ts";
export type {
  Destination,
  DestinationLimits,
  FailedItem,
  Item,
  Origin,
  OutgoingRequest,
  SendResult,
} from "./destinations/destination.ts";
export { textItem, timeOf } from "./destinations/destination.ts";
