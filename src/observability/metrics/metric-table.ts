/** Metrics as the store keeps them: one row for each metric, moment and unit, into which all samples of that moment go. */
import type { StoreDatabase } from "../store/database.ts";
import type { StoreQueries, StoreTable } from "../store/table.ts";
import { lambdaDatapoints, type LambdaMeasurement } from "./lambda-metrics.ts";
import { type Datapoint, keptAtMs, type Metric, metricKey } from "./metric.ts";
import { matches, type MetricFilter } from "./metric-store.ts";
import type { StoredSamples } from "./periods.ts";
import { merged, type Samples, type ValueCount } from "./samples.ts";

/** What Lambda measured travels as it is and becomes datapoints here, on the store's thread. */
export type MetricRow = Datapoint | LambdaMeasurement;

const schema = `
  CREATE TABLE IF NOT EXISTS metrics (
    id INTEGER PRIMARY KEY, region TEXT NOT NULL, key TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    dimensions TEXT NOT NULL, last_at INTEGER NOT NULL, UNIQUE (region, key));
  CREATE TABLE IF NOT EXISTS metric_samples (
    metric_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, unit TEXT NOT NULL, sample_count REAL NOT NULL,
    sum REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL, distribution TEXT,
    PRIMARY KEY (metric_id, timestamp, unit)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS metric_samples_by_time ON metric_samples (timestamp);
`;

export const metricTable = {
  create: (database: StoreDatabase): void => database.exec(schema),
  insert: insertMetrics,
  queries: { list, everyMetric, read },
  commands: {},
  removeBefore,
  removeOldest,
} satisfies StoreTable<MetricRow, StoreQueries, StoreQueries>;

export function insertMetrics(database: StoreDatabase, rows: readonly MetricRow[]): void {
  const moments = new Map<string, { readonly datapoint: Datapoint; readonly parts: Samples[] }>();
  for (const row of rows)
    for (const datapoint of "target" in row ? lambdaDatapoints(row) : [row]) {
      const { region, metric, unit, samples } = datapoint;
      const key = `${region} ${keptAtMs(datapoint)} ${unit} ${metricKey(metric)}`;
      const moment = moments.get(key);
      if (moment === undefined) moments.set(key, { datapoint, parts: [samples] });
      else moment.parts.push(samples);
    }
  for (const { datapoint, parts } of moments.values()) add(database, datapoint, merged(parts));
}

interface SampleRow {
  readonly timestamp: number;
  readonly unit: string;
  readonly sample_count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly distribution: string | null;
}

function add(database: StoreDatabase, datapoint: Datapoint, samples: Samples): void {
  const timestamp = keptAtMs(datapoint);
  const id = metricId(database, datapoint, timestamp);
  const before = database.first<SampleRow>(
    "SELECT * FROM metric_samples WHERE metric_id = ? AND timestamp = ? AND unit = ?",
    id,
    timestamp,
    datapoint.unit,
  );
  const all = before === undefined ? samples : merged([samplesIn(before), samples]);
  database.run(
    "INSERT OR REPLACE INTO metric_samples VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    id,
    timestamp,
    datapoint.unit,
    all.sampleCount,
    all.sum,
    all.minimum,
    all.maximum,
    all.distribution === undefined ? null : JSON.stringify(all.distribution),
  );
}

function metricId(database: StoreDatabase, { region, metric }: Datapoint, timestamp: number): number {
  const { namespace, name, dimensions } = metric;
  const key = metricKey(metric);
  database.run(
    "INSERT INTO metrics (region, key, namespace, name, dimensions, last_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)",
    region,
    key,
    namespace,
    name,
    JSON.stringify(dimensions),
    timestamp,
  );
  return database.first<{ id: number }>("SELECT id FROM metrics WHERE region = ? AND key = ?", region, key)?.id ?? 0;
}

const samplesIn = (row: SampleRow): Samples => ({
  sampleCount: row.sample_count,
  sum: row.sum,
  minimum: row.minimum,
  maximum: row.maximum,
  ...(row.distribution === null ? {} : { distribution: JSON.parse(row.distribution) as readonly ValueCount[] }),
});

interface MetricColumns {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: string;
}

function list(
  database: StoreDatabase,
  { region, filter }: { readonly region: string; readonly filter: MetricFilter },
): readonly Metric[] {
  return database
    .all<MetricColumns>(
      "SELECT namespace, name, dimensions FROM metrics WHERE region = ? AND last_at >= ? ORDER BY key",
      region,
      filter.activeSinceMs ?? 0,
    )
    .map(({ namespace, name, dimensions }) => ({
      namespace,
      name,
      dimensions: JSON.parse(dimensions) as Metric["dimensions"],
    }))
    .filter((metric) => matches(metric, filter));
}

/** Of all regions; with a datapoint since then. */
function everyMetric(
  database: StoreDatabase,
  { sinceMs }: { readonly sinceMs: number },
): readonly { readonly region: string; readonly metric: Metric }[] {
  const regions = database.all<{ region: string }>("SELECT DISTINCT region FROM metrics ORDER BY region");
  return regions.flatMap(({ region }) =>
    list(database, { region, filter: { activeSinceMs: sinceMs } }).map((metric) => ({ region, metric })),
  );
}

export interface MetricRange {
  readonly region: string;
  readonly metric: Metric;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

function read(database: StoreDatabase, { region, metric, fromMs, toMs }: MetricRange): readonly StoredSamples[] {
  return database
    .all<SampleRow>(
      "SELECT s.* FROM metric_samples s JOIN metrics m ON m.id = s.metric_id WHERE m.region = ? AND m.key = ? AND s.timestamp >= ? AND s.timestamp < ? ORDER BY s.timestamp",
      region,
      metricKey(metric),
      fromMs,
      toMs,
    )
    .map((row) => ({ timestampMs: row.timestamp, unit: row.unit, samples: samplesIn(row) }));
}

function removeBefore(database: StoreDatabase, epochMs: number): boolean {
  database.run("DELETE FROM metric_samples WHERE timestamp < ?", epochMs);
  database.run("DELETE FROM metrics WHERE last_at < ?", epochMs);
  return false;
}

function removeOldest(database: StoreDatabase, share: number): void {
  const count = database.first<{ count: number }>("SELECT count(*) AS count FROM metric_samples")?.count ?? 0;
  const until = database.first<{ timestamp: number }>(
    "SELECT timestamp FROM metric_samples ORDER BY timestamp LIMIT 1 OFFSET ?",
    Math.ceil(count * share),
  );
  if (until !== undefined) removeBefore(database, until.timestamp);
}
