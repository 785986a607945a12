import { expect, test } from "vitest";
import { initLimitMs, restoreLimitMs } from "../environment/configuration.ts";
import type { Effect } from "../environment/effects.ts";
import type { EnvironmentEvent } from "../environment/events.ts";
import { createEnvironment } from "../environment/step.ts";
import { History } from "./history.ts";

const environment = createEnvironment({
  functionName: "tested",
  functionVersion: "$LATEST",
  memorySizeMb: 128,
  timeoutMs: 3000,
  initializationType: "on-demand",
  logStreamName: "stream",
  freeze: true,
  initLimitMs: initLimitMs("on-demand", 3000),
  restoreLimitMs,
});

test("[LIFE-128] keeps time, event, effects, phase and generation of each step, in order", () => {
  const history = new History();
  history.add(1.5, { event: "init requested" }, [{ effect: "freeze" }], environment);
  history.add(2.5, { event: "thawed" }, [], environment);
  expect(history.entries).toEqual([
    {
      at: 1.5,
      event: { event: "init requested" },
      effects: [{ effect: "freeze" }],
      phase: "created",
      generation: environment.generation.number,
    },
    { at: 2.5, event: { event: "thawed" }, effects: [], phase: "created", generation: environment.generation.number },
  ]);
});

test("replaces bytes by their number, wherever they are, and leaves the rest as it is", () => {
  const history = new History();
  const event: EnvironmentEvent = {
    event: "called",
    callId: 1,
    call: { call: "init error", errorType: "A.B", body: Buffer.from("12345") },
  };
  const effect: Effect = {
    effect: "answer caller",
    requestId: "id",
    answer: { kind: "posted error", body: new Uint8Array(1_000_000) },
  };
  history.add(0, event, [effect], environment);
  expect(history.entries[0]).toMatchObject({
    event: { event: "called", callId: 1, call: { call: "init error", errorType: "A.B", body: { bytes: 5 } } },
    effects: [{ effect: "answer caller", answer: { kind: "posted error", body: { bytes: 1_000_000 } } }],
  });
});

test("keeps the newest steps of a long run, and says how many it forgot", () => {
  const history = new History(10);
  for (let at = 1; at <= 21; at++) history.add(at, { event: "thawed" }, [], environment);
  expect(history.entries.map(({ at }) => at)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
  expect(history.forgotten).toBe(10);
});

test("keeps nothing when nothing is to be kept", () => {
  const history = new History(0);
  history.add(1, { event: "thawed" }, [], environment);
  expect([history.entries, history.forgotten]).toEqual([[], 1]);
});
