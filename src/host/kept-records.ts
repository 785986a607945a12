/** Keeps everything an environment writes in a directory: logs, metrics, traces. */
import type { Sink } from "../observability/sinks.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { systemClock } from "./clock.ts";

export interface KeptRecords {
  readonly sinks: readonly Sink[];
  /** What was told before somebody listened, and what is told from now on. */
  readonly listen: (listener: (text: string) => void) => void;
  readonly close: () => Promise<void>;
}

/** @throws LambdariumError `store-unusable` */
export async function keepRecords(directory: string, hosted: HostedFunction): Promise<KeptRecords> {
  // Loaded when asked for: nobody else pays for the database.
  const { openObservability } = await import("../observability/open-observability.ts");
  const early: string[] = [];
  let tell = (text: string): void => void early.push(text);
  const { sinks, close } = await openObservability({
    directory,
    now: systemClock.now,
    accountId: hosted.accountId,
    defaultRegion: hosted.region,
    notice: (text) => tell(text),
  });
  return {
    sinks,
    listen: (listener) => {
      for (const text of early.splice(0)) listener(text);
      tell = listener;
    },
    close,
  };
}
