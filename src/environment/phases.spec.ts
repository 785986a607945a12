import { describe, expect, test } from "vitest";
import type { Call } from "./calls.ts";
import type { Environment, Phase } from "./environment.ts";
import type { EnvironmentEvent } from "./events.ts";
import { exitStatus, extension, moves, runtime, silent } from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import { startOfTime } from "./simulated-clock.spec-support.ts";
import { invocation, type SimulatedFunction } from "./simulated-function.spec-support.ts";
import { step } from "./step.ts";

const busy: SimulatedFunction = {
  extensions: { logs: extension("logs", { shutdownMs: 1000 }) },
  runtime: runtime({ handler: silent }),
};
const snapStart: SimulatedFunction = {
  ...busy,
  configuration: { initializationType: "snap-start" },
  runtime: runtime({ restore: { afterMs: 5000 } }),
};

function played(simulated: SimulatedFunction, play: (environment: SimulatedEnvironment) => void): Environment {
  const environment = new SimulatedEnvironment(simulated);
  play(environment);
  return environment.environment;
}

const initialized = (environment: SimulatedEnvironment): void => {
  environment.happens({ event: "init requested" });
  environment.advance(100);
};

const phases: Readonly<Record<Phase, Environment>> = {
  created: played(busy, () => {}),
  initializing: played({ ...busy, runtime: moves() }, (environment) => {
    environment.invoke();
    environment.advance(100);
  }),
  ready: played(busy, initialized),
  thawing: played(busy, (environment) => {
    initialized(environment);
    environment.invoke();
  }),
  invoking: played(busy, (environment) => {
    environment.invoke();
    environment.advance(100);
  }),
  snapshotted: played(snapStart, initialized),
  restoring: played(snapStart, (environment) => {
    environment.invoke();
    environment.advance(100);
  }),
  ending: played(busy, (environment) => {
    initialized(environment);
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.advance(100);
  }),
  empty: played(busy, (environment) => {
    initialized(environment);
    environment.happens({ event: "reset requested" });
    environment.advance(5000);
  }),
  gone: played(busy, (environment) => {
    initialized(environment);
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.advance(5000);
  }),
};

const called = (call: Call): EnvironmentEvent => ({ event: "called", callId: 1000, call });

const events: Readonly<Record<string, EnvironmentEvent>> = {
  "init requested": { event: "init requested" },
  "invoke requested": { event: "invoke requested", invocation: invocation("other") },
  "extensions discovered": { event: "extensions discovered", names: [], switchedOff: false },
  "extension launched": { event: "extension launched", name: "logs" },
  "extension launch failed": { event: "extension launch failed", name: "logs", text: "no such file or directory" },
  "runtime launched": { event: "runtime launched" },
  "runtime launch failed": { event: "runtime launch failed", errorType: "Runtime.InvalidEntrypoint", text: "none" },
  "runtime exited": { event: "runtime exited", generation: 1, exit: exitStatus(1) },
  "runtime of an earlier generation exited": { event: "runtime exited", generation: -1, exit: exitStatus(1) },
  "extension exited": { event: "extension exited", generation: 1, name: "logs", exit: exitStatus(1) },
  "unknown extension exited": { event: "extension exited", generation: 1, name: "nobody", exit: exitStatus(1) },
  "runtime called": called({ call: "restore error", errorType: undefined, body: new Uint8Array() }),
  "extension called": called({ call: "event next", identifier: "nobody's" }),
  "call abandoned": { event: "call abandoned", callId: 999 },
  "init limit fired": { event: "timer fired", timer: "init limit" },
  "invocation deadline fired": { event: "timer fired", timer: "invocation deadline" },
  "restore limit fired": { event: "timer fired", timer: "restore limit" },
  "runtime share fired": { event: "timer fired", timer: "runtime share" },
  "shutdown deadline fired": { event: "timer fired", timer: "shutdown deadline" },
  thawed: { event: "thawed" },
  "telemetry flushed": { event: "telemetry flushed" },
  swept: { event: "swept" },
  "freeze requested": { event: "freeze requested" },
  "thaw requested": { event: "thaw requested" },
  "reset requested": { event: "reset requested" },
  "shutdown requested": { event: "shutdown requested", reason: "spindown", interrupt: false },
  "interrupting shutdown requested": { event: "shutdown requested", reason: "spindown", interrupt: true },
  "kill requested": { event: "kill requested" },
  "platform failed": { event: "platform failed", text: "the disk is full" },
};

/** Every call is answered, in every phase: here, refused. */
const answersCalls = { "runtime called": "answers", "extension called": "answers" } as const;
const goesOnAfterwards = { "shutdown requested": "remembers" } as const;

/**
 * The phase after an event. `remembers`: the phase stays and so does what happened; `answers`: the phase stays and there
 * are effects. What is not listed changes nothing and has no effect.
 */
const table: Readonly<Record<Phase, Readonly<Record<string, Phase | "remembers" | "answers">>>> = {
  created: {
    ...answersCalls,
    "init requested": "initializing",
    "invoke requested": "initializing",
    "shutdown requested": "gone",
    "interrupting shutdown requested": "gone",
    "kill requested": "gone",
    "platform failed": "gone",
  },
  initializing: {
    ...answersCalls,
    ...goesOnAfterwards,
    "invoke requested": "answers",
    "extensions discovered": "remembers",
    "extension launch failed": "ending",
    "runtime launch failed": "ending",
    "runtime exited": "ending",
    "extension exited": "ending",
    "init limit fired": "ending",
    "interrupting shutdown requested": "ending",
    "kill requested": "ending",
    "platform failed": "ending",
  },
  ready: {
    ...answersCalls,
    "invoke requested": "thawing",
    "runtime exited": "remembers",
    "extension exited": "remembers",
    "runtime launch failed": "remembers",
    "extension launch failed": "remembers",
    "thaw requested": "answers",
    "reset requested": "thawing",
    "shutdown requested": "thawing",
    "interrupting shutdown requested": "thawing",
    "kill requested": "ending",
    "platform failed": "ending",
  },
  thawing: {
    ...answersCalls,
    ...goesOnAfterwards,
    "invoke requested": "answers",
    "runtime exited": "remembers",
    "extension exited": "remembers",
    "runtime launch failed": "remembers",
    "extension launch failed": "remembers",
    thawed: "invoking",
    "interrupting shutdown requested": "remembers",
    "kill requested": "ending",
    "platform failed": "ending",
  },
  invoking: {
    ...answersCalls,
    ...goesOnAfterwards,
    "invoke requested": "answers",
    "runtime exited": "ending",
    "extension exited": "ending",
    "runtime launch failed": "ending",
    "extension launch failed": "ending",
    "invocation deadline fired": "ending",
    "interrupting shutdown requested": "ending",
    "kill requested": "ending",
    "platform failed": "ending",
  },
  snapshotted: {
    ...answersCalls,
    "invoke requested": "thawing",
    "runtime exited": "remembers",
    "extension exited": "remembers",
    "runtime launch failed": "remembers",
    "extension launch failed": "remembers",
    "shutdown requested": "thawing",
    "interrupting shutdown requested": "thawing",
    "kill requested": "ending",
    "platform failed": "ending",
  },
  restoring: {
    ...answersCalls,
    ...goesOnAfterwards,
    "invoke requested": "answers",
    "runtime called": "ending",
    "runtime exited": "ending",
    "extension exited": "ending",
    "runtime launch failed": "ending",
    "extension launch failed": "ending",
    "restore limit fired": "ending",
    "interrupting shutdown requested": "ending",
    "kill requested": "ending",
    "platform failed": "ending",
  },
  ending: {
    ...answersCalls,
    "invoke requested": "answers",
    "runtime launch failed": "remembers",
    "runtime exited": "remembers",
    "extension launch failed": "answers",
    "extension exited": "answers",
    "shutdown deadline fired": "answers",
    "shutdown requested": "remembers",
    "interrupting shutdown requested": "remembers",
    "kill requested": "answers",
  },
  empty: {
    ...answersCalls,
    "invoke requested": "initializing",
    "shutdown requested": "gone",
    "interrupting shutdown requested": "gone",
    "kill requested": "gone",
    "platform failed": "gone",
  },
  gone: { ...answersCalls, "invoke requested": "answers" },
};

const cells = Object.entries(phases).flatMap(([phase, environment]) =>
  Object.entries(events).map(([name, event]) => {
    const after = table[environment.phase][name] ?? "nothing";
    return { phase, environment, name, event, after };
  }),
);
const now = startOfTime + 10_000;

describe("every phase answers every event", () => {
  for (const { phase, environment, name, event } of cells.filter(({ after }) => after === "nothing"))
    test(`${phase}: ${name} changes nothing`, () => {
      expect(environment.phase).toBe(phase);
      expect(step(environment, event, now)).toEqual({ environment, effects: [] });
    });

  for (const { phase, environment, name, event } of cells.filter(({ after }) => after === "remembers"))
    test(`${phase}: ${name} is remembered`, () => {
      const { environment: next, effects } = step(environment, event, now);
      expect(next.phase).toBe(phase);
      expect(next).not.toBe(environment);
      expect(effects).toEqual([]);
    });

  for (const { phase, environment, name, event } of cells.filter(({ after }) => after === "answers"))
    test(`${phase}: ${name} has an effect and the phase goes on`, () => {
      const { environment: next, effects } = step(environment, event, now);
      expect(next.phase).toBe(phase);
      expect(effects).not.toEqual([]);
    });

  for (const { phase, environment, name, event, after } of cells.filter(({ after }) => after in phases))
    test(`${phase}: ${name} leads to ${after}`, () => {
      expect(environment.phase).toBe(phase);
      expect(step(environment, event, now).environment.phase).toBe(after);
    });
});

describe("an invocation that is not accepted", () => {
  const whys = {
    initializing: "busy",
    thawing: "busy",
    invoking: "busy",
    restoring: "busy",
    ending: "ending",
    gone: "gone",
  } as const;

  for (const [phase, why] of Object.entries(whys))
    test(`[LIFE-34] is refused as ${why} while ${phase}, and answered by nobody`, () => {
      const { effects } = step(
        phases[phase as Phase],
        { event: "invoke requested", invocation: invocation("other") },
        now,
      );
      expect(effects).toEqual([{ effect: "refuse invocation", requestId: "other", why }]);
    });

  test("is refused as busy while a reset is in progress", () => {
    const environment = played(busy, (simulated) => {
      initialized(simulated);
      simulated.happens({ event: "reset requested" });
      simulated.advance(2);
    });
    const { effects } = step(environment, { event: "invoke requested", invocation: invocation("other") }, now);
    expect(effects).toEqual([{ effect: "refuse invocation", requestId: "other", why: "busy" }]);
  });

  test("[LIFE-80] is refused while Init is under way and the environment was asked to end after it", () => {
    const environment = played(busy, (simulated) => {
      simulated.happens({ event: "init requested" });
      simulated.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    });
    const { effects } = step(environment, { event: "invoke requested", invocation: invocation("other") }, now);
    expect(effects).toEqual([{ effect: "refuse invocation", requestId: "other", why: "ending" }]);
  });
});
