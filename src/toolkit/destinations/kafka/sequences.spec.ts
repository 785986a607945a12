import { expect, test } from "vitest";
import { Sequences } from "./sequences.ts";

const records = (count: number) => Array.from({ length: count }, (_, at) => ({ body: String(at), timeMs: at }));

test("counts the records of each partition from 0", () => {
  const sequences = new Sequences(7n, 0);
  expect(sequences.begin("a", records(3))).toBe(0);
  sequences.stored("a");
  expect(sequences.begin("a", records(2))).toBe(3);
  expect(sequences.begin("b", records(2))).toBe(0);
});

test("gives what is in doubt the numbers it had, and nothing else in its place", () => {
  const sequences = new Sequences(7n, 0);
  const inDoubt = records(3);
  sequences.begin("a", inDoubt);
  expect(sequences.begin("a", [...inDoubt])).toBe(0);
  expect(sequences.begin("a", inDoubt.slice(1))).toBeUndefined();
  expect(sequences.begin("a", records(3))).toBeUndefined();
});

test("gives the numbers of what will never be stored to others", () => {
  const sequences = new Sequences(7n, 0);
  const refused = records(3);
  sequences.begin("a", refused);
  sequences.notStored("a");
  expect(sequences.begin("a", refused.slice(1))).toBe(0);
});
