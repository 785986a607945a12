/** Amazon CloudWatch's API, as far as metrics go, over every protocol its clients speak. */
import type { AwsApi } from "../../aws-api/exchange.ts";
import { type CallContext, operation } from "../../aws-api/rpc-operation.ts";
import { rpcApi } from "../../aws-api/rpc-api.ts";
import {
  getMetricDataInput,
  getMetricDataOutput,
  getMetricStatisticsInput,
  getMetricStatisticsOutput,
  listMetricsInput,
  listMetricsOutput,
  putMetricDataInput,
} from "./cloudwatch-shapes.ts";
import { getMetricData } from "./get-metric-data.ts";
import { getMetricStatistics } from "./get-metric-statistics.ts";
import { listMetrics } from "./list-metrics.ts";
import { datapointsOf } from "./metric-data-of.ts";
import type { MetricStore } from "./metric-store.ts";

export interface CloudWatchSettings {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Of requests that are not signed. */
  readonly defaultRegion: string;
}

/** 1 MB a request, compressed or not. */
const maxBodyBytes = 1_048_576;

export function cloudWatchApi(store: MetricStore, { now, defaultRegion }: CloudWatchSettings): AwsApi {
  const regionOf = ({ scope }: CallContext): string => scope?.region ?? defaultRegion;
  return rpcApi({
    service: "monitoring",
    names: {
      target: "GraniteServiceVersion20100801",
      version: "2010-08-01",
      xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
      errorNamespace: "com.amazonaws.cloudwatch",
    },
    maxBodyBytes,
    operations: {
      ListMetrics: operation(listMetricsInput, listMetricsOutput, (input, context) =>
        listMetrics(input, regionOf(context), now(), store),
      ),
      GetMetricData: operation(getMetricDataInput, getMetricDataOutput, (input, context) =>
        getMetricData(input, regionOf(context), now(), store),
      ),
      GetMetricStatistics: operation(getMetricStatisticsInput, getMetricStatisticsOutput, (input, context) =>
        getMetricStatistics(input, regionOf(context), now(), store),
      ),
      PutMetricData: operation(putMetricDataInput, undefined, (input, context) => {
        const checked = datapointsOf(input, regionOf(context), now());
        if ("refusal" in checked) return checked;
        store.put(checked.datapoints);
        return { output: undefined as never };
      }),
    },
    unknown: (name) => ({
      name: "UnknownOperationException",
      queryCode: "InvalidAction",
      status: 400,
      message: `The action ${name ?? "that was asked for"} is not supported here: only ListMetrics, GetMetricData, GetMetricStatistics and PutMetricData are.`,
    }),
  });
}
