/** What an environment is told about its function; fixed for its life (ENV-58). */
import type { InitializationType, RuntimeVersion } from "../protocol/telemetry-records.ts";

export interface EnvironmentConfiguration {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly functionVersion: string;
  readonly memorySizeMb: number;
  /** 1,000 to 900,000, whole seconds (LIFE-52). */
  readonly timeoutMs: number;
  readonly initializationType: InitializationType;
  readonly logStreamName: string;
  readonly runtimeVersion?: RuntimeVersion;
  /** False keeps the processes running between phases (LIFE-102). */
  readonly freeze: boolean;
  /** Limit of the Init phase; `initLimitMs` gives Lambda's (LIFE-17, LIFE-18, LIFE-20). */
  readonly initLimitMs: number;
  /** LIFE-121: 10,000 on Lambda. */
  readonly restoreLimitMs: number;
}

/** LIFE-17: 10 s on demand. LIFE-18: otherwise the larger of 130 s and the timeout, at most 900 s. */
export function initLimitMs(initializationType: InitializationType, timeoutMs: number): number {
  return initializationType === "on-demand" ? 10_000 : Math.min(900_000, Math.max(130_000, timeoutMs));
}

/** LIFE-121 */
export const restoreLimitMs = 10_000;
