/**
 * What the Telemetry and Logs APIs deliver, typed for every event of every schema version and open for those to come.
 * What only some versions show is optional.
 */
import type { InitPhase, ReportedExtensionState, TelemetryType } from "../protocol/telemetry-records.ts";
import type { ExtensionEventName } from "../protocol/extensions-api.ts";

/** A string that a later version may add to a known list, with completion for the known ones. */
type OrLater<Known extends string> = Known | (string & Record<never, never>);

export type TelemetryStatus = OrLater<"success" | "failure" | "error" | "timeout">;

export interface TelemetrySpan {
  readonly name: OrLater<"responseLatency" | "responseDuration" | "runtimeOverhead" | "extensionOverhead">;
  /** `YYYY-MM-DDTHH:MM:SS.mmmZ` */
  readonly start: string;
  readonly durationMs: number;
}

export interface TelemetryTracing {
  /** 16 hexadecimal digits; never in Logs API events. */
  readonly spanId?: string;
  readonly type: OrLater<"X-Amzn-Trace-Id">;
  /** `Root=…;Parent=…;Sampled=1` */
  readonly value: string;
}

interface InitFacts {
  readonly initializationType: OrLater<
    "on-demand" | "provisioned-concurrency" | "snap-start" | "lambda-managed-instances"
  >;
  readonly phase: OrLater<InitPhase>;
  readonly tracing?: TelemetryTracing;
}

interface EnvironmentFacts {
  readonly runtimeVersion?: string;
  readonly runtimeVersionArn?: string;
  /** Not in 2022-07-01, like the next three. */
  readonly functionName?: string;
  readonly functionVersion?: string;
  /** The log stream's name. */
  readonly instanceId?: string;
  /** Bytes. */
  readonly instanceMaxMemory?: number;
}

interface Ended {
  readonly status: TelemetryStatus;
  readonly errorType?: string;
  readonly spans?: readonly TelemetrySpan[];
}

interface OfInvocation {
  readonly requestId: string;
  readonly tracing?: TelemetryTracing;
  readonly tenantId?: string;
}

interface ReportMetrics {
  readonly durationMs: number;
  readonly billedDurationMs?: number;
  readonly memorySizeMB?: number;
  readonly maxMemoryUsedMB?: number;
  readonly initDurationMs?: number;
  readonly restoreDurationMs?: number;
  readonly billedRestoreDurationMs?: number;
}

interface Subscribed {
  readonly name: string;
  readonly state: OrLater<"Subscribed" | "Already subscribed">;
  readonly types: readonly TelemetryType[];
}

/** A line; or an object, when the function's log format is JSON and the line was one (from 2022-12-13). */
type Line = string | Readonly<Record<string, unknown>>;

/** The `record` of each event type. */
export interface RecordOf {
  "platform.initStart": InitFacts & EnvironmentFacts;
  "platform.initRuntimeDone": InitFacts & Ended;
  /** 2022-07-01 has no status here. */
  "platform.initReport": InitFacts & Partial<Ended> & { readonly metrics: { readonly durationMs: number } };
  "platform.restoreStart": EnvironmentFacts & { readonly tracing?: TelemetryTracing };
  "platform.restoreRuntimeDone": Ended & { readonly tracing?: TelemetryTracing };
  "platform.restoreReport": Partial<Ended> & {
    readonly metrics: { readonly durationMs: number };
    readonly tracing?: TelemetryTracing;
  };
  "platform.start": OfInvocation & { readonly version?: string; readonly functionArn?: string };
  "platform.runtimeDone": OfInvocation &
    Ended & { readonly metrics?: { readonly durationMs: number; readonly producedBytes?: number } };
  /** In the Logs API without status. */
  "platform.report": OfInvocation & Partial<Ended> & { readonly metrics: ReportMetrics };
  "platform.extension": {
    readonly name: string;
    readonly state: OrLater<ReportedExtensionState>;
    readonly events: readonly ExtensionEventName[];
    readonly errorType?: string;
  };
  "platform.telemetrySubscription": Subscribed;
  "platform.logsDropped": {
    readonly reason: string;
    readonly droppedRecords: number;
    readonly droppedBytes: number;
  };
  /** Logs API only, like the next two. */
  "platform.logsSubscription": Subscribed;
  "platform.end": { readonly requestId: string };
  "platform.fault": string;
  function: Line;
  extension: Line;
  /** Written by the toolkit where it had to drop records, in their place. */
  "toolkit.recordsDropped": RecordsDropped;
}

export interface RecordsDropped {
  readonly reason: DropReason;
  readonly droppedRecords: number;
  readonly droppedBytes: number;
}

/** Why a record was dropped; `docs/extensions.md` says when each happens. */
export type DropReason =
  | "spool full"
  | "too old"
  | "memory full"
  | "refused"
  | "too large"
  | "cannot be encoded"
  | "spool lost";

export type KnownRecordType = keyof RecordOf;

/** The event of a type we know. */
export interface TelemetryRecordOf<Type extends KnownRecordType> {
  /** `YYYY-MM-DDTHH:MM:SS.mmmZ` */
  readonly time: string;
  readonly type: Type;
  readonly record: RecordOf[Type];
}

/** An event of a type we know, to be told apart by `type`. */
export type KnownTelemetryRecord = { [Type in KnownRecordType]: TelemetryRecordOf<Type> }[KnownRecordType];

/** Any event: `isRecord(event, "platform.report")` tells what it is. */
export interface TelemetryRecord {
  readonly time: string;
  readonly type: OrLater<KnownRecordType>;
  readonly record: unknown;
}

/** True for an event of this type; its `record` is then typed. */
export const isRecord = <Type extends KnownRecordType>(
  event: TelemetryRecord,
  type: Type,
): event is TelemetryRecordOf<Type> => event.type === type;
