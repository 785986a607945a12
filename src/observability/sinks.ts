/** Where the platform sends what environments write, whether or not an extension subscribes (OBS-01, OBS-02). */
import type { InitializationType, LogFormat, LogLevel, TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { TracingMode } from "../protocol/traced-invocation.ts";
import type { SystemLogLevel } from "../telemetry/log-levels.ts";
import type { KeptSegment } from "./traces/segment-document.ts";

/** What is fixed about an environment, for those that keep what it writes. */
export interface EnvironmentIdentity {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly functionVersion: string;
  /** Without a qualifier. */
  readonly functionArn: string;
  readonly region: string;
  /** 12 digits. */
  readonly accountId: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly logFormat: LogFormat;
  readonly systemLogLevel: SystemLogLevel;
  readonly applicationLogLevel: LogLevel;
  readonly memorySizeMb: number;
  readonly timeoutMs: number;
  readonly initializationType: InitializationType;
  readonly tracingMode: TracingMode;
  /** 32 lower-case hex digits. */
  readonly environmentId: string;
  /** Such as `nodejs22.x`. */
  readonly runtimeIdentifier: string;
}

/** Takes every record of one environment, in the order the platform accepted them; never throws, never waits. */
export interface EnvironmentSink {
  readonly accept: (record: TelemetryRecord) => void;
  /** Takes what the function sent to its X-Ray daemon (OBS-79, OBS-85). */
  readonly acceptSegment?: (segment: KeptSegment) => void;
  /** The environment is gone; nothing follows. */
  readonly close: () => void;
}

/** A store, a terminal, a forwarder. */
export interface Sink {
  readonly open: (identity: EnvironmentIdentity) => EnvironmentSink;
  /** Fulfilled when everything accepted so far is where it belongs. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}
