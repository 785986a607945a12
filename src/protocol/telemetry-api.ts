/** What a subscription may say, Telemetry API and Logs API, as data (spec: telemetry-api, logs-api). */
import type { TelemetryType } from "./telemetry-records.ts";

/** TEL-13 */
export const telemetryVersions = ["2022-07-01", "2022-12-13", "2025-01-29"] as const;
export type TelemetryVersion = (typeof telemetryVersions)[number];

/** LGS-02 */
export const logsVersions = ["2020-08-15", "2021-03-18"] as const;
export type LogsVersion = (typeof logsVersions)[number];

export type SchemaVersion = LogsVersion | TelemetryVersion;

/** All versions in the order the refusal of an unknown one lists them (TEL-47). */
export const schemaVersions = [...logsVersions, ...telemetryVersions] as const;

export const telemetryTypes = ["platform", "function", "extension"] as const satisfies readonly TelemetryType[];

/** Names the parser of `types` knows but a subscription may not use, in the order of TEL-50. */
export const platformEventNames = [
  "platform.start",
  "platform.end",
  "platform.report",
  "platform.fault",
  "platform.extension",
  "platform.logsDropped",
  "platform.logsSubscription",
  "platform.telemetrySubscription",
  "platform.runtimeDone",
  "platform.initStart",
  "platform.initRuntimeDone",
  "platform.initReport",
  "platform.restoreStart",
  "platform.restoreRuntimeDone",
  "platform.restoreReport",
] as const;

export type PlatformEventName = (typeof platformEventNames)[number];

export interface BufferingLimit {
  readonly least: number;
  readonly most: number;
  readonly standard: number;
}

/** TEL-28 to TEL-30 */
export const bufferingLimits = {
  timeoutMs: { least: 25, most: 30_000, standard: 1000 },
  maxBytes: { least: 262_144, most: 1_048_576, standard: 262_144 },
  maxItems: { least: 1000, most: 10_000, standard: 10_000 },
} as const satisfies Record<string, BufferingLimit>;

/** TEL-23 */
export const reservedPort = 9001;

/** TEL-24, compared without case. */
export const destinationHosts: readonly string[] = ["sandbox.localdomain", "sandbox"];

/** TEL-68 */
export const maxSubscriptions = 128;

/** DLV-50 */
export const droppedReason =
  "Some logs were dropped because the downstream consumer is slower than the logs production rate";
