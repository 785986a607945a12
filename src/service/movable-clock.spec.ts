import { expect, test } from "vitest";
import { MovedClock } from "../../test/fixtures/moved-clock.ts";
import { durationMs, MovableClock } from "./movable-clock.ts";

function started(): { base: MovedClock; clock: MovableClock; told: string[] } {
  const base = new MovedClock(1_000_000);
  return { base, clock: new MovableClock(base), told: [] };
}

test("it goes with the machine's clock and ahead of it by what it was moved", () => {
  const { base, clock } = started();
  clock.advance(5000);
  base.move(10);
  expect(clock.now()).toBe(1_005_010);
  expect(clock.movedMs).toBe(5000);
});

test("what becomes due on the way is called back at its own time, in order", () => {
  const { clock, told } = started();
  clock.at(1_000_300, () => told.push(`second at ${clock.now()}`));
  clock.at(1_000_100, () => {
    told.push(`first at ${clock.now()}`);
    clock.at(1_000_200, () => told.push(`between at ${clock.now()}`));
  });
  clock.at(1_002_000, () => told.push("too early"));
  clock.advance(1000);
  expect(told).toEqual(["first at 1000100", "between at 1000200", "second at 1000300"]);
});

test("what is not due after a move is due so much earlier on the machine's clock", () => {
  const { base, clock, told } = started();
  clock.at(1_002_000, () => told.push("due"));
  clock.advance(1500);
  base.move(499);
  expect(told).toEqual([]);
  base.move(1);
  expect(told).toEqual(["due"]);
});

test("what was called off is not called back, and leaves nothing behind", () => {
  const { base, clock, told } = started();
  clock.at(1_000_100, () => told.push("called"))();
  clock.advance(1000);
  base.move(1000);
  expect(told).toEqual([]);
  expect(base.waiting).toBe(0);
});

test.each([
  ["90", 90],
  ["250ms", 250],
  ["30s", 30_000],
  ["6m", 360_000],
  ["1.5h", 5_400_000],
  ["1d", 86_400_000],
  ["6 minutes", undefined],
  ["-1s", undefined],
  ["", undefined],
])("%j is %j milliseconds", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each([-1, Number.NaN, 1e300, "1000d", `${"9".repeat(400)}d`, null, {}, undefined])(
  "%j is no move of the clock",
  (given) => {
    expect(durationMs(given)).toBeUndefined();
  },
);
