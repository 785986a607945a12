import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { readAllWritten, readOutput } from "./output-reader.ts";
import type { ReadMeter } from "./output-reader.ts";

test("does not wait for a writer that never pauses", async () => {
  const meter: ReadMeter = { pieces: 0, open: 1 };
  let next = setImmediate(function flood() {
    meter.pieces += 1;
    next = setImmediate(flood);
  });
  await readAllWritten(meter);
  clearImmediate(next);
  expect(meter.pieces).toBeGreaterThan(1);
});

test("waits as long as pieces keep coming, up to its bound", async () => {
  const meter: ReadMeter = { pieces: 0, open: 1 };
  let turns = 0;
  let next = setImmediate(function readFive() {
    turns += 1;
    meter.pieces = Math.min(turns, 5);
    next = setImmediate(readFive);
  });
  await readAllWritten(meter);
  clearImmediate(next);
  expect(meter.pieces).toBe(5);
});

test("says once that a stream ended, although it is closed after its end, and counts it as closed", async () => {
  const meter: ReadMeter = { pieces: 0, open: 0 };
  const source = new PassThrough();
  const seen: string[] = [];
  readOutput("stderr", source, { onOutput: (_, bytes) => seen.push(String(bytes)), onOutputEnd: (s) => seen.push(s) }, [
    meter,
  ]);
  expect(meter.open).toBe(1);
  source.end("text");
  await new Promise((resolve) => source.once("close", resolve));
  expect(seen).toEqual(["text", "stderr"]);
  expect(meter).toEqual({ pieces: 1, open: 0 });
});
