/** Logs, metrics and traces together: one store, the sinks that fill it, the APIs that read it. */
import type { AwsApi } from "../aws-api/exchange.ts";
import type { ForwardTarget } from "./forwarding/forward-target.ts";
import type { Forwarding } from "./forwarding/open-forwarding.ts";
import { insightsOperations } from "./insights/insights-operations.ts";
import { logsApi } from "./logs/api/logs-api.ts";
import { logSink } from "./logs/log-sink.ts";
import { cloudWatchApi } from "./metrics/cloudwatch-api.ts";
import { metricSink, storedMetrics, storedServiceMetrics } from "./metrics/metric-sink.ts";
import type { MetricStore } from "./metrics/metric-store.ts";
import type { ServiceMetrics } from "./metrics/service-metrics.ts";
import type { Sink } from "./sinks.ts";
import { openStore, type Store, type StoreOptions } from "./store/open-store.ts";
import { type DaemonAddress, daemonForwarder } from "./traces/daemon-forwarder.ts";
import { storedSegments } from "./traces/stored-segments.ts";
import { traceSink } from "./traces/trace-sink.ts";
import { xrayApi } from "./traces/xray-api.ts";

export interface ObservabilityOptions extends StoreOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 12 digits: owner of log groups that clients create. */
  readonly accountId: string;
  /** Of requests that are not signed. */
  readonly defaultRegion: string;
  /** A daemon of AWS's X-Ray that gets all segments too; see `parseDaemonAddress` (OBS-85). */
  readonly xrayDaemon?: DaemonAddress;
  /** Where else everything goes; default nowhere. */
  readonly forward?: readonly ForwardTarget[];
  /** Whether the alias with this ARN leads to several versions (OBS-42); default: none does. */
  readonly isWeighted?: (functionArn: string) => boolean;
}

export interface Observability {
  readonly store: Store;
  /** What `HostSettings.sinks` takes. */
  readonly sinks: readonly Sink[];
  /** What the front door takes. */
  readonly apis: readonly AwsApi[];
  readonly metrics: MetricStore;
  /** What only the Lambda service can tell. */
  readonly serviceMetrics: ServiceMetrics;
  /** Where `apis` are served: nothing is forwarded to there. */
  readonly servedAt: (endpoint: string) => void;
  readonly close: () => Promise<void>;
}

/** @throws LambdariumError `store-unusable`, `aws-client-missing`, `invalid-setting`. */
export async function openObservability(options: ObservabilityOptions): Promise<Observability> {
  const forwarding = await forwardingOf(options);
  const store = await openStore(options).catch(async (error: unknown) => {
    await forwarding?.close();
    throw error;
  });
  const sinks = [
    logSink(store, options.now),
    metricSink(store, options.isWeighted),
    traceSink(storedSegments(store, options.now)),
    ...(options.xrayDaemon === undefined ? [] : [daemonForwarder(options.xrayDaemon, options.notice)]),
    ...(forwarding === undefined ? [] : [forwarding.sink]),
  ];
  const metrics = storedMetrics(store);
  return {
    store,
    sinks,
    apis: [
      logsApi({ store, ...options }, insightsOperations({ store, ...options })),
      cloudWatchApi(metrics, options),
      xrayApi({ store, ...options }),
    ],
    metrics,
    serviceMetrics: storedServiceMetrics(store, forwarding?.measured),
    servedAt: (endpoint) => forwarding?.servedAt(endpoint),
    close: async () => {
      for (const sink of sinks) await sink.close();
      await forwarding?.close();
      await store.close();
    },
  };
}

/** Loaded when asked for: nobody else pays for a second thread. */
async function forwardingOf({ forward = [], ...options }: ObservabilityOptions): Promise<Forwarding | undefined> {
  if (forward.length === 0) return undefined;
  const { openForwarding } = await import("./forwarding/open-forwarding.ts");
  return openForwarding({ ...options, targets: forward });
}
