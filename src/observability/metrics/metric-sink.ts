/** Publishes the metrics of every environment's invocations (OBS-41). */
import type { Sink } from "../sinks.ts";
import type { Store } from "../store/open-store.ts";
import { InvocationMetrics } from "./invocation-metrics.ts";
import type { LambdaMeasurement } from "./lambda-metrics.ts";
import type { MetricStore } from "./metric-store.ts";
import { type ServiceMetrics, serviceMetrics } from "./service-metrics.ts";

/** About what a measurement takes on its way to the store. */
const measurementBytes = 512;

/** `isWeighted`: whether the alias that was called, by its ARN, leads to several versions (OBS-42). */
export function metricSink(store: Store, isWeighted: (functionArn: string) => boolean = () => false): Sink {
  return {
    open: ({ region, functionName, initializationType }) => {
      const metrics = new InvocationMetrics({ region, functionName, initializationType, isWeighted });
      return {
        accept: (record) => {
          const measurement = metrics.accept(record);
          if (measurement !== undefined) insert(store, measurement);
        },
        close: () => {},
      };
    },
    flush: () => store.flush(),
    close: () => store.flush(),
  };
}

const insert = (store: Store, measurement: LambdaMeasurement): void =>
  store.insert("metrics", [measurement], measurementBytes);

/** For the Lambda service, which knows what no environment does; `also` is told each measurement too. */
export const storedServiceMetrics = (
  store: Store,
  also: (measurement: LambdaMeasurement) => void = () => {},
): ServiceMetrics =>
  serviceMetrics((measurement) => {
    insert(store, measurement);
    also(measurement);
  });

export const storedMetrics = (store: Store): MetricStore => ({
  put: (datapoints) => store.insert("metrics", datapoints, datapoints.length * measurementBytes),
  list: (region, filter) => store.query("metrics", "list", { region, filter }),
  read: (region, metric, fromMs, toMs) => store.query("metrics", "read", { region, metric, fromMs, toMs }),
});
