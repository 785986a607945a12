import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatTime, toHundredths, toMicroseconds } from "./telemetry-values.ts";

test("[EVT-02] writes every time of the years 1970 to 9999 as UTC with three decimals, fractions cut off", () => {
  const time = fc.double({ min: 0, max: 253_402_300_799_999, noNaN: true });
  fc.assert(
    fc.property(time, (ms) => {
      expect(formatTime(ms)).toBe(new Date(Math.floor(ms)).toISOString());
    }),
  );
});

test.each([
  ["the epoch", 0, "1970-01-01T00:00:00.000Z"],
  ["a leap day", Date.UTC(2028, 1, 29, 23, 59, 59, 999), "2028-02-29T23:59:59.999Z"],
  ["the day after", Date.UTC(2028, 2, 1), "2028-03-01T00:00:00.000Z"],
  ["a century that leaps", Date.UTC(2000, 1, 29), "2000-02-29T00:00:00.000Z"],
  ["a century that does not", Date.UTC(2100, 2, 1), "2100-03-01T00:00:00.000Z"],
  ["a time before the epoch", -1, "1970-01-01T00:00:00.000Z"],
  ["a time no year of four digits has", 1e18, "9999-12-31T23:59:59.999Z"],
])("[EVT-02] writes %s", (_what, ms, text) => {
  expect(formatTime(ms)).toBe(text);
});

test.each([
  [76.144999, 76.144],
  [2000.595, 2000.595],
  [1.005, 1.005],
  [0.1 + 0.2, 0.3],
  [88.905_000_000_01, 88.905],
  [412, 412],
  [0.0009, 0],
  [-3, 0],
])("[EVT-07] cuts a duration of %d ms to %d", (durationMs, written) => {
  expect(toMicroseconds(durationMs)).toBe(written);
});

test.each([
  [576.959, 576.96],
  [412.907, 412.91],
  [1.005, 1.01],
  [12.6, 12.6],
])("[EVT-07] rounds an init duration of %d ms to %d", (durationMs, written) => {
  expect(toHundredths(durationMs)).toBe(written);
});

test("[EVT-07] never writes more decimals than it may, nor more than was measured", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900_000_000_000 }), (nanoseconds) => {
      const written = toMicroseconds(nanoseconds / 1e6);
      expect(String(written)).toMatch(/^\d+(\.\d{1,3})?$/);
      expect(written).toBe(Math.floor(nanoseconds / 1000) / 1000);
    }),
  );
});
