import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";

test("tells milliseconds since the epoch, and never goes back", () => {
  const times = Array.from({ length: 100 }, () => systemClock.now());
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(Math.abs(times[0]! - Date.now())).toBeLessThan(60_000);
});

test("calls back at the time, never before it", async () => {
  const due = systemClock.now() + 20.7;
  const called = await new Promise<number>((resolve) => {
    systemClock.at(due, () => resolve(systemClock.now()));
  });
  expect(called).toBeGreaterThanOrEqual(due);
});

test("calls back at once, but later than now, for a time that is over", async () => {
  let called = false;
  const over = new Promise<void>((resolve) => {
    systemClock.at(0, () => {
      called = true;
      resolve();
    });
  });
  expect(called).toBe(false);
  await over;
});

test("calls nobody back who called it off", async () => {
  let called = false;
  systemClock.at(systemClock.now() + 5, () => (called = true))();
  await pause(30);
  expect(called).toBe(false);
});

test("waits for a time further away than Node.js can count", () => {
  let called = false;
  const callOff = systemClock.at(systemClock.now() + 1e12, () => (called = true));
  callOff();
  expect(called).toBe(false);
});
