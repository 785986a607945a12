import { expect, test } from "vitest";
import { hostedFunction } from "../../test/fixtures/hosted-function.ts";
import { MovedClock } from "../../test/fixtures/moved-clock.ts";
import { containerCredentials } from "./container-credentials.ts";

test("[RT-91] gives credentials that end in the future, whenever they are asked for", () => {
  const clock = new MovedClock();
  const credentials = containerCredentials(hostedFunction({ initializationType: "snap-start" }), clock)!;
  clock.move(10 * 3_600_000);
  const { Expiration, ...rest } = credentials.body();
  expect(rest).toEqual({ AccessKeyId: "AKIA1", SecretAccessKey: "secret", Token: "token" });
  expect(Date.parse(Expiration)).toBeGreaterThan(clock.now());
  expect(Expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("gives none where functions get them by variables", () => {
  expect(containerCredentials(hostedFunction(), new MovedClock())).toBeUndefined();
});
