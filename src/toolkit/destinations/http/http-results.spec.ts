import { expect, test } from "vitest";
import { excerpt, retryAfterMs } from "./http-results.ts";

const now = Date.UTC(2026, 3, 11, 6, 20, 0);

test.each([
  [undefined, undefined],
  ["2", 2000],
  ["0.5", 500],
  [" 7 ", 7000],
  ["Sat, 11 Apr 2026 06:20:30 GMT", 30_000],
  ["Sat, 11 Apr 2026 06:19:00 GMT", 0],
  ["86400", 300_000],
  ["soon", undefined],
])("reads Retry-After %j as %j ms", (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});

test("shows an answer's text in one line that is not long", () => {
  expect(excerpt("  not\n  like this\n")).toBe(": not like this");
  expect(excerpt("")).toBe("");
  expect(excerpt("x".repeat(1000))).toHaveLength(203);
});
