import { expect, test } from "vitest";
import { traceSampler } from "./trace-sampler.ts";

test("[OBS-68] the first request in each second is sampled, and 5 % of the rest", () => {
  let ms = 0;
  let asked = 0;
  const decide = traceSampler({ now: () => ms }, () => (asked++ % 100) / 100);
  const [first, ...rest] = Array.from({ length: 101 }, decide);
  expect(first).toBe(true);
  expect(rest.filter(Boolean)).toHaveLength(5);
  ms = 1000;
  asked = 50;
  expect([decide(), decide()]).toEqual([true, false]);
});
