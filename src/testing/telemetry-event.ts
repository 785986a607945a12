/** Telemetry events of schema 2025-01-29, typed by their name. */

type Status = "success" | "failure" | "error" | "timeout";

interface Span {
  readonly name: string;
  readonly start: string;
  readonly durationMs: number;
}

interface Tracing {
  readonly spanId?: string;
  readonly type: "X-Amzn-Trace-Id";
  readonly value: string;
}

interface InitFacts {
  readonly initializationType: "on-demand" | "provisioned-concurrency" | "snap-start";
  readonly phase: "init" | "invoke";
}

interface Ended {
  readonly status: Status;
  readonly errorType?: string;
}

interface EnvironmentFacts {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly instanceId: string;
  readonly instanceMaxMemory: number;
  readonly runtimeVersion?: string;
  readonly runtimeVersionArn?: string;
}

interface OfInvocation {
  readonly requestId: string;
  readonly tracing?: Tracing;
  readonly tenantId?: string;
}

/** The `record` of each event type. */
export interface TelemetryRecords {
  "platform.initStart": InitFacts & EnvironmentFacts;
  "platform.initRuntimeDone": InitFacts & Ended;
  "platform.initReport": InitFacts & Ended & { readonly metrics: { readonly durationMs: number } };
  "platform.restoreStart": EnvironmentFacts;
  "platform.restoreRuntimeDone": Ended;
  "platform.restoreReport": Ended & { readonly metrics: { readonly durationMs: number } };
  "platform.start": OfInvocation & { readonly version: string; readonly functionArn: string };
  "platform.runtimeDone": OfInvocation &
    Ended & {
      readonly spans?: readonly Span[];
      readonly metrics: { readonly durationMs: number; readonly producedBytes: number };
    };
  "platform.report": OfInvocation &
    Ended & {
      readonly spans?: readonly Span[];
      readonly metrics: {
        readonly durationMs: number;
        readonly billedDurationMs: number;
        readonly memorySizeMB: number;
        readonly maxMemoryUsedMB: number;
        readonly initDurationMs?: number;
        readonly restoreDurationMs?: number;
        readonly billedRestoreDurationMs?: number;
      };
    };
  "platform.extension": {
    readonly name: string;
    readonly state: string;
    readonly events: readonly ("INVOKE" | "SHUTDOWN")[];
    readonly errorType?: string;
  };
  "platform.telemetrySubscription": {
    readonly name: string;
    readonly state: "Subscribed" | "Already subscribed";
    readonly types: readonly ("platform" | "function" | "extension")[];
  };
  "platform.logsDropped": {
    readonly reason: string;
    readonly droppedRecords: number;
    readonly droppedBytes: number;
  };
  /** A line, or an object when the log format is JSON and the line is one (EVT-75). */
  function: string | Readonly<Record<string, unknown>>;
  extension: string | Readonly<Record<string, unknown>>;
}

/** The event of a type we know. */
export interface TelemetryEventOf<Type extends keyof TelemetryRecords> {
  /** `YYYY-MM-DDTHH:MM:SS.mmmZ` */
  readonly time: string;
  readonly type: Type;
  readonly record: TelemetryRecords[Type];
}

/** One event, to be told apart by `type`; a later version may add types, so a `switch` wants a default. */
export type TelemetryEvent = { [Type in keyof TelemetryRecords]: TelemetryEventOf<Type> }[keyof TelemetryRecords];

/** An event of any type, for those we do not know. */
export interface UnknownTelemetryEvent {
  readonly time: string;
  readonly type: string;
  readonly record: unknown;
}
