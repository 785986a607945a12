import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import { Records } from "./records.ts";

const line = fc.record(
  {
    time: fc.nat(),
    type: fc.constantFrom("function" as const, "extension" as const),
    stream: fc.constantFrom("stdout" as const, "stderr" as const, "log" as const),
    text: fc.string({ unit: "grapheme" }),
    extensionName: fc.constantFrom("first", "second"),
    frameLevel: fc.constantFrom("INFO" as const, "ERROR" as const),
    cut: fc.constant(true as const),
  },
  { requiredKeys: ["time", "type", "stream", "text"] },
);
const platform = fc.record({ time: fc.nat(), requestId: fc.uuid() }).map(({ time, requestId }): TelemetryRecord => ({
  time,
  type: "platform.start",
  requestId,
  version: "1",
  functionArn: "",
}));

test("gives every record back as it came, however many there were", () => {
  const some = fc.array(fc.oneof({ weight: 5, arbitrary: line }, platform), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(some, (given) => {
      const records = new Records();
      const all = Array.from({ length: 1200 }, (_, at) => given[at % given.length] as TelemetryRecord);
      for (const record of all) records.accept(record);
      expect([...records]).toEqual(all);
      expect(records.at(700)).toEqual(all[700]);
      expect(records.at(1200)).toBeUndefined();
    }),
    { numRuns: 20 },
  );
});

const numbered = (time: number, text: string): TelemetryRecord => ({ time, type: "function", stream: "stdout", text });

test("forgets the oldest of very many, and still numbers the others by when they came", () => {
  const records = new Records();
  for (let count = 0; count < 250_000; count++) records.accept(numbered(count, "line\n"));
  expect(records.count).toBe(250_000);
  expect(records.forgotten).toBeGreaterThanOrEqual(49_000);
  expect(records.at(records.forgotten - 1)).toBeUndefined();
  expect(records.at(records.forgotten)).toMatchObject({ time: records.forgotten });
  expect(records.at(249_999)).toMatchObject({ time: 249_999, text: "line\n" });
});

test("keeps nothing when nothing is to be kept, and still tells whoever listens", () => {
  const records = new Records(0);
  const heard: TelemetryRecord[] = [];
  records.listen((record) => heard.push(record));
  for (let count = 0; count < 600; count++) records.accept(numbered(count, "line\n"));
  expect([...records]).toEqual([]);
  expect([records.count, records.forgotten, heard.length]).toEqual([600, 600, 600]);
});

test("forgets long lines sooner", () => {
  const records = new Records();
  for (let count = 0; count < 2000; count++) records.accept(numbered(count, "x".repeat(100_000)));
  expect(records.forgotten).toBeGreaterThan(1000);
  expect(records.at(1999)).toMatchObject({ time: 1999 });
});

test("tells whoever follows of each new record, and ends", async () => {
  const records = new Records();
  records.accept(numbered(1, "before\n"));
  const followed = (async () => {
    const seen: number[] = [];
    for await (const { time } of records.follow()) seen.push(time);
    return seen;
  })();
  for (let count = 2; count < 700; count++) records.accept(numbered(count, "line\n"));
  records.close();
  expect(await followed).toEqual(Array.from({ length: 698 }, (_, at) => at + 2));
});

test("tells listeners of each record at once, until they stop", () => {
  const records = new Records();
  const heard: number[] = [];
  const stop = records.listen(({ time }) => heard.push(time));
  records.accept(numbered(1, "one\n"));
  stop();
  records.accept(numbered(2, "two\n"));
  expect(heard).toEqual([1]);
});

test("gives whoever follows slowly the oldest that is left, each once", async () => {
  const records = new Records();
  const following = records.follow();
  const first = following.next();
  for (let count = 1; count <= 250_000; count++) records.accept(numbered(count, "line\n"));
  records.close();
  await first;
  let seen = 0;
  let last = 0;
  let backward = 0;
  for await (const { time } of following) {
    backward += Number(time <= last);
    last = time;
    seen++;
  }
  expect([last, backward]).toEqual([250_000, 0]);
  expect(seen).toBeLessThan(250_000);
});
