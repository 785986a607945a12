import { expect, test } from "vitest";
import { parseSince } from "./since.ts";

const now = Date.parse("2026-11-23T12:00:00Z");

test.each([
  ["30s", "2026-11-23T11:59:30Z"],
  ["5m", "2026-11-23T11:55:00Z"],
  ["2h", "2026-11-23T10:00:00Z"],
  ["1d", "2026-11-22T12:00:00Z"],
  ["1w", "2026-11-16T12:00:00Z"],
  ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"],
  ["2026-11-20", "2026-11-20T00:00:00Z"],
])("%s is %s", (input, time) => {
  expect(parseSince(input)(now)).toBe(Date.parse(time));
});

test.each(["", "5", "m", "-5m", "5 minutes", "yesterday", "1e3s"])("%j is refused", (input) => {
  expect(() => parseSince(input)).toThrow("it is a length of time such as 30s, 5m, 2h, 1d, 1w, or a date");
});
