import { expect, test } from "vitest";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import { Records } from "./records.ts";

const line = (text: string): TelemetryRecord => ({ time: 0, type: "function", stream: "stdout", text });
const texts = (records: readonly TelemetryRecord[]): readonly unknown[] =>
  records.map((record) => "text" in record && record.text);
const numbers = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

test("keeps the newest records of a flood, and says how many it forgot", () => {
  const records = new Records({ records: 10, characters: 1000 });
  for (const text of numbers(1, 21)) records.accept(line(text));
  expect(texts(records.kept)).toEqual(numbers(12, 21));
  expect(records.forgotten).toBe(11);
});

test("keeps no more text than its bound, however few records that is", () => {
  const records = new Records({ records: 10, characters: 100 });
  for (const text of ["a", "b", "c"]) records.accept(line(text.repeat(40)));
  expect(texts(records.kept)).toEqual(["c".repeat(40)]);
  expect(records.forgotten).toBe(2);
});

test("keeps one record that is larger than its bound by itself", () => {
  const records = new Records({ records: 10, characters: 10 });
  records.accept(line("x".repeat(100)));
  expect(records.kept).toHaveLength(1);
});

test("tells listeners of each record at once, until they stop", () => {
  const records = new Records();
  const heard: TelemetryRecord[] = [];
  const stop = records.listen((record) => heard.push(record));
  records.accept(line("one"));
  stop();
  records.accept(line("two"));
  expect(texts(heard)).toEqual(["one"]);
});

test("gives those who follow what comes from then on, and ends with the environment", async () => {
  const records = new Records();
  records.accept(line("before"));
  const heard: TelemetryRecord[] = [];
  const following = (async () => {
    for await (const record of records.follow()) heard.push(record);
  })();
  records.accept(line("one"));
  await new Promise((resolve) => setImmediate(resolve));
  records.accept(line("two"));
  records.accept(line("three"));
  records.close();
  await following;
  expect(texts(heard)).toEqual(["one", "two", "three"]);
});

test("does not lose its way when records are forgotten under those who follow", async () => {
  const records = new Records({ records: 2, characters: 1000 });
  const following = records.follow();
  const first = following.next();
  for (const text of numbers(1, 9)) records.accept(line(text));
  records.close();
  const heard = [(await first).value];
  for await (const record of following) heard.push(record);
  expect(texts(heard as TelemetryRecord[]).at(-1)).toBe("9");
  expect(texts(heard as TelemetryRecord[])).toEqual([...new Set(texts(heard as TelemetryRecord[]))]);
});
