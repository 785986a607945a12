import { describe, expect, test } from "vitest";
import type { ProcessExit } from "./events.ts";
import {
  answering,
  ask,
  call,
  exitStatus,
  extension,
  identifierOf,
  inTurn,
  killed,
  moves,
  runtime,
  silent,
} from "./scripted-processes.spec-support.ts";
import { startOfTime } from "./simulated-clock.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import {
  answersOf,
  effectsOf,
  orderOfEmission,
  payload,
  recordsOf,
  reportsOf,
  timesOf,
} from "./told-history.spec-support.ts";

const spindown = { event: "shutdown requested", reason: "spindown", interrupt: false } as const;
const stop = { event: "shutdown requested", reason: "spindown", interrupt: true } as const;

function warm(simulated: SimulatedFunction): SimulatedEnvironment {
  const environment = new SimulatedEnvironment(simulated);
  environment.happens({ event: "init requested" });
  environment.run();
  return environment;
}

/** Its shutdown begins when it is thawed, 1 ms after it was asked for. */
function shutDown(simulated: SimulatedFunction): {
  readonly environment: SimulatedEnvironment;
  readonly began: number;
} {
  const environment = warm(simulated);
  const began = environment.now + 1;
  environment.happens(spindown);
  environment.run();
  return { environment, began };
}

const signals = (environment: SimulatedEnvironment, since = 0): (readonly [string, number])[] =>
  effectsOf(environment, "signal runtime").map(({ signal, at }) => [signal, at - since]);
const kills = (environment: SimulatedEnvironment, since = 0): (readonly [string, number])[] =>
  effectsOf(environment, "kill extension").map(({ name, at }) => [name, at - since]);

/** Its internal extension registers, and then it asks for invocations. */
const withInternal = (diesAfterMs: number | "never") => ({
  ...moves(
    call({ call: "register", name: "inside", events: [], freshIdentifier: "inside" }),
    { move: "post", call: { call: "event next", identifier: "inside" } },
    call({ call: "runtime next" }),
  ),
  diesAfterMs,
});

describe("the budgets of a shutdown", () => {
  test("[LIFE-82, LIFE-87] with no extension the runtime is killed at once and never sees SIGTERM", () => {
    const { environment, began } = shutDown({ runtime: runtime() });
    expect(signals(environment, began)).toEqual([["SIGKILL", 0]]);
    expect(environment.phases.at(-1)).toEqual({ phase: "gone", at: began + 3 });
  });

  test("[LIFE-82, LIFE-83, LIFE-86] with an external extension the runtime gets SIGTERM, and SIGKILL after 300 ms", () => {
    const { environment, began } = shutDown({
      extensions: { logs: extension("logs") },
      runtime: runtime({ diesAfterMs: "never" }),
    });
    expect(signals(environment, began)).toEqual([
      ["SIGTERM", 0],
      ["SIGKILL", 300],
    ]);
  });

  test.each([
    ["only", {}],
    ["together with an external one", { logs: extension("logs") }],
  ])("[LIFE-82, LIFE-83] with an internal extension %s it may use 500 ms", (_, extensions) => {
    const { environment, began } = shutDown({ extensions, runtime: withInternal("never") });
    expect(signals(environment, began)).toEqual([
      ["SIGTERM", 0],
      ["SIGKILL", 500],
    ]);
  });

  test("[LIFE-91, EXT-90] nobody kills an internal extension but by its runtime", () => {
    const { environment } = shutDown({ extensions: { logs: extension("logs") }, runtime: withInternal(5) });
    expect(kills(environment)).toEqual([]);
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-82, LIFE-88] an external extension may run until 2000 ms after the start, and is killed then", () => {
    const { environment, began } = shutDown({
      extensions: { logs: extension("logs", { shutdownMs: 60_000 }) },
      runtime: runtime({ diesAfterMs: "never" }),
      flushMs: 100,
    });
    expect(environment.made("event next").answeredAt).toBe(began + 401);
    expect(kills(environment, began)).toEqual([["logs", 2000]]);
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-84, LIFE-48] the deadline told is the start plus 2000 ms, whatever the runtime used up", () => {
    const { environment, began } = shutDown({
      extensions: { logs: extension("logs") },
      runtime: runtime({ diesAfterMs: 250 }),
    });
    expect(environment.made("event next").outcome).toEqual({
      kind: "shutdown event",
      deadlineMs: startOfTime + began + 2000,
      reason: "spindown",
    });
  });

  test("[LIFE-85] the environment is gone as soon as the last process ended", () => {
    const { environment, began } = shutDown({
      extensions: { logs: extension("logs", { shutdownMs: 40 }), audit: extension("audit", { shutdownMs: 90 }) },
      runtime: runtime({ diesAfterMs: 10 }),
    });
    const [told = 0] = [environment.made("event next").answeredAt];
    expect(told).toBe(began + 11);
    expect(environment.phases.at(-1)).toEqual({ phase: "gone", at: told + 92 });
  });
});

describe("the order of a shutdown", () => {
  test("[LIFE-88, LIFE-86, DLV-71] is runtime, flush of telemetry, SHUTDOWN to the extensions, the rest", () => {
    const { environment } = shutDown({ extensions: { logs: extension("logs") }, runtime: runtime() });
    const order = environment.history
      .map(({ effect }) => effect.effect)
      .filter((name) => ["signal runtime", "flush telemetry", "shutdown delivered", "sweep", "destroy"].includes(name));
    expect(order).toEqual(["signal runtime", "flush telemetry", "shutdown delivered", "sweep", "destroy"]);
    expect(environment.made("event next").answeredAt).toBe(
      timesOf(environment, "flush telemetry").map((at) => at + 1)[0],
    );
  });

  test("[LIFE-89, LIFE-90, EXT-61] an extension that did not ask for SHUTDOWN is killed when the others get it, and has no signal before", () => {
    const { environment } = shutDown({
      extensions: { mute: extension("mute", { events: ["INVOKE"] }), logs: extension("logs", { shutdownMs: 100 }) },
      runtime: runtime(),
    });
    const told = environment.calls.find(({ outcome }) => outcome?.kind === "shutdown event");
    expect(told?.by?.name).toBe("logs");
    expect(kills(environment, told?.answeredAt)).toEqual([["mute", 0]]);
  });

  test("[LIFE-89] nobody is told when no extension asked for SHUTDOWN", () => {
    const { environment } = shutDown({
      extensions: { mute: extension("mute", { events: ["INVOKE"] }) },
      runtime: runtime(),
    });
    expect(timesOf(environment, "shutdown delivered")).toEqual([]);
    expect(timesOf(environment, "kill extension")).toHaveLength(1);
  });

  test("[LIFE-86] the runtime keeps its share when the extensions are gone before it", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime({ diesAfterMs: 200 }) });
    const began = environment.now + 1;
    environment.happens(spindown);
    environment.advance(50);
    environment.crash("logs", exitStatus(0));
    environment.run();
    expect(timesOf(environment, "sweep")).toEqual([began + 200]);
  });

  test("[LIFE-85] an extension that ends while telemetry is flushed ends the wait", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime(), flushMs: 900 });
    environment.happens(spindown);
    environment.advance(100);
    environment.crash("logs", exitStatus(0));
    expect(timesOf(environment, "sweep")).toEqual([environment.now]);
    environment.run();
    expect(environment.environment.phase).toBe("gone");
    expect(environment.violations).toEqual([]);
  });

  test("[LIFE-81] begins when the environment is thawed", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime(), thawMs: 9 });
    const asked = environment.now;
    environment.happens(spindown);
    expect(environment.frozen).toBe(true);
    environment.run();
    expect(signals(environment)).toEqual([["SIGTERM", asked + 9]]);
  });

  test("[LIFE-92] lets an extension make calls while it handles SHUTDOWN", () => {
    const identifier = identifierOf("logs", 1);
    const { environment } = shutDown({
      extensions: {
        logs: {
          *script() {
            yield* ask({ call: "register", name: "logs", events: ["SHUTDOWN"], freshIdentifier: identifier });
            yield* ask({ call: "event next", identifier });
            yield* ask({ call: "extension exit error", identifier, errorType: "Extension.Late" });
            yield { move: "exit", exit: exitStatus(1) };
          },
        },
      },
      runtime: runtime(),
    });
    expect(environment.made("extension exit error").outcome).toEqual({ kind: "accepted" });
  });

  const ends: readonly (readonly [string, ProcessExit, string])[] = [
    ["status 0", exitStatus(0), "Exited"],
    ["status 1", exitStatus(1), "ShutdownFailed"],
    ["a signal", killed, "ShutdownFailed"],
  ];
  test.each(ends)("[EXT-87, LIFE-64, LIFE-93] an extension that ends by %s makes no error", (_, how, state) => {
    const environment = warm({ extensions: { logs: extension("logs", { shutdownMs: 60_000 }) }, runtime: runtime() });
    environment.happens(spindown);
    environment.advance(100);
    const before = orderOfEmission(environment);
    environment.crash("logs", how);
    environment.run();
    expect(environment.environment.generation.extensions[0]?.state).toBe(state);
    expect(orderOfEmission(environment)).toBe(`${before} ‖`);
    expect(environment.environment.phase).toBe("gone");
  });

  test("[EXT-66, LIFE-49] an extension that is still busy gets SHUTDOWN at its next call, with the deadline of the shutdown under way", () => {
    const environment = warm({ extensions: { logs: extension("logs", { workMs: 3800 }) }, runtime: runtime() });
    environment.invoke();
    environment.run();
    const timeout = Number(environment.made("runtime next").answeredAt) + 3000;
    const late = environment.made("event next", 1);
    expect(late).toMatchObject({
      answeredAt: late.madeAt,
      outcome: { kind: "shutdown event", reason: "timeout", deadlineMs: startOfTime + timeout + 2000 },
    });
    expect(kills(environment)).toEqual([]);
  });

  test("[LIFE-49] one that does not ask in time is killed at the deadline", () => {
    const environment = warm({ extensions: { logs: extension("logs", { workMs: 60_000 }) }, runtime: runtime() });
    environment.invoke();
    environment.run();
    expect(kills(environment)).toEqual([["logs", Number(environment.made("runtime next").answeredAt) + 5000]]);
  });
});

describe("a reset", () => {
  const crashing: SimulatedFunction = {
    extensions: { logs: extension("logs") },
    runtime: runtime({ handler: inTurn(silent, answering()) }),
  };

  test("[LIFE-48, LIFE-70] after a timeout ends the runtime first; then parked extensions get SHUTDOWN with reason timeout", () => {
    const environment = warm(crashing);
    environment.invoke();
    environment.run();
    const timeout = Number(environment.made("runtime next").answeredAt) + 3000;
    expect(signals(environment)).toEqual([["SIGTERM", timeout]]);
    expect(environment.made("event next", 1)).toMatchObject({
      answeredAt: timeout + 6,
      outcome: { kind: "shutdown event", reason: "timeout", deadlineMs: startOfTime + timeout + 2000 },
    });
  });

  test("[LIFE-70] after everything else has the reason failure", () => {
    const environment = warm(crashing);
    environment.invoke();
    environment.advance(100);
    environment.crash("runtime", exitStatus(1));
    environment.run();
    expect(environment.made("event next", 1).outcome).toMatchObject({ reason: "failure" });
  });

  test("[LIFE-71, LIFE-72, LIFE-73, EXT-17, EXT-61] leaves the environment with its log stream; the next invocation makes everything else new", () => {
    const environment = warm(crashing);
    environment.invoke();
    environment.run();
    expect(environment.environment.phase).toBe("empty");
    expect(timesOf(environment, "destroy")).toEqual([]);
    environment.invoke();
    environment.advance(100);
    expect(environment.environment.generation.number).toBe(2);
    expect(timesOf(environment, "launch runtime")).toHaveLength(2);
    const [first, second] = environment.environment.generation.extensions;
    expect(first?.identifier).toBe(identifierOf("logs", 2));
    expect(second).toBeUndefined();
    expect(recordsOf(environment, "platform.initStart").map(({ phase, instanceId }) => [phase, instanceId])).toEqual([
      ["init", "2026/04/11/[3]9a8b"],
      ["invoke", "2026/04/11/[3]9a8b"],
    ]);
  });

  test("[LIFE-73, EVT-59] gives the next report no Init Duration", () => {
    const environment = warm({ runtime: runtime() });
    environment.happens({ event: "reset requested" });
    environment.run();
    environment.invoke();
    environment.run();
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(reportsOf(environment)[0]).not.toHaveProperty("initDurationMs");
  });

  test("[LIFE-64] is not disturbed by the exits it causes, nor the generation after it by those that come late", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime() });
    environment.happens({ event: "reset requested" });
    environment.run();
    environment.invoke();
    environment.advance(5);
    environment.happens({ event: "runtime exited", generation: 1, exit: killed });
    environment.happens({ event: "extension exited", generation: 1, name: "logs", exit: killed });
    environment.run();
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(orderOfEmission(environment)).not.toContain("error");
  });
});

describe("a request to end", () => {
  test("[LIFE-78] waits for the invocation that runs", () => {
    const environment = warm({ extensions: { logs: extension("logs", { workMs: 500 }) }, runtime: runtime() });
    environment.invoke();
    environment.advance(10);
    environment.happens(spindown);
    environment.run();
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(orderOfEmission(environment)).toContain("S D(success) R(success) ‖");
    expect(environment.environment.phase).toBe("gone");
    expect(environment.made("event next", 1).outcome).toMatchObject({ kind: "shutdown event", reason: "spindown" });
  });

  test("[LIFE-78] waits for Init, and for the invocation that waits for it", () => {
    const environment = new SimulatedEnvironment({ runtime: runtime() });
    environment.invoke();
    environment.happens(spindown);
    environment.run();
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-78] waits for the second attempt that follows a failed Init", () => {
    const environment = new SimulatedEnvironment({ runtime: moves({ move: "exit", exit: exitStatus(1) }) });
    environment.invoke();
    environment.advance(1);
    expect(environment.environment.phase).toBe("ending");
    environment.happens(spindown);
    environment.run();
    expect(answersOf(environment)).toEqual([payload("Runtime.ExitError", "Runtime exited with error: exit status 1")]);
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-79, LIFE-78] turns a reset that is under way into the end", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime() });
    environment.happens({ event: "reset requested" });
    environment.advance(3);
    environment.happens(spindown);
    environment.run();
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-80] by a stop of the platform answers the caller at once and ends with reason failure", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime({ handler: silent }) });
    environment.invoke();
    environment.advance(100);
    const stopped = environment.now;
    environment.happens(stop);
    environment.run();
    expect(answersOf(environment)).toEqual(["500 ServiceException"]);
    expect(environment.answers[0]?.at).toBe(stopped);
    expect(environment.made("event next", 1).outcome).toMatchObject({ kind: "shutdown event", reason: "failure" });
    expect(environment.environment.phase).toBe("gone");
    expect(environment.living).toEqual([]);
  });

  test("[LIFE-80] by a stop of the platform during Init makes no second attempt", () => {
    const environment = new SimulatedEnvironment({ extensions: { logs: extension("logs") }, runtime: moves() });
    environment.invoke();
    environment.advance(100);
    environment.happens(stop);
    environment.run();
    expect(answersOf(environment)).toEqual(["500 ServiceException"]);
    expect(recordsOf(environment, "platform.initStart")).toHaveLength(1);
    expect(effectsOf(environment, "init ended")).toMatchObject([{ verdict: { errorType: "Sandbox.Failure" } }]);
    expect(environment.made("event next").outcome).toMatchObject({ reason: "failure" });
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-79, LIFE-80] by a stop of the platform has the reason spindown while Init runs for nobody", () => {
    const environment = new SimulatedEnvironment({ extensions: { logs: extension("logs") }, runtime: moves() });
    environment.happens({ event: "init requested" });
    environment.advance(100);
    environment.happens(stop);
    environment.run();
    expect(environment.made("event next").outcome).toMatchObject({ kind: "shutdown event", reason: "spindown" });
  });

  test("[LIFE-80] by a stop of the platform while the environment thaws releases nothing", () => {
    const environment = warm({ runtime: runtime() });
    environment.invoke();
    environment.happens(stop);
    environment.run();
    expect(answersOf(environment)).toEqual(["500 ServiceException"]);
    expect(environment.made("runtime next").outcome).toBeUndefined();
    expect(orderOfEmission(environment)).not.toContain("S ");
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-79] has the reason spindown while nothing runs, whatever the cause", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime() });
    environment.happens(stop);
    environment.run();
    expect(environment.made("event next").outcome).toMatchObject({ kind: "shutdown event", reason: "spindown" });
  });

  test("of an environment without processes ends it at once", () => {
    const environment = new SimulatedEnvironment();
    environment.happens(spindown);
    expect(environment.history.map(({ effect }) => effect.effect)).toEqual(["destroy"]);
  });
});

describe("a kill", () => {
  const stubborn: SimulatedFunction = {
    extensions: { logs: extension("logs", { shutdownMs: 60_000 }) },
    runtime: runtime({ handler: silent, diesAfterMs: "never" }),
  };

  test("[LIFE-80] skips every budget, answers the caller and concludes the invocation", () => {
    const environment = warm(stubborn);
    environment.invoke();
    environment.advance(100);
    const asked = environment.now;
    environment.happens({ event: "kill requested" });
    environment.run();
    expect(answersOf(environment)).toEqual(["500 ServiceException"]);
    expect(orderOfEmission(environment)).toContain("S D(failure Sandbox.Failure) ‖ R(failure Sandbox.Failure)");
    expect(environment.phases.at(-1)).toEqual({ phase: "gone", at: asked + 2 });
    expect(signals(environment)).toEqual([]);
  });

  test("[LIFE-80] cuts a shutdown short that is under way, and keeps the report that waits for it", () => {
    const environment = warm(stubborn);
    environment.invoke();
    environment.advance(3100);
    expect(environment.environment.phase).toBe("ending");
    const asked = environment.now;
    environment.happens({ event: "kill requested" });
    environment.run();
    expect(environment.phases.at(-1)).toEqual({ phase: "gone", at: asked + 2 });
    expect(reportsOf(environment)).toMatchObject([{ status: "timeout" }]);
    expect(environment.violations).toEqual([]);
  });

  test("[LIFE-80] while the environment thaws answers the invocation that was to follow", () => {
    const environment = warm(stubborn);
    environment.invoke();
    environment.happens({ event: "kill requested" });
    environment.run();
    expect(answersOf(environment)).toEqual(["500 ServiceException"]);
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-80] does not thaw frozen processes", () => {
    const environment = warm(stubborn);
    environment.happens({ event: "kill requested" });
    environment.run();
    expect(timesOf(environment, "thaw")).toEqual([]);
    expect(environment.environment.phase).toBe("gone");
    expect(environment.living).toEqual([]);
  });
});

describe("a developer's request", () => {
  test("[LIFE-109] freezes and thaws an idle environment", () => {
    const environment = warm({ runtime: runtime() });
    environment.happens({ event: "thaw requested" });
    expect(environment.environment).toMatchObject({ phase: "ready", frozen: true });
    environment.advance(1);
    expect(environment.environment).toMatchObject({ phase: "ready", frozen: false });
    environment.happens({ event: "freeze requested" });
    expect(environment.environment).toMatchObject({ phase: "ready", frozen: true });
    expect(timesOf(environment, "freeze")).toHaveLength(2);
    expect(timesOf(environment, "thaw")).toHaveLength(1);
  });

  test("[LIFE-109, LIFE-100] to thaw is carried out before an invocation that comes meanwhile is released", () => {
    const environment = warm({ runtime: runtime(), thawMs: 9 });
    environment.happens({ event: "thaw requested" });
    const asked = environment.now;
    environment.invoke();
    environment.run();
    expect(environment.made("runtime next").answeredAt).toBe(asked + 9);
    expect(timesOf(environment, "thaw")).toHaveLength(1);
    expect(environment.violations).toEqual([]);
  });

  test("[LIFE-109] resets it with reason failure", () => {
    const environment = warm({ extensions: { logs: extension("logs") }, runtime: runtime() });
    environment.happens({ event: "reset requested" });
    environment.run();
    expect(environment.made("event next").outcome).toMatchObject({ kind: "shutdown event", reason: "failure" });
    expect(environment.environment.phase).toBe("empty");
  });
});
