import { expect, test } from "vitest";
import { decideSampling } from "./sampling.ts";

test("[OBS-68] the first request in each second is sampled, whatever chance says", () => {
  const first = decideSampling(undefined, { epochSeconds: 100.9, chance: 0.99 });
  expect(first).toEqual({ sampled: true, sampledSecond: 100 });
  expect(decideSampling(first.sampledSecond, { epochSeconds: 101.0, chance: 0.99 }).sampled).toBe(true);
});

test.each([
  [0, true],
  [0.0499, true],
  [0.05, false],
  [0.99, false],
])("[OBS-68] of the rest of the second 5 % are sampled: chance %d", (chance, sampled) => {
  expect(decideSampling(100, { epochSeconds: 100.5, chance })).toEqual({ sampled, sampledSecond: 100 });
});
