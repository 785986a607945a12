/** Metrics to CloudWatch: Lambda's own, and where logs are not forwarded those that log events carry. */
import type { MetricDatum, StandardUnit } from "@aws-sdk/client-cloudwatch";
import { type Destination, textItem } from "../../../toolkit/destinations/destination.ts";
import { logEvents } from "../../logs/log-events.ts";
import { embeddedMetrics } from "../../metrics/embedded-metrics.ts";
import { lambdaDatapoints } from "../../metrics/lambda-metrics.ts";
import { type Datapoint, keptAtMs, metricKey } from "../../metrics/metric.ts";
import { merged } from "../../metrics/samples.ts";
import { loadTargetClient, RegionalClients } from "../aws-clients.ts";
import { judged } from "../sdk-results.ts";
import { Gathered, type IsOurselves, type Target } from "../target.ts";

/** CloudWatch lets nobody but AWS publish in a namespace that begins with `AWS/`. */
const forwardedNamespace = (namespace: string): string => namespace.replace(/^AWS\//, "Lambdarium/");

/** `withEmbedded`: CloudWatch itself reads the metrics in log events that it gets. */
export function cloudWatchMetricsTarget(withEmbedded: boolean, isOurselves: IsOurselves): Target {
  let datapoints: Datapoint[] = [];
  return {
    // Each request costs money, and CloudWatch keeps metrics by the minute.
    intervalMs: 10_000,
    destination: cloudWatchMetricsDestination(isOurselves),
    measured: (measurement) => void datapoints.push(...lambdaDatapoints(measurement)),
    open: (identity) => ({
      accept: (record) => {
        if (!withEmbedded || !("text" in record)) return;
        for (const { message, timestamp } of logEvents(record, identity))
          datapoints.push(...embeddedMetrics(message, { region: identity.region, now: timestamp }));
      },
    }),
    take: () => {
      const gathered = new Gathered();
      for (const datapoint of condensed(datapoints)) gathered.add("datapoint", datapoint.timestampMs, datapoint);
      datapoints = [];
      return gathered.take();
    },
  };
}

/** What belongs to one metric and one moment is one datapoint, as CloudWatch will keep it. */
function condensed(datapoints: readonly Datapoint[]): readonly Datapoint[] {
  const moments = new Map<string, Datapoint[]>();
  for (const datapoint of datapoints) {
    const key = JSON.stringify([datapoint.region, keptAtMs(datapoint), datapoint.unit, metricKey(datapoint.metric)]);
    const moment = moments.get(key);
    if (moment === undefined) moments.set(key, [datapoint]);
    else moment.push(datapoint);
  }
  return [...moments.values()].map((moment) => ({
    ...moment[0]!,
    timestampMs: keptAtMs(moment[0]!),
    samples: merged(moment.map(({ samples }) => samples)),
  }));
}

function cloudWatchMetricsDestination(isOurselves: IsOurselves): Destination {
  const clients = new RegionalClients(
    (config) => new (loadTargetClient("cloudwatch-metrics").CloudWatchClient)(config),
    isOurselves,
  );
  return {
    name: "cloudwatch-metrics",
    // PutMetricData: 1,000 metrics, 1 MB; what a datum becomes on the wire is somewhat longer than it is here.
    limits: { maxItems: 1000, maxBytes: 500_000 },
    encode: ({ type, time, record }) => {
      if (type !== "datapoint") return [];
      const datapoint = record as Datapoint;
      const route = JSON.stringify([datapoint.region, forwardedNamespace(datapoint.metric.namespace)]);
      return [{ ...textItem(JSON.stringify(datumOf(datapoint)), Date.parse(time)), route }];
    },
    send: ({ items, route, signal }) =>
      judged(signal, async () => {
        const [region, Namespace] = JSON.parse(route ?? "") as [region: string, namespace: string];
        const MetricData = items.map(({ body, timeMs }) => ({
          ...(JSON.parse(String(body)) as Omit<MetricDatum, "Timestamp">),
          Timestamp: new Date(timeMs),
        }));
        const sdk = loadTargetClient("cloudwatch-metrics");
        const command = new sdk.PutMetricDataCommand({ Namespace, MetricData });
        await clients.of(region).send(command, { abortSignal: signal });
        return { kind: "delivered" };
      }),
    close: clients.close,
  };
}

/** A datum has so many different values at most; of more, their statistics are sent. */
const mostValues = 150;

function datumOf({ metric, unit, storageResolution, samples }: Datapoint): Omit<MetricDatum, "Timestamp"> {
  const { sampleCount, sum, minimum, maximum, distribution } = samples;
  const values =
    distribution === undefined || distribution.length > mostValues
      ? { StatisticValues: { SampleCount: sampleCount, Sum: sum, Minimum: minimum, Maximum: maximum } }
      : { Values: distribution.map(([value]) => value), Counts: distribution.map(([, count]) => count) };
  return {
    MetricName: metric.name,
    Dimensions: metric.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
    Unit: unit as StandardUnit,
    StorageResolution: storageResolution,
    ...values,
  };
}
