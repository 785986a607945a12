/** Inputs and outputs of the operations of CloudWatch that are served, as AWS's model 2010-08-01 has them. */
import { boolean, double, integer, list, map, oneOf, string, structure, timestamp } from "../../aws-api/shapes.ts";
import { units } from "./metric.ts";
import { plainStatistics } from "./statistic.ts";

const namespace = string({ min: 1, max: 255 });
const metricName = string({ min: 1, max: 255 });
const dimensionName = string({ min: 1, max: 255 });
const dimensionValue = string({ min: 1, max: 1024 });
const period = integer({ min: 1 });
const unit = oneOf(units);

const dimension = structure({ Name: dimensionName, Value: dimensionValue }, ["Name", "Value"]);
const dimensions = list(dimension, { max: 30 });
const metric = structure({ Namespace: namespace, MetricName: metricName, Dimensions: dimensions });

const dimensionFilter = structure({ Name: dimensionName, Value: dimensionValue }, ["Name"]);
const accountId = string({ min: 1, max: 255 });

export const listMetricsInput = structure({
  Namespace: namespace,
  MetricName: metricName,
  Dimensions: list(dimensionFilter, { max: 10 }),
  NextToken: string(),
  RecentlyActive: oneOf(["PT3H"]),
  IncludeLinkedAccounts: boolean(),
  OwningAccount: accountId,
});

export const listMetricsOutput = structure({ Metrics: list(metric), NextToken: string() }, ["Metrics"]);

const metricStat = structure({ Metric: metric, Period: period, Stat: string(), Unit: unit }, [
  "Metric",
  "Period",
  "Stat",
]);

export const metricDataQuery = structure(
  {
    Id: string({ min: 1, max: 255 }),
    MetricStat: metricStat,
    Expression: string({ min: 1, max: 2048 }),
    Label: string(),
    ReturnData: boolean(),
    Period: period,
    AccountId: accountId,
  },
  ["Id"],
);

export const getMetricDataInput = structure(
  {
    MetricDataQueries: list(metricDataQuery),
    StartTime: timestamp(),
    EndTime: timestamp(),
    NextToken: string(),
    ScanBy: oneOf(["TimestampDescending", "TimestampAscending"]),
    MaxDatapoints: integer(),
    LabelOptions: structure({ Timezone: string() }),
  },
  ["MetricDataQueries", "StartTime", "EndTime"],
);

const messages = list(structure({ Code: string(), Value: string() }));

export const metricDataResult = structure(
  {
    Id: string(),
    Label: string(),
    Timestamps: list(timestamp()),
    Values: list(double()),
    StatusCode: oneOf(["Complete", "PartialData"]),
    Messages: messages,
  },
  ["Id", "Label", "Timestamps", "Values", "StatusCode"],
);

export const getMetricDataOutput = structure(
  { MetricDataResults: list(metricDataResult), NextToken: string(), Messages: messages },
  ["MetricDataResults"],
);

export const getMetricStatisticsInput = structure(
  {
    Namespace: namespace,
    MetricName: metricName,
    Dimensions: dimensions,
    StartTime: timestamp(),
    EndTime: timestamp(),
    Period: period,
    Statistics: list(oneOf(plainStatistics), { min: 1, max: 5 }),
    ExtendedStatistics: list(string(), { min: 1, max: 10 }),
    Unit: unit,
  },
  ["Namespace", "MetricName", "StartTime", "EndTime", "Period"],
);

export const datapoint = structure(
  {
    Timestamp: timestamp(),
    SampleCount: double(),
    Average: double(),
    Sum: double(),
    Minimum: double(),
    Maximum: double(),
    Unit: unit,
    ExtendedStatistics: map(double()),
  },
  ["Timestamp", "Unit"],
);

export const getMetricStatisticsOutput = structure({ Label: string(), Datapoints: list(datapoint) }, [
  "Label",
  "Datapoints",
]);

const statisticSet = structure({ SampleCount: double(), Sum: double(), Minimum: double(), Maximum: double() }, [
  "SampleCount",
  "Sum",
  "Minimum",
  "Maximum",
]);

export const metricDatum = structure(
  {
    MetricName: metricName,
    Dimensions: dimensions,
    Timestamp: timestamp(),
    Value: double(),
    StatisticValues: statisticSet,
    Values: list(double()),
    Counts: list(double()),
    Unit: unit,
    StorageResolution: integer({ min: 1 }),
  },
  ["MetricName"],
);

export const putMetricDataInput = structure(
  {
    Namespace: namespace,
    MetricData: list(metricDatum),
    EntityMetricData: list(structure({ MetricData: list(metricDatum) })),
    StrictEntityValidation: boolean(),
  },
  ["Namespace"],
);
