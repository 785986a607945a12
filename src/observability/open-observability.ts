/** Logs, metrics and traces together: one store, the sinks that fill it, the APIs that read it. */
import type { AwsApi } from "../aws-api/exchange.ts";
import { logsApi } from "./logs/api/logs-api.ts";
import { logSink } from "./logs/log-sink.ts";
import type { Sink } from "./sinks.ts";
import { openStore, type Store, type StoreOptions } from "./store/open-store.ts";

export interface ObservabilityOptions extends StoreOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 12 digits: owner of log groups that clients create. */
  readonly accountId: string;
  /** Of requests that are not signed. */
  readonly defaultRegion: string;
}

export interface Observability {
  readonly store: Store;
  /** What `HostSettings.sinks` takes. */
  readonly sinks: readonly Sink[];
  /** What the front door takes. */
  readonly apis: readonly AwsApi[];
  readonly close: () => Promise<void>;
}

/** @throws LambdariumError `store-unusable`. */
export async function openObservability(options: ObservabilityOptions): Promise<Observability> {
  const store = await openStore(options);
  const sinks = [logSink(store, options.now)];
  return {
    store,
    sinks,
    apis: [logsApi({ store, ...options })],
    close: async () => {
      for (const sink of sinks) await sink.close();
      await store.close();
    },
  };
}
