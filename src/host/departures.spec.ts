import { expect, test } from "vitest";
import { hostedFunction } from "../../test/fixtures/hosted-function.ts";
import { departures } from "./departures.ts";
import type { HostSettings } from "./hosted-function.ts";

const asLambda: HostSettings = {
  sandbox: "process",
  freeze: true,
  limitStreamingRate: true,
  deliverWhileFrozen: false,
};

test("says nothing of an environment that is as on Lambda", () => {
  expect(departures(hostedFunction(), asLambda)).toEqual([]);
});

test.each([
  ["LIFE-102", { freeze: false }, "freeze: off"],
  ["RT-56", { limitStreamingRate: false }, "streaming rate: unlimited"],
  ["DLV-65", { deliverWhileFrozen: true }, "telemetry while frozen: on"],
] as const)("[%s] says what was switched: %j", (_, changes, text) => {
  expect(departures(hostedFunction(), { ...asLambda, ...changes })).toEqual([expect.stringContaining(text)]);
});

test("[LIFE-129] says that a snapshot is emulated", () => {
  expect(departures(hostedFunction({ initializationType: "snap-start" }), asLambda)).toEqual([
    expect.stringContaining("snapshot: emulated"),
  ]);
});
