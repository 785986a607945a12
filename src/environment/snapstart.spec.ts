import { describe, expect, test } from "vitest";
import {
  after,
  answering,
  ask,
  type Behaviour,
  byGeneration,
  call,
  exit,
  exitStatus,
  extension,
  identifierOf,
  initError,
  inTurn,
  type Move,
  moves,
  runtime,
  silent,
  wait,
} from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import { answersOf, effectsOf, orderOfEmission, recordsOf, reportsOf, timesOf } from "./told-history.spec-support.ts";

/** Published: initialized with type `snap-start`, and frozen where the snapshot would be taken. */
function published(runs: Behaviour, more: SimulatedFunction = {}): SimulatedEnvironment {
  const configuration = { initializationType: "snap-start" as const, ...more.configuration };
  const environment = new SimulatedEnvironment({ runtime: runs, ...more, configuration });
  environment.happens({ event: "init requested" });
  return environment.run();
}

function restored(runs: Behaviour, more: SimulatedFunction = {}): SimulatedEnvironment {
  const environment = published(runs, more);
  environment.advance(60_000);
  environment.invoke();
  return environment.run();
}

const hooked = (afterMs: number, handler = answering()): Behaviour => runtime({ restore: { afterMs }, handler });

/** Answers restore/next with moves of its own. */
const restoring = (...list: readonly Move[]): Behaviour => ({
  *script() {
    yield wait(20);
    yield* ask({ call: "restore next" });
    yield* list;
  },
});

describe("the snapshot", () => {
  test("[RT-84, RT-14, LIFE-117] is taken where the runtime calls restore/next, which then blocks", () => {
    const environment = published(hooked(50));
    expect(environment.environment).toMatchObject({ phase: "snapshotted", frozen: true });
    expect(effectsOf(environment, "init ended")).toMatchObject([{ verdict: { status: "success" } }]);
    environment.advance(3_600_000);
    expect(environment.made("restore next").outcome).toBeUndefined();
    expect(recordsOf(environment, "platform.initStart")).toMatchObject([{ initializationType: "snap-start" }]);
  });

  test("[LIFE-118] that cannot be taken is an Init that failed, with its text", () => {
    const environment = published(moves(...after(20, exit(3))));
    expect(effectsOf(environment, "init ended")).toMatchObject([
      {
        verdict: { status: "error", errorType: "Runtime.ExitError" },
        text: "Runtime exited with error: exit status 3",
      },
    ]);
  });

  test("[LIFE-117, LIFE-18] has 130 s", () => {
    const environment = published(moves(), { configuration: { initLimitMs: 130_000 } });
    expect(timesOf(environment, "init ended")).toEqual([130_000]);
  });

  test("[LIFE-79] of an environment that ends unused gives SHUTDOWN after a thaw", () => {
    const environment = published(hooked(50), { extensions: { logs: extension("logs") } });
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.run();
    expect(environment.made("event next").outcome).toMatchObject({ kind: "shutdown event", reason: "spindown" });
    expect(environment.environment.phase).toBe("gone");
  });
});

describe("a restore", () => {
  test("[RT-84, RT-85, LIFE-120, EVT-42, LIFE-100] answers restore/next, ends with the runtime's next, and then releases", () => {
    const environment = restored(hooked(250));
    const [thaw = 0] = timesOf(environment, "thaw");
    expect(environment.made("restore next")).toMatchObject({ answeredAt: thaw + 1, outcome: { kind: "restored" } });
    expect(environment.made("runtime next")).toMatchObject({ madeAt: thaw + 251, answeredAt: thaw + 251 });
    expect(answersOf(environment)).toEqual(["response: ok"]);
  });

  test("[RT-86, LIFE-120, EVT-42] of a runtime that never called restore/next needs no step", () => {
    const environment = restored(runtime());
    const [thaw = 0] = timesOf(environment, "thaw");
    expect(environment.made("runtime next").answeredAt).toBe(thaw + 1);
    expect(orderOfEmission(environment)).toContain("rS rD(success) rR(success) S D(success) R(success)");
  });

  test("[LIFE-122, EVT-43, EVT-63, EVT-59, EVT-60] is in the first report, billed, and no Init Duration is", () => {
    const environment = restored(hooked(250.5));
    environment.invoke();
    environment.run();
    expect(recordsOf(environment, "platform.restoreReport")).toEqual([
      { type: "platform.restoreReport", status: "success", durationMs: 250.5 },
    ]);
    const [first, second] = reportsOf(environment);
    expect(first).toMatchObject({ restoreDurationMs: 250.5, billedRestoreDurationMs: 251 });
    expect(first).not.toHaveProperty("initDurationMs");
    expect(first?.billedDurationMs).toBe(Math.ceil(Number(first?.durationMs) + 251));
    expect(second).not.toHaveProperty("restoreDurationMs");
    expect(second).not.toHaveProperty("billedRestoreDurationMs");
  });

  test("[LIFE-124] keeps the extensions, with the same identifiers, parked where they were", () => {
    const environment = restored(hooked(50), { extensions: { logs: extension("logs") } });
    expect(timesOf(environment, "launch extension")).toHaveLength(1);
    expect(environment.made("event next").outcome?.kind).toBe("invoke event");
    expect(environment.environment.generation.extensions[0]?.identifier).toBe(identifierOf("logs", 1));
  });

  test("[RT-84] follows at once when an invocation already waits for Init", () => {
    const environment = new SimulatedEnvironment({
      configuration: { initializationType: "snap-start" },
      runtime: hooked(50),
    });
    environment.invoke();
    environment.run();
    expect(answersOf(environment)).toEqual(["response: ok"]);
  });

  test("[LIFE-78] and its invocation are waited for when a shutdown is asked for during Init", () => {
    const environment = new SimulatedEnvironment({
      configuration: { initializationType: "snap-start" },
      runtime: hooked(50),
    });
    environment.invoke();
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.run();
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(environment.environment.phase).toBe("gone");
  });
});

describe("a restore that fails", () => {
  const restoreError = call({ call: "restore error", errorType: "Function.HookFailed", body: new Uint8Array() });

  test.each([
    ["[RT-87] restore/error", restoreError, "restore error"],
    ["[RT-90] init/error", call(initError("hook", "Function.HookFailed")), "init error"],
  ] as const)(
    "[RT-88, RT-69, LIFE-121, LIFE-122, EVT-44] by %s fails the invocation, and the environment is ended",
    (_, move, name) => {
      const environment = restored(restoring(move));
      expect(environment.made(name).outcome).toEqual({ kind: "accepted" });
      expect(environment.answers[0]?.answer).toMatchObject({ exception: "SnapStartException", status: 400 });
      expect(orderOfEmission(environment)).toContain(
        "rS rD(error Function.HookFailed) rR(error Function.HookFailed) ‖",
      );
      expect(environment.environment.phase).toBe("gone");
      expect(environment.answers).toHaveLength(1);
    },
  );

  test.each([
    ["Runtime.HookFailed", "Runtime.HookFailed"],
    ["my Function.HookFailed!", "my Function.HookFailed!"],
    ["Function.42", "Function.Unknown"],
    ["anything", "Runtime.Unknown"],
    [undefined, "Runtime.Unknown"],
  ])("[RT-69] with the type %j is recorded as %j", (sent, recorded) => {
    const environment = restored(restoring(call({ call: "restore error", errorType: sent, body: new Uint8Array() })));
    expect(recordsOf(environment, "platform.restoreReport")).toMatchObject([{ status: "error", errorType: recorded }]);
  });

  test("[RT-88, LIFE-121] by an exit of the runtime fails the invocation, and the environment is ended", () => {
    const environment = restored(restoring(exit(1)));
    expect(environment.answers.map(({ answer }) => answer)).toEqual([
      {
        kind: "service error",
        exception: "SnapStartException",
        status: 400,
        message: "Runtime exited with error: exit status 1",
      },
    ]);
    expect(environment.environment.phase).toBe("gone");
  });

  test("[RT-88, LIFE-63] by a process that ended since the snapshot fails the same way", () => {
    const environment = published(hooked(50), { extensions: { logs: extension("logs") } });
    environment.crash("logs", exitStatus(1));
    environment.invoke();
    environment.run();
    expect(answersOf(environment)).toEqual(["400 SnapStartException"]);
    expect(orderOfEmission(environment)).toContain("rS rD(error Extension.Crash) rR(error Extension.Crash) ‖");
    expect(environment.environment.phase).toBe("gone");
  });

  test("[RT-89, LIFE-121, LIFE-122, EVT-44] by its limit of 10 s answers with a timeout, and the environment is ended", () => {
    const environment = restored(hooked(11_000));
    const [thaw = 0] = timesOf(environment, "thaw");
    expect(answersOf(environment)).toEqual(["408 SnapStartTimeoutException"]);
    expect(environment.answers[0]?.at).toBe(thaw + 1 + 10_000);
    expect(orderOfEmission(environment)).toContain("rS rD(timeout) rR(timeout) ‖");
    expect(environment.environment.phase).toBe("gone");
  });

  test("[LIFE-80] by a stop of the platform is answered as such", () => {
    const environment = published(hooked(5000));
    environment.invoke();
    environment.advance(100);
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: true });
    environment.run();
    expect(answersOf(environment)).toEqual(["500 ServiceException"]);
    expect(orderOfEmission(environment)).toContain("rS rD(failure Sandbox.Failure) rR(failure Sandbox.Failure) ‖");
  });
});

describe("a reset of a restored environment", () => {
  test("[LIFE-125, LIFE-122] initializes again in place, with phase invoke and without the snapshot", () => {
    const environment = restored(byGeneration(hooked(50, inTurn(answering(), silent)), hooked(50)), {
      extensions: { logs: extension("logs") },
    });
    environment.invoke();
    environment.run();
    expect(environment.environment.phase).toBe("empty");
    environment.invoke();
    environment.run();
    expect(orderOfEmission(environment)).toMatch(
      /‖ R\(timeout\) iS\(invoke\) iD\(invoke success\) X\(logs Ready\) iR\(invoke success\) S D\(success\) R\(success\)$/,
    );
    const again = environment.made("restore next", 1);
    expect(again).toMatchObject({ answeredAt: again.madeAt, outcome: { kind: "restored" } });
    expect(reportsOf(environment)[2]).not.toHaveProperty("restoreDurationMs");
  });
});
