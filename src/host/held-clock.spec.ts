import { expect, test } from "vitest";
import { MovedClock } from "../../test/fixtures/moved-clock.ts";
import { HeldClock } from "./held-clock.ts";

function started() {
  const below = new MovedClock(1000);
  const clock = new HeldClock(below);
  const called: number[] = [];
  return { below, clock, called, note: () => called.push(clock.now()) };
}

test("runs as the clock below it while it is not held", () => {
  const { below, clock, called, note } = started();
  clock.at(1500, note);
  below.move(499);
  expect(called).toEqual([]);
  below.move(1);
  expect(called).toEqual([1500]);
});

test("stands still while it is held, and calls back later by that time", () => {
  const { below, clock, called, note } = started();
  clock.at(1500, note);
  below.move(100);
  clock.hold();
  below.move(60_000);
  expect({ now: clock.now(), called }).toEqual({ now: 1100, called: [] });
  clock.release();
  expect(clock.now()).toBe(1100);
  below.move(399);
  expect(called).toEqual([]);
  below.move(1);
  expect(called).toEqual([1500]);
});

test("what is arranged while it is held waits too", () => {
  const { below, clock, called, note } = started();
  clock.hold();
  clock.at(1000, note);
  below.move(5000);
  clock.release();
  expect(called).toEqual([]);
  below.move(0);
  expect(called).toEqual([1000]);
});

test("is released when all who held it have released it", () => {
  const { below, clock } = started();
  clock.hold();
  clock.hold();
  clock.release();
  below.move(10);
  expect(clock.now()).toBe(1000);
  clock.release();
  below.move(10);
  expect(clock.now()).toBe(1010);
});

test.each([
  ["before it is held", (call: () => void) => call(), () => {}],
  ["while it is held", () => {}, (call: () => void) => call()],
])("calls nobody back who called it off %s", (_, before, during) => {
  const { below, clock, called, note } = started();
  const callOff = clock.at(1500, note);
  before(callOff);
  clock.hold();
  during(callOff);
  clock.release();
  below.move(10_000);
  expect(called).toEqual([]);
  expect(below.waiting).toBe(0);
});
