import { expect, test } from "vitest";
import type { Figures } from "./comparison.ts";
import { comparisonLines } from "./comparison-text.ts";

const figures = (value: number | null, changes: Partial<Figures> = {}): Figures => ({
  coldStartMs: value,
  initDurationMs: value,
  durationMs: value,
  extensionOverheadMs: value,
  maxMemoryUsedMb: value,
  coldBilledDurationMs: value,
  billedDurationMs: value,
  ...changes,
});

test("aligns each column to its widest figure; differences have their sign", () => {
  const sizes = [
    {
      memorySizeMb: 128,
      without: figures(1.04, { coldStartMs: 812.345 }),
      with: figures(2.5, { coldStartMs: 2180 }),
      difference: figures(1.46, { coldStartMs: 1367.655 }),
    },
    {
      memorySizeMb: 1769,
      without: figures(1, { coldStartMs: 120 }),
      with: figures(1, { coldStartMs: 110 }),
      difference: figures(0.01, { coldStartMs: -10 }),
    },
  ];
  expect(comparisonLines(sizes, { colour: false })).toEqual([
    "                           cold                          after          billed,",
    "                          start     Init  invocation  response  memory     cold   billed",
    "",
    " 128 MB  without       812.3 ms   1.0 ms      1.0 ms    1.0 ms    1 MB   1.0 ms   1.0 ms",
    "         with         2180.0 ms   2.5 ms      2.5 ms    2.5 ms    3 MB   2.5 ms   2.5 ms",
    "         difference  +1367.7 ms  +1.5 ms     +1.5 ms   +1.5 ms   +1 MB  +1.5 ms  +1.5 ms",
    "",
    "1769 MB  without       120.0 ms   1.0 ms      1.0 ms    1.0 ms    1 MB   1.0 ms   1.0 ms",
    "         with          110.0 ms   1.0 ms      1.0 ms    1.0 ms    1 MB   1.0 ms   1.0 ms",
    "         difference    −10.0 ms   0.0 ms      0.0 ms    0.0 ms    0 MB   0.0 ms   0.0 ms",
  ]);
});

test("shows a dash where nothing was measured, and colours only where they are wanted", () => {
  const size = { memorySizeMb: 128, without: figures(null), with: figures(1), difference: figures(null) };
  const bare = comparisonLines([size], { colour: false });
  expect(bare[3]).toMatch(/^128 MB {2}without +(– *){7}$/u);
  const coloured = comparisonLines([size], { colour: true });
  expect(coloured.join("")).toContain("\u001B[1m");
  // oxlint-disable-next-line no-control-regex
  expect(coloured.map((line) => line.replaceAll(/\u001B\[\d+m/gu, ""))).toEqual(bare);
});
