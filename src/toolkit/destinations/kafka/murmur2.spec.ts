import { expect, test } from "vitest";
import { murmur2, partitionOf } from "./murmur2.ts";

// The vectors of Kafka's own test of its producer (UtilsTest).
test.each([
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ["abc", 479470107],
])("hashes %s as Kafka's producer does", (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

test("a negative hash has a partition too", () => {
  expect(partitionOf(-1, 8)).toBe(7);
});
