import { expect, test } from "vitest";
import { embeddedMetrics } from "./embedded-metrics.ts";

const now = 1_700_000_000_000;
const publish = (message: string) => embeddedMetrics(message, { region: "eu-west-1", now });

interface Directive {
  readonly Namespace?: unknown;
  readonly Dimensions?: unknown;
  readonly Metrics?: unknown;
}
const directive = (changes: Directive = {}): Directive => ({
  Namespace: "Shop",
  Dimensions: [["service"]],
  Metrics: [{ Name: "orders", Unit: "Count" }],
  ...changes,
});
const event = (directives: readonly Directive[], members: object = {}, timestamp: unknown = now) =>
  JSON.stringify({
    _aws: { Timestamp: timestamp, CloudWatchMetrics: directives },
    service: "till",
    orders: 3,
    ...members,
  });

const names = (message: string) => publish(message).map(({ metric }) => metric.name);

test("[OBS-52] an object with the members of the format publishes, with its own time", () => {
  expect(publish(`${event([directive()])}\n`)).toEqual([
    {
      region: "eu-west-1",
      timestampMs: now,
      metric: { namespace: "Shop", name: "orders", dimensions: [{ name: "service", value: "till" }] },
      unit: "Count",
      storageResolution: 60,
      samples: { sampleCount: 1, sum: 3, minimum: 3, maximum: 3, distribution: [[3, 1]] },
    },
  ]);
});

test.each([
  ["text around it", `before ${event([directive()])}`],
  ["text after it", `${event([directive()])} after`],
  ["an array", `[${event([directive()])}]`],
  ["no timestamp", event([directive()], {}, null)],
  ["a timestamp in words", event([directive()], {}, "now")],
  ["a timestamp of more than two weeks ago", event([directive()], {}, now - 15 * 86_400_000)],
  ["a timestamp of more than two hours ahead", event([directive()], {}, now + 3 * 3_600_000)],
  ["directives that are no array", JSON.stringify({ _aws: { Timestamp: now, CloudWatchMetrics: {} } })],
])("[OBS-52] nothing is published with %s", (_, message) => {
  expect(publish(message)).toEqual([]);
});

test("[OBS-53] units and resolutions are the metric's own", () => {
  const metrics = [{ Name: "orders" }, { Name: "latency", Unit: "Milliseconds", StorageResolution: 1 }];
  const message = event([directive({ Metrics: metrics })], { latency: 1.5 });
  expect(publish(message)).toMatchObject([
    { unit: "None", storageResolution: 60 },
    { unit: "Milliseconds", storageResolution: 1, samples: { sum: 1.5 } },
  ]);
});

test("[OBS-54] each metric is published with each set of dimensions, the empty set included", () => {
  const sets = [[], ["service"], ["zone", "service"]];
  const published = publish(event([directive({ Dimensions: sets })], { zone: "a" }));
  expect(published.map(({ metric }) => metric.dimensions)).toEqual([
    [],
    [{ name: "service", value: "till" }],
    [
      { name: "service", value: "till" },
      { name: "zone", value: "a" },
    ],
  ]);
});

test("[OBS-54] an array publishes each of its numbers", () => {
  expect(publish(event([directive()], { orders: [4, 1, 4] }))).toMatchObject([
    { samples: { sampleCount: 3, sum: 9, minimum: 1, maximum: 4 } },
  ]);
});

const many = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);
const membersOf = (keys: readonly string[], value: unknown) => Object.fromEntries(keys.map((key) => [key, value]));

test.each([
  ["100 metrics", 100, event([directive({ Metrics: many(100).map((Name) => ({ Name })) })], membersOf(many(100), 1))],
  ["101 metrics", 0, event([directive({ Metrics: many(101).map((Name) => ({ Name })) })], membersOf(many(101), 1))],
  ["30 keys", 1, event([directive({ Dimensions: [many(30)] })], membersOf(many(30), "v"))],
  ["31 keys", 0, event([directive({ Dimensions: [many(31)] })], membersOf(many(31), "v"))],
  ["100 numbers", 1, event([directive()], { orders: Array.from({ length: 100 }, () => 1) })],
  ["101 numbers", 0, event([directive()], { orders: Array.from({ length: 101 }, () => 1) })],
  ["no number", 0, event([directive()], { orders: [] })],
  ["a number as text", 0, event([directive()], { orders: "3" })],
  ["a dimension of 1,024 characters", 1, event([directive()], { service: "s".repeat(1024) })],
  ["a dimension of 1,025 characters", 0, event([directive()], { service: "s".repeat(1025) })],
  ["an empty dimension", 0, event([directive()], { service: "" })],
  ["a dimension that is a number", 0, event([directive()], { service: 7 })],
  ["a dimension that is not there", 0, event([directive({ Dimensions: [["service", "zone"]] })])],
  [
    "one set of dimensions that is there and one that is not",
    0,
    event([directive({ Dimensions: [["service"], ["zone"]] })]),
  ],
  ["a metric that is not there", 0, event([directive({ Metrics: [{ Name: "missing" }] })])],
  ["a target below the root", 0, event([directive({ Metrics: [{ Name: "a.b" }] })], { a: { b: 1 } })],
  ["a unit nobody knows", 0, event([directive({ Metrics: [{ Name: "orders", Unit: "Orders" }] })])],
  ["a resolution of 30", 0, event([directive({ Metrics: [{ Name: "orders", StorageResolution: 30 }] })])],
  ["no namespace", 0, event([directive({ Namespace: undefined })])],
])("[OBS-55] with %s %i metrics are published", (_, count, message) => {
  expect(publish(message)).toHaveLength(count);
});

test("[OBS-56] of a directive with one bad metric nothing is published, of the others everything", () => {
  const bad = directive({ Metrics: [{ Name: "orders" }, { Name: "missing" }] });
  expect(names(event([bad, directive(), 7 as Directive]))).toEqual(["orders"]);
});

test("[OBS-57] the console's prefix is tolerated, other text is not", () => {
  const json = event([directive()]);
  expect(names(`2023-11-14T22:13:20.000Z\t8f1d6d0e-1c2b-4b3a-9d2f-000000000000\tINFO\t${json}\n`)).toEqual(["orders"]);
  expect(names(`2023-11-14T22:13:20.000Z INFO ${json}`)).toEqual([]);
});
