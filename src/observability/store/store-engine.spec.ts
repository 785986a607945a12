import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LogRow } from "../logs/log-table.ts";
import { openStore } from "./open-store.ts";
import { StoreEngine } from "./store-engine.ts";

const dayMs = 86_400_000;
const today = Date.UTC(2026, 10, 23);
const key = { region: "eu-west-1", logGroup: "/aws/lambda/tested" };
const to = { ...key, accountId: "123456789012", logStream: "one" };
const events = (count: number, message: string, at = today): LogRow[] =>
  Array.from({ length: count }, () => ({ to, timestamp: at, ingestionTime: at, message }));

let now = today;
let engine: StoreEngine;
const open = (limits: { maxBytes?: number; maxAgeMs?: number } = {}): StoreEngine =>
  new StoreEngine({ limits: { maxBytes: Infinity, maxAgeMs: Infinity, ...limits }, now: () => now });
const count = (): number => {
  const answer = engine.query("logs", "search", {
    ...key,
    start: 0,
    end: Infinity,
    pattern: "",
    limit: 100_000,
    maxBytes: 1e9,
  });
  return (answer as { events: readonly unknown[] }).events.length;
};
beforeEach(() => {
  now = today;
});
afterEach(() => engine.close());

test("what is older than the limit is forgotten, and streams without events with it", () => {
  engine = open({ maxAgeMs: 2 * dayMs });
  engine.insert({ logs: events(50, "old", today) });
  engine.insert({ logs: events(20, "new", today + dayMs).map((row) => ({ ...row, to: { ...to, logStream: "two" } })) });
  now = today + 2 * dayMs + 1;
  engine.tidy();
  expect(count()).toBe(20);
  expect(
    engine.query("logs", "streams", {
      ...key,
      prefix: "",
      orderBy: "LogStreamName",
      descending: false,
      offset: 0,
      limit: 9,
    }),
  ).toMatchObject([{ name: "two" }]);
  expect(engine.query("logs", "group", key)).toMatchObject({ stored_bytes: 20 * (3 + 26) });
});

test("more than can be forgotten in one go is gone on with at once, part by part", () => {
  engine = open({ maxAgeMs: dayMs });
  engine.insert({ logs: [...events(45_000, "old", today), ...events(5, "new", today + 2 * dayMs)] });
  now = today + 2 * dayMs;
  expect([engine.tidy(), engine.tidy(), engine.tidy(), engine.tidy()]).toEqual([true, true, false, false]);
  expect(count()).toBe(5);
});

test("what is more than the limit is forgotten, oldest first", () => {
  engine = open({ maxBytes: 2_000_000 });
  for (let part = 0; part < 40; part++)
    engine.insert({ logs: events(100, String(part).padEnd(1000, "x"), today + part) });
  let rounds = 0;
  while (engine.tidy()) rounds++;
  expect(rounds).toBeGreaterThan(0);
  const left = count();
  expect(left).toBeGreaterThan(500);
  expect(left).toBeLessThan(2000);
  const last = engine.query("logs", "events", {
    ...to,
    start: 0,
    end: Infinity,
    from: { kind: "tail" },
    limit: 1,
    maxBytes: 1e6,
  });
  expect(last).toMatchObject({ events: [{ timestamp: today + 39 }] });
});

test("retention of a group forgets its events by their own time", () => {
  engine = open();
  engine.insert({ logs: [...events(5, "old", today - 2 * dayMs), ...events(3, "new", today)] });
  engine.command("logs", "setRetention", { ...key, days: 1 });
  engine.tidy();
  expect(count()).toBe(3);
});

test("the events of a removed stream are cleared away, part by part", () => {
  engine = open();
  engine.insert({ logs: events(25_000, "many") });
  engine.command("logs", "deleteStream", to);
  expect(count()).toBe(0);
  expect(engine.tidy()).toBe(true);
  while (engine.tidy());
  expect(engine.query("logs", "lastId", undefined)).toBe(0);
});

test.each([
  ["no database", "not a database ".repeat(1000), /file is not a database/],
  ["an empty one", "", /is no store of Lambdarium's/],
])("a reader refuses a file that is %s, before anything is asked", async (_, content, why) => {
  engine = open();
  const directory = mkdtempSync(path.join(tmpdir(), "lambdarium-store-"));
  writeFileSync(path.join(directory, "observability.db"), content);
  try {
    await expect(openStore({ directory, reader: true, runs: "here" })).rejects.toMatchObject({
      code: "store-unusable",
      message: expect.stringMatching(why),
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("a run that was killed is known by its time where this process has got its id", () => {
  engine = open();
  const directory = mkdtempSync(path.join(tmpdir(), "lambdarium-store-"));
  const limits = { maxBytes: Infinity, maxAgeMs: Infinity };
  const before = new StoreEngine({ directory, limits, now: () => today - dayMs });
  const others = [0, 1].map(() => new StoreEngine({ directory, limits, now: () => today }));
  try {
    expect(others.map(({ interruptedAt }) => interruptedAt)).toEqual([[today - dayMs], []]);
  } finally {
    for (const one of [before, ...others]) one.close();
    rmSync(directory, { recursive: true });
  }
});

test("a reader sees what another process has committed, and makes nothing itself", async () => {
  engine = open();
  const directory = mkdtempSync(path.join(tmpdir(), "lambdarium-store-"));
  try {
    await expect(openStore({ directory, reader: true, runs: "here" })).rejects.toMatchObject({
      code: "store-unusable",
    });
    const writer = await openStore({ directory, runs: "here" });
    const reader = await openStore({ directory, reader: true, runs: "here" });
    writer.insert("logs", events(2, "x", Date.now()), 10);
    await writer.flush();
    expect(await reader.query("logs", "lastId", undefined)).toBe(2);
    await expect(reader.command("logs", "deleteGroup", key)).rejects.toThrow(/readonly/);
    await reader.close();
    await writer.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
