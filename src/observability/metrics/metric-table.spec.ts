import { expect, test } from "vitest";
import type { LogRow } from "../logs/log-table.ts";
import { openStore } from "../store/open-store.ts";
import { StoreEngine } from "../store/store-engine.ts";
import { storedMetrics, storedServiceMetrics } from "./metric-sink.ts";
import { type Datapoint, metricOf } from "./metric.ts";
import { sampleOf } from "./samples.ts";

const region = "eu-west-1";
const metric = metricOf("Shop", "orders", []);
const measured = (timestampMs: number, value: number, of = metric): Datapoint => ({
  region,
  metric: of,
  timestampMs,
  unit: "Count",
  storageResolution: 60,
  samples: sampleOf(value),
});

test("the samples of a minute become one row, in one batch or in several", async () => {
  const store = await openStore({ runs: "here" });
  const metrics = storedMetrics(store);
  metrics.put([measured(60_000, 1), measured(119_999, 3)]);
  await store.flush();
  metrics.put([measured(61_000, 3), measured(120_000, 9)]);
  expect(await metrics.read(region, metric, 0, 180_000)).toEqual([
    {
      timestampMs: 60_000,
      unit: "Count",
      samples: {
        sampleCount: 3,
        sum: 7,
        minimum: 1,
        maximum: 3,
        distribution: [
          [1, 1],
          [3, 2],
        ],
      },
    },
    { timestampMs: 120_000, unit: "Count", samples: sampleOf(9) },
  ]);
  await store.close();
});

test("what the service measures is there with all its dimensions", async () => {
  const store = await openStore({ runs: "here" });
  storedServiceMetrics(store).admitted({ region, functionName: "shop" }, 60_000, true);
  const all = await storedMetrics(store).list(region, { namespace: "AWS/Lambda", name: "Throttles" });
  expect(all.map(({ dimensions }) => dimensions.length)).toEqual([2, 1, 0]);
  await store.close();
});

const now = Date.UTC(2026, 10, 23);
const row = (message: string): LogRow => ({
  to: { region, accountId: "123456789012", logGroup: "/any/group", logStream: "one" },
  timestamp: now,
  ingestionTime: now,
  message,
});
const embedded = JSON.stringify({
  _aws: { Timestamp: now, CloudWatchMetrics: [{ Namespace: "Shop", Dimensions: [[]], Metrics: [{ Name: "orders" }] }] },
  orders: 4,
});

test("[OBS-57, OBS-58] log events of any origin publish their metrics when they are stored", async () => {
  const store = await openStore({ runs: "here" });
  store.insert("logs", [row("plain text"), row(embedded)], 100);
  expect(await storedMetrics(store).read(region, metric, now, now + 1)).toMatchObject([{ samples: { sum: 4 } }]);
  await store.close();
});

const engineAt = (time: { nowMs: number }, limits: { maxBytes: number; maxAgeMs: number }) =>
  new StoreEngine({ limits, now: () => time.nowMs });
const rowsOf = (engine: StoreEngine) =>
  engine.query("metrics", "read", { region, metric, fromMs: 0, toMs: Infinity }) as { timestampMs: number }[];

test("samples that are too old are forgotten, and metrics that have no others", () => {
  const time = { nowMs: 0 };
  const engine = engineAt(time, { maxBytes: Infinity, maxAgeMs: 600_000 });
  engine.insert({ metrics: [measured(0, 1), measured(900_000, 1), measured(0, 1, metricOf("Shop", "old", []))] });
  time.nowMs = 1_200_000;
  engine.tidy();
  expect(rowsOf(engine).map(({ timestampMs }) => timestampMs)).toEqual([900_000]);
  expect(engine.query("metrics", "list", { region, filter: {} })).toEqual([metric]);
  engine.close();
});

test("when the store is too large, the oldest samples go first", () => {
  const engine = engineAt({ nowMs: 0 }, { maxBytes: 300_000, maxAgeMs: Infinity });
  engine.insert({ metrics: Array.from({ length: 5000 }, (_, index) => measured(index * 60_000, index)) });
  const before = rowsOf(engine).length;
  engine.tidy();
  const kept = rowsOf(engine);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(before);
  expect(kept.at(-1)?.timestampMs).toBe(4999 * 60_000);
  engine.close();
});
