/** What a report measures, under the names of OpenTelemetry's conventions for functions as a service. */
import { isRecord, type TelemetryRecord } from "../../telemetry-records.ts";
import { attributes, type KeyValue, type Metric, nanos } from "./model.ts";

export function metricsOf(record: TelemetryRecord): readonly Metric[] {
  if (!isRecord(record, "platform.report")) return [];
  const { metrics, status } = record.record;
  const time = Date.parse(record.time);
  const point = {
    attributes: attributes({ "faas.invocation_status": status }),
    startTimeUnixNano: nanos(time - metrics.durationMs),
    timeUnixNano: nanos(time),
  };
  const failed = status === "error" || status === "failure";
  return [
    histogram("faas.invoke_duration", "s", metrics.durationMs / 1000, point),
    ...(metrics.initDurationMs === undefined
      ? []
      : [
          histogram("faas.init_duration", "s", metrics.initDurationMs / 1000, point),
          counter("faas.coldstarts", "{coldstart}", point),
        ]),
    ...(metrics.maxMemoryUsedMB === undefined
      ? []
      : [histogram("faas.mem_usage", "By", metrics.maxMemoryUsedMB * 1_048_576, point)]),
    ...(metrics.billedDurationMs === undefined
      ? []
      : [histogram("aws.lambda.billed_duration", "s", metrics.billedDurationMs / 1000, point)]),
    counter("faas.invocations", "{invocation}", point),
    ...(failed ? [counter("faas.errors", "{error}", point)] : []),
    ...(status === "timeout" ? [counter("faas.timeouts", "{timeout}", point)] : []),
  ];
}

interface Point {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

/** One value: a histogram without bounds keeps it whole, in sum, least and most. */
const histogram = (name: string, unit: string, value: number, point: Point): Metric => ({
  name,
  unit,
  histogram: {
    aggregationTemporality: 1,
    dataPoints: [{ ...point, count: "1", sum: value, min: value, max: value, bucketCounts: ["1"], explicitBounds: [] }],
  },
});

const counter = (name: string, unit: string, point: Point): Metric => ({
  name,
  unit,
  sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...point, asInt: "1" }] },
});
