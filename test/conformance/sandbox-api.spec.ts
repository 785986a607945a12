import { expect, test } from "vitest";
import { extensionsApiCases } from "./extensions-api.cases.ts";
import { play } from "./play.ts";
import { runtimeApiCases } from "./runtime-api.cases.ts";
import { arrangeScripted } from "./scripted-arrangements.ts";
import { subscriptionApiCases } from "./subscription-api.cases.ts";

const cases = [...runtimeApiCases, ...extensionsApiCases, ...subscriptionApiCases];

test.each(cases)("before a scripted environment: $title", async (one) => {
  expect(await play(one, arrangeScripted)).toEqual([]);
});
