import { expect, test } from "vitest";
import { comparison, type Measurement } from "./comparison.ts";

const measurement = (changes: Partial<Measurement>): Measurement => ({
  memorySizeMb: 128,
  extensions: false,
  coldStartMs: 100,
  initDurationMs: 80,
  coldBilledDurationMs: 101,
  maxMemoryUsedMb: 40,
  functionErrors: 0,
  warm: [],
  ...changes,
});

const warm = (durationMs: number, extensionOverheadMs = 0) => ({
  durationMs,
  extensionOverheadMs,
  billedDurationMs: Math.ceil(durationMs + extensionOverheadMs),
});

test("takes the median over environments, over all warm invocations, and the highest memory", () => {
  const [size] = comparison([
    measurement({ coldStartMs: 300, maxMemoryUsedMb: 41, warm: [warm(1), warm(9)] }),
    measurement({ coldStartMs: 100, maxMemoryUsedMb: 44, warm: [warm(2)] }),
    measurement({ coldStartMs: 120, maxMemoryUsedMb: 40, warm: [warm(4)] }),
  ]);
  expect(size?.without).toEqual({
    coldStartMs: 120,
    initDurationMs: 80,
    durationMs: 3,
    extensionOverheadMs: 0,
    maxMemoryUsedMb: 44,
    coldBilledDurationMs: 101,
    billedDurationMs: 3,
  });
});

test("gives for each size what the extensions add, or take away", () => {
  const sizes = comparison([
    measurement({ warm: [warm(10.1)] }),
    measurement({ memorySizeMb: 512, coldStartMs: 50 }),
    measurement({ memorySizeMb: 512, extensions: true, coldStartMs: 45 }),
    measurement({ extensions: true, coldStartMs: 250.5, maxMemoryUsedMb: 70, warm: [warm(12.3, 4)] }),
  ]);
  expect(sizes.map(({ memorySizeMb }) => memorySizeMb)).toEqual([128, 512]);
  expect(sizes[0]?.difference).toEqual({
    coldStartMs: 150.5,
    initDurationMs: 0,
    durationMs: 2.2,
    extensionOverheadMs: 4,
    maxMemoryUsedMb: 30,
    coldBilledDurationMs: 0,
    billedDurationMs: 6,
  });
  expect(sizes[1]?.difference.coldStartMs).toBe(-5);
});

test("has nothing where nothing was measured: no warm invocation, no Init that ended well", () => {
  const [size] = comparison([
    measurement({ initDurationMs: undefined }),
    measurement({ extensions: true, initDurationMs: 20, warm: [warm(1)] }),
  ]);
  expect(size?.without).toMatchObject({ initDurationMs: null, durationMs: null, billedDurationMs: null });
  expect(size?.difference).toMatchObject({ initDurationMs: null, durationMs: null, coldStartMs: 0 });
});
