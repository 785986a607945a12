/** What can be said about a delivery, and what holds when nothing is said. */
import { dirname, join } from "node:path";
import type { Destination } from "../destinations/destination.ts";
import type { BacklogSettings } from "../spool/backlog.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";
import type { PlanSettings } from "./plan.ts";
import type { Strategy } from "./traffic.ts";

export interface DeliverySettings {
  /** From `lambdarium/extension/destinations/…`, or one of your own. */
  readonly to: Destination;
  /** When to send; default `adaptive`. */
  readonly strategy?: Strategy;
  /** Milliseconds between two sendings in `periodic` and `continuous`; default 20,000, 0 sends at each INVOKE. */
  readonly intervalMs?: number;
  /** Milliseconds for which the next event is put off at most, once the function is done; default 2000. */
  readonly holdMs?: number;
  /** Milliseconds of each invocation's time that are never used; default 500. */
  readonly reserveMs?: number;
  /** Milliseconds in which a request must be answered, not counting a freeze; default 5000. */
  readonly requestTimeoutMs?: number;
  /** So many bytes waiting are sent at once, whatever the strategy; default 1 MiB. */
  readonly flushBytes?: number;
  /** Which records are delivered; default all. What it throws counts as no. */
  readonly select?: (record: TelemetryRecord) => boolean;
  /** Changes a record before it is written anywhere, to take secrets out of it. Throwing drops the record. */
  readonly transform?: (record: TelemetryRecord) => TelemetryRecord;
  /** Where batches lie until they are delivered; `false` keeps them in memory only, and a crash loses them. */
  readonly spool?: SpoolSettings | false;
  /** Where records go that the destination refused or that were too large, a line each; default nowhere. */
  readonly deadLetterFile?: string;
  /** Bytes of batches held in memory; default 4 MiB. */
  readonly maxMemoryBytes?: number;
}

export interface SpoolSettings {
  /** Default a directory of the extension's own in `/tmp`. */
  readonly directory?: string;
  /** Default 64 MiB. When it is full the oldest records are dropped, counted and reported. */
  readonly maxBytes?: number;
  /** Milliseconds; default 24 hours. */
  readonly maxAgeMs?: number;
}

const mebibyte = 1_048_576;

export const planSettings = (settings: DeliverySettings): PlanSettings => ({
  strategy: settings.strategy ?? "adaptive",
  intervalMs: settings.intervalMs ?? 20_000,
  holdMs: settings.holdMs ?? 2000,
  reserveMs: settings.reserveMs ?? 500,
  reportWaitMs: 250,
  flushBytes: settings.flushBytes ?? mebibyte,
});

export function backlogSettings(settings: DeliverySettings, extensionName: string, at: number): BacklogSettings {
  const spool = settings.spool === undefined ? {} : settings.spool;
  const named = spool === false ? undefined : (spool.directory ?? spoolDirectory(extensionName, at));
  return {
    directory: named,
    maxBytes: (spool === false ? undefined : spool.maxBytes) ?? 64 * mebibyte,
    maxAgeMs: (spool === false ? undefined : spool.maxAgeMs) ?? 86_400_000,
    maxMemoryBytes: settings.maxMemoryBytes ?? 4 * mebibyte,
  };
}

/**
 * `/tmp` survives a reset and goes with the environment. Where an emulator has no `/tmp` for each environment, the
 * environment's own directory does: what one has left must not be delivered by another.
 */
function spoolDirectory(extensionName: string, at: number): string {
  const opt = process.env["LAMBDARIUM_OPT"];
  const root = opt === undefined ? "/tmp" : dirname(opt);
  const name = extensionName.replaceAll(/[^\w.-]/g, "_");
  return join(root, `${name}.spool${at === 0 ? "" : `-${at + 1}`}`);
}
