/**
 * The neutral telemetry record: everything any schema version may show of one event. A subscription's version is a
 * projection of it (EVT-09, LGS-41). Member names are those of schema 2025-01-29 where it has them.
 */
import type { ExtensionEventName } from "./extensions-api.ts";
import type { TracedInvocation } from "./traced-invocation.ts";

/** Milliseconds since the epoch; fractions are kept until a record is written. */
export type EpochMs = number;

/** EVT-10 */
export type InitializationType = "on-demand" | "provisioned-concurrency" | "snap-start";

/** EVT-11 */
export type InitPhase = "init" | "invoke";

/** EVT-12 */
type Status = "success" | "failure" | "error" | "timeout";

/** EVT-13; EVT-14 names them. */
export interface Span {
  readonly name: "responseLatency" | "responseDuration" | "runtimeOverhead" | "extensionOverhead";
  readonly start: EpochMs;
  readonly durationMs: number;
}

/** EVT-15: present only when the invocation is sampled (EVT-16). */
export interface Tracing {
  readonly spanId?: string;
  readonly value: string;
}

/** EVT-20: both or neither. */
export interface RuntimeVersion {
  readonly runtimeVersion: string;
  readonly runtimeVersionArn: string;
}

/** EVT-23: `errorType` accompanies `error` and `failure` only. */
export interface Verdict {
  readonly status: Status;
  readonly errorType?: string;
}

/** EVT-21 */
export type ReportedExtensionState =
  | "Started"
  | "Registered"
  | "Ready"
  | "Running"
  | "InitError"
  | "ExitError"
  | "ShutdownFailed"
  | "Exited"
  | "LaunchError";

interface EnvironmentFacts {
  readonly functionName: string;
  readonly functionVersion: string;
  /** The environment's log stream name (EVT-18). */
  readonly instanceId: string;
  /** Bytes (EVT-19). */
  readonly instanceMaxMemory: number;
  readonly runtimeVersion?: RuntimeVersion;
}

export interface InitStart extends EnvironmentFacts {
  readonly type: "platform.initStart";
  readonly initializationType: InitializationType;
  readonly phase: InitPhase;
}

export interface InitRuntimeDone extends Verdict {
  readonly type: "platform.initRuntimeDone";
  readonly initializationType: InitializationType;
  readonly phase: InitPhase;
}

export interface InitReport extends Verdict {
  readonly type: "platform.initReport";
  readonly initializationType: InitializationType;
  readonly phase: InitPhase;
  readonly durationMs: number;
}

export interface RestoreStart extends EnvironmentFacts {
  readonly type: "platform.restoreStart";
}

interface RestoreRuntimeDone extends Verdict {
  readonly type: "platform.restoreRuntimeDone";
}

export interface RestoreReport extends Verdict {
  readonly type: "platform.restoreReport";
  readonly durationMs: number;
}

export interface Start {
  readonly type: "platform.start";
  readonly requestId: string;
  readonly functionArn: string;
  readonly version: string;
  readonly tracing?: Tracing;
  readonly tenantId?: string;
}

export interface RuntimeDone extends Verdict {
  readonly type: "platform.runtimeDone";
  readonly requestId: string;
  readonly durationMs: number;
  readonly producedBytes: number;
  readonly spans: readonly Span[];
  readonly tracing?: Tracing;
  readonly tenantId?: string;
}

export interface Report extends Verdict {
  readonly type: "platform.report";
  readonly requestId: string;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  readonly memorySizeMB: number;
  /** Measured by the host when the record is accepted (ENV-82, EVT-62). */
  readonly maxMemoryUsedMB: number;
  /** The caller was answered with an error of the function's, which is a success of the environment (LIFE-44, OBS-44). */
  readonly functionFailed?: true;
  readonly initDurationMs?: number;
  readonly restoreDurationMs?: number;
  readonly billedRestoreDurationMs?: number;
  readonly spans: readonly Span[];
  readonly tracing?: Tracing;
  readonly tenantId?: string;
  /** Only of an invocation the platform makes segments of (OBS-67); no event shows it. */
  readonly traced?: TracedInvocation;
}

export interface ExtensionReport {
  readonly type: "platform.extension";
  readonly name: string;
  readonly state: ReportedExtensionState;
  readonly events: readonly ExtensionEventName[];
  readonly errorType?: string;
}

/** TEL-14 */
export type TelemetryType = "platform" | "function" | "extension";

export interface SubscriptionReport {
  readonly type: "platform.telemetrySubscription" | "platform.logsSubscription";
  readonly name: string;
  readonly state: "Subscribed" | "Already subscribed";
  readonly types: readonly TelemetryType[];
}

interface LogsDropped {
  readonly type: "platform.logsDropped";
  readonly reason: string;
  readonly droppedRecords: number;
  readonly droppedBytes: number;
}

/** What the environment itself emits. */
export type LifeCycleRecord =
  | InitStart
  | InitRuntimeDone
  | InitReport
  | RestoreStart
  | RestoreRuntimeDone
  | RestoreReport
  | Start
  | RuntimeDone
  | Report
  | ExtensionReport;

export type PlatformRecord = LifeCycleRecord | SubscriptionReport | LogsDropped;

/** CAP-48, in rising order. */
export const logLevels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export type LogLevel = (typeof logLevels)[number];

/** CAP-38 */
export type LogFormat = "Text" | "JSON";

/** One line or frame of output (CAP-07, CAP-27). */
export interface LogLine {
  readonly type: "function" | "extension";
  /** With its LF, when it had one. */
  readonly text: string;
  /** The extension's name; absent for the runtime. */
  readonly extensionName?: string;
  readonly stream: "stdout" | "stderr" | "log";
  /** Level of a framed record, when its header had one (CAP-25). */
  readonly frameLevel?: LogLevel;
  /** A piece of a line or frame that was too long for one record (CAP-19, CAP-22): never a JSON object (CAP-21). */
  readonly cut?: true;
}

/** A record as the platform accepted it. `time` is when it was generated, or the line completed (EVT-02). */
export type TelemetryRecord = { readonly time: EpochMs } & (PlatformRecord | LogLine);
