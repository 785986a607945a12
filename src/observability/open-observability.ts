/** Logs, metrics and traces together: one store, the sinks that fill it, the APIs that read it. */
import type { AwsApi } from "../aws-api/exchange.ts";
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
  readonly close: () => Promise<void>;
}

/** @throws LambdariumError `store-unusable`. */
export async function openObservability(options: ObservabilityOptions): Promise<Observability> {
  const store = await openStore(options);
  const sinks = [
    logSink(store, options.now),
    metricSink(store, options.isWeighted),
    traceSink(storedSegments(store, options.now)),
    ...(options.xrayDaemon === undefined ? [] : [daemonForwarder(options.xrayDaemon, options.notice)]),
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
    serviceMetrics: storedServiceMetrics(store),
    close: async () => {
      for (const sink of sinks) await sink.close();
      await store.close();
    },
  };
}
