import { expect, test } from "vitest";
import { unsnappy } from "./snappy.ts";

const bytes = (...parts: readonly (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(typeof part === "number" ? [part] : part)));

test.each([
  ["a literal", bytes(5, 4 << 2, "hello"), "hello"],
  ["a literal whose length has a byte of its own", bytes(100, 60 << 2, 99, "x".repeat(100)), "x".repeat(100)],
  ["a copy with a short offset", bytes(8, 3 << 2, "abcd", 0b000_000_01, 4), "abcdabcd"],
  ["a copy that reaches into itself", bytes(9, 0, "a", (7 << 2) | 2, 1, 0), "aaaaaaaaa"],
  ["a copy with a long offset", bytes(4, 1 << 2, "ab", (1 << 2) | 3, 2, 0, 0, 0), "abab"],
  ["nothing", bytes(0), ""],
])("unpacks %s", (_, packed, text) => {
  expect(unsnappy(packed).toString()).toBe(text);
});

test.each([
  ["too little", bytes(9, 0, "a")],
  ["a copy of nothing", bytes(4, 1, 1)],
  ["no length", bytes(255, 255, 255, 255, 255)],
])("refuses %s", (_, packed) => {
  expect(() => unsnappy(packed)).toThrow("not Snappy");
});
