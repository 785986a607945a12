import { describe, expect, test } from "vitest";
import { initLimitMs } from "./configuration.ts";
import type { ProcessExit } from "./events.ts";
import {
  after,
  byGeneration,
  call,
  exit,
  exitStatus,
  extension,
  identifierOf,
  initError,
  killed,
  moves,
  runtime,
  silent,
} from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import { answersOf, effectsOf, payload, recordsOf, reportsOf, timesOf } from "./told-history.spec-support.ts";

function invoked(simulated: SimulatedFunction): SimulatedEnvironment {
  const environment = new SimulatedEnvironment(simulated);
  environment.invoke();
  return environment.run();
}

function initialized(simulated: SimulatedFunction): SimulatedEnvironment {
  const environment = new SimulatedEnvironment(simulated);
  environment.happens({ event: "init requested" });
  return environment.run();
}

const launched = (environment: SimulatedEnvironment): string[] =>
  effectsOf(environment, "launch extension").map(({ name }) => name);
const denied = { launchFails: "fork/exec /opt/extensions/b: permission denied" };

describe("the launch of extensions and runtime", () => {
  test("[LIFE-03] extensions start one after the other, none waiting for another to register", () => {
    const slow = { initMs: 500 };
    const environment = initialized({
      extensions: { c: extension("c", slow), a: extension("a", slow), b: extension("b", slow) },
      runtime: runtime(),
    });
    expect(launched(environment)).toEqual(["a", "b", "c"]);
    expect(Math.max(...timesOf(environment, "launch extension"))).toBeLessThan(environment.made("register").madeAt);
  });

  test("[LIFE-05, LIFE-57] the first launch that fails ends Init: later files are not launched, running processes are ended", () => {
    const environment = invoked({
      extensions: { a: extension("a"), b: denied, c: extension("c") },
      runtime: runtime(),
    });
    expect(launched(environment)).toEqual(["a", "b", "a", "b"]);
    expect(environment.living).toEqual([]);
    expect(timesOf(environment, "launch runtime")).toEqual([]);
    expect(answersOf(environment)).toEqual([payload("Extension.LaunchError", denied.launchFails)]);
  });

  test("[LIFE-06, EXT-15, EXT-95, EVT-69] an eleventh file is a failed launch after the first ten were started", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    const environment = initialized({ extensions: Object.fromEntries(names.map((name) => [name, extension(name)])) });
    expect(launched(environment)).toEqual(names.slice(0, 10));
    expect(recordsOf(environment, "platform.extension")[10]).toEqual({
      type: "platform.extension",
      name: "k",
      state: "LaunchError",
      events: [],
      errorType: "TooManyExtensions",
    });
    expect(recordsOf(environment, "platform.initReport")[0]?.errorType).toBe("Extension.LaunchError");
  });

  test("[LIFE-07] the runtime starts only after every launched extension has registered", () => {
    const environment = initialized({
      extensions: { a: extension("a", { initMs: 700 }), b: extension("b", { initMs: 20, readyMs: 5000 }) },
      runtime: runtime(),
    });
    expect(timesOf(environment, "launch runtime")).toEqual([environment.made("register", 1).madeAt]);
  });

  test("[LIFE-07] a registration that comes before the other files were launched does not start the runtime", () => {
    const environment = new SimulatedEnvironment({ extensions: { a: moves(), b: moves() }, runtime: runtime() });
    environment.happens({ event: "init requested" });
    environment.advance(0);
    environment.call({ call: "register", name: "a", events: [], freshIdentifier: "a" });
    environment.run();
    expect(launched(environment)).toEqual(["a", "b"]);
    expect(timesOf(environment, "launch runtime")).toEqual([]);
  });

  test("[EXT-11] a process that registered only under another name does not count, and Init waits for it to its limit", () => {
    const environment = initialized({ extensions: { "logs.sh": extension("logs") }, runtime: runtime() });
    expect(timesOf(environment, "launch runtime")).toEqual([]);
    expect(effectsOf(environment, "name the missing")).toMatchObject([
      { at: 10_000, runtime: false, extensions: ["logs.sh", "logs"].slice(0, 1) },
    ]);
  });
});

describe("the end of Init", () => {
  test("[LIFE-10, LIFE-11, EXT-50] waits for the extension when the runtime is ready", () => {
    const environment = initialized({ extensions: { logs: extension("logs", { readyMs: 900 }) }, runtime: runtime() });
    expect(timesOf(environment, "init ended")).toEqual([environment.made("event next").madeAt]);
    expect(environment.made("event next").madeAt).toBeGreaterThan(environment.made("runtime next").madeAt);
  });

  test("[LIFE-10, LIFE-11, RT-14] waits for the runtime when the extension is ready", () => {
    const environment = initialized({ extensions: { logs: extension("logs") }, runtime: runtime({ initMs: 900 }) });
    expect(timesOf(environment, "init ended")).toEqual([environment.made("runtime next").madeAt]);
    expect(environment.made("runtime next").madeAt).toBeGreaterThan(environment.made("event next").madeAt);
  });

  test("[LIFE-10] waits for an internal extension and for one without events, too", () => {
    const inside = moves(
      ...after(10, call({ call: "register", name: "inside", events: [], freshIdentifier: "inside" })),
      { move: "post", call: { call: "runtime next" } },
      ...after(700, { move: "post", call: { call: "event next", identifier: "inside" } }),
    );
    const environment = initialized({
      extensions: { quiet: extension("quiet", { events: [], readyMs: 300 }) },
      runtime: inside,
    });
    expect(timesOf(environment, "init ended")).toEqual([environment.made("event next", 1).madeAt]);
    expect(environment.made("event next", 1).call).toEqual({ call: "event next", identifier: "inside" });
  });

  test("[LIFE-12, LIFE-35, EXT-68] an invocation is released only after it, to runtime and extensions at once", () => {
    const environment = invoked({ extensions: { logs: extension("logs", { readyMs: 900 }) }, runtime: runtime() });
    const [ended] = timesOf(environment, "init ended");
    expect(environment.made("runtime next").answeredAt).toBe(ended);
    expect(environment.made("event next").answeredAt).toBe(ended);
  });

  test("[LIFE-09, LIFE-13] one Init serves all invocations of a generation, and starts with the first of them", () => {
    const environment = new SimulatedEnvironment({ runtime: runtime() });
    environment.advance(60_000);
    expect(environment.history).toEqual([]);
    for (let count = 0; count < 3; count++) {
      environment.invoke();
      environment.run();
    }
    expect(timesOf(environment, "launch runtime")).toEqual([60_000]);
    expect(answersOf(environment)).toEqual(["response: ok", "response: ok", "response: ok"]);
  });

  test("[LIFE-15, LIFE-16, EVT-39, EVT-59, EVT-60] Init Duration spans the whole of it, and is billed with the first invocation", () => {
    const environment = invoked({ extensions: { logs: extension("logs", { initMs: 100 }) }, runtime: runtime() });
    const [initEnd = 0] = timesOf(environment, "init ended");
    const [report] = reportsOf(environment);
    expect(initEnd).toBeGreaterThan(100);
    expect(recordsOf(environment, "platform.initReport")[0]?.durationMs).toBe(initEnd);
    expect(report?.initDurationMs).toBe(initEnd);
    expect(report?.billedDurationMs).toBe(Math.ceil(initEnd + Number(report?.durationMs)));
    environment.invoke();
    expect(reportsOf(environment.run())[1]).not.toHaveProperty("initDurationMs");
  });

  test("[EXT-92, EXT-93, EXT-97, EVT-66, EVT-67, EVT-68] each extension is reported once: external before internal, by name, INVOKE before SHUTDOWN", () => {
    const inside = (name: string) => call({ call: "register", name, events: ["INVOKE"], freshIdentifier: name });
    const environment = initialized({
      extensions: { z: extension("z", { events: ["SHUTDOWN", "INVOKE"] }), m: extension("m", { events: [] }) },
      runtime: moves(
        inside("b"),
        inside("a"),
        { move: "post", call: { call: "event next", identifier: "a" } },
        { move: "post", call: { call: "event next", identifier: "b" } },
        call({ call: "runtime next" }),
      ),
    });
    const ready = { type: "platform.extension", state: "Ready" };
    expect(recordsOf(environment, "platform.extension")).toEqual([
      { ...ready, name: "m", events: [] },
      { ...ready, name: "z", events: ["INVOKE", "SHUTDOWN"] },
      { ...ready, name: "a", events: ["INVOKE"] },
      { ...ready, name: "b", events: ["INVOKE"] },
    ]);
  });

  test("[EXT-99] with extensions switched off it takes the runtime's first next alone, and so does an invocation", () => {
    const environment = invoked({
      extensions: { logs: extension("logs") },
      extensionsSwitchedOff: true,
      runtime: runtime(),
    });
    expect(launched(environment)).toEqual([]);
    expect(environment.environment.phase).toBe("ready");
    expect(answersOf(environment)).toEqual(["response: ok"]);
    expect(environment.call({ call: "event next", identifier: "any" }).outcome).toEqual({ kind: "switched off" });
  });
});

describe("the limit of Init", () => {
  test.each([3000, 900_000])("[LIFE-17] is 10 s on demand, with a timeout of %i ms", (timeoutMs) => {
    expect(initLimitMs("on-demand", timeoutMs)).toBe(10_000);
    const environment = initialized({ configuration: { timeoutMs }, runtime: moves() });
    expect(timesOf(environment, "init ended")).toEqual([10_000]);
  });

  test.each([
    [3000, 130_000],
    [200_000, 200_000],
    [900_000, 900_000],
  ])("[LIFE-18, LIFE-117] is, with a timeout of %i ms, %i ms for the other types", (timeoutMs, limit) => {
    expect(initLimitMs("provisioned-concurrency", timeoutMs)).toBe(limit);
    expect(initLimitMs("snap-start", timeoutMs)).toBe(limit);
  });

  test("[LIFE-20] can be set", () => {
    const environment = initialized({ configuration: { initLimitMs: 500 }, runtime: moves() });
    expect(timesOf(environment, "init ended")).toEqual([500]);
  });

  test("[LIFE-19, LIFE-30, LIFE-33, EVT-34] at the limit all processes end, with reason timeout, and the missing are named", () => {
    const environment = initialized({
      extensions: { logs: extension("logs"), slow: extension("slow", { readyMs: 60_000 }) },
      runtime: moves(),
    });
    expect(effectsOf(environment, "name the missing")).toEqual([
      { at: 10_000, effect: "name the missing", runtime: true, extensions: ["slow"] },
    ]);
    expect(recordsOf(environment, "platform.initReport")).toEqual([
      {
        type: "platform.initReport",
        initializationType: "on-demand",
        phase: "init",
        status: "timeout",
        durationMs: 10_000,
      },
    ]);
    expect(environment.made("event next").outcome).toMatchObject({ kind: "shutdown event", reason: "timeout" });
    expect(environment.living).toEqual([]);
    expect(environment.environment.phase).toBe("empty");
  });
});

test("[LIFE-127] a call in the name of a runtime whose launch then fails leaves nobody waiting", () => {
  const environment = new SimulatedEnvironment({
    runtime: { launchFails: { errorType: "Runtime.InvalidEntrypoint", text: "none" } },
  });
  environment.invoke();
  // The second attempt has launched its runtime, and does not know yet that there is none.
  environment.advance(3);
  environment.call({ call: "runtime next" });
  environment.run();
  expect(answersOf(environment)).toEqual([payload("Runtime.ExitError", "Runtime exited with error: exit status 1")]);
  expect(reportsOf(environment)).toHaveLength(1);
});

describe("a failed Init", () => {
  const causes: readonly (readonly [string, SimulatedFunction, string])[] = [
    ["a runtime that exits with 0", { runtime: moves(...after(10, exit(0))) }, "Runtime.ExitError"],
    ["a runtime that exits with 1", { runtime: moves(...after(10, exit(1))) }, "Runtime.ExitError"],
    ["a runtime that is killed", { runtime: moves({ move: "exit", exit: killed }) }, "Runtime.ExitError"],
    ["an extension that exits with 0", { extensions: { logs: moves(exit(0)) } }, "Extension.Crash"],
    ["an extension that cannot be launched", { extensions: { b: denied } }, "Extension.LaunchError"],
    [
      "a runtime that cannot be launched",
      { runtime: { launchFails: { errorType: "Runtime.InvalidEntrypoint", text: "none" } } },
      "Runtime.InvalidEntrypoint",
    ],
  ];
  test.each(causes)(
    "[LIFE-21, LIFE-22, LIFE-27, LIFE-29, LIFE-54, LIFE-55, LIFE-56, LIFE-57] is caused by %s, and tried once more",
    (_, simulated, errorType) => {
      const environment = invoked(simulated);
      const attempts = recordsOf(environment, "platform.initReport").map(({ phase, status, errorType }) => [
        phase,
        status,
        errorType,
      ]);
      expect(attempts).toEqual([
        ["init", "error", errorType],
        ["invoke", "error", errorType],
      ]);
      expect(reportsOf(environment)).toMatchObject([{ status: "error", errorType }]);
      expect(environment.answers).toHaveLength(1);
    },
  );

  test("[LIFE-22, LIFE-23, LIFE-24, LIFE-42, LIFE-43, EVT-57, EVT-59, RT-19] that succeeds at the second attempt answers as usual", () => {
    const environment = invoked({
      extensions: { logs: extension("logs", { workMs: 0 }) },
      runtime: byGeneration(moves(...after(50, exit(1))), runtime({ initMs: 2500 })),
    });
    expect(launched(environment)).toEqual(["logs", "logs"]);
    expect(answersOf(environment)).toEqual(["response: ok"]);
    const [, secondStart = 0] = timesOf(environment, "discover extensions");
    const next = environment.made("runtime next");
    expect(next.outcome).toMatchObject({ event: { deadlineMs: 1_700_000_000_000 + Number(next.answeredAt) + 3000 } });
    const [report] = reportsOf(environment);
    const [concluded = 0] = timesOf(environment, "conclude invocation");
    expect(report?.durationMs).toBe(concluded - secondStart);
    expect(report?.durationMs).toBeGreaterThan(2500);
    expect(report).not.toHaveProperty("initDurationMs");
    expect(report?.billedDurationMs).toBe(report?.durationMs);
  });

  test("[LIFE-25, LIFE-32, RT-79] answers with the second attempt's error, not the first's", () => {
    const environment = invoked({
      runtime: byGeneration(moves(call(initError("first")), exit(1)), moves(exit(7))),
    });
    expect(answersOf(environment)).toEqual([payload("Runtime.ExitError", "Runtime exited with error: exit status 7")]);
    expect(reportsOf(environment)).toMatchObject([{ errorType: "Runtime.ExitError" }]);
  });

  test("[LIFE-26, LIFE-23, EVT-58, RT-102] whose second attempt exceeds the timeout ends as a timeout", () => {
    const environment = invoked({ runtime: byGeneration(moves(exit(1)), moves()) });
    expect(answersOf(environment)).toEqual([payload("Sandbox.Timedout", "Task timed out after 3.00 seconds")]);
    expect(recordsOf(environment, "platform.initReport")[1]?.durationMs).toBe(3000);
    const [report] = reportsOf(environment);
    expect(report).toMatchObject({ status: "timeout", durationMs: 3000, billedDurationMs: 3000 });
    expect(report).not.toHaveProperty("errorType");
  });

  test("[LIFE-28, LIFE-31] leaves an empty environment, whose next invocation makes one attempt with phase invoke", () => {
    const environment = invoked({ runtime: moves(exit(1)) });
    expect(environment.environment.phase).toBe("empty");
    environment.invoke();
    environment.run();
    expect(recordsOf(environment, "platform.initStart").map(({ phase }) => phase)).toEqual([
      "init",
      "invoke",
      "invoke",
    ]);
    expect(environment.answers).toHaveLength(2);
  });

  test.each([
    "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
    "fork/exec /var/task/bootstrap: permission denied",
  ])(
    "[RT-106, RT-107, LIFE-55] because of a runtime that cannot be launched gives the caller its reason: %s",
    (said) => {
      const environment = invoked({ runtime: { launchFails: { errorType: "Runtime.InvalidEntrypoint", text: said } } });
      expect(answersOf(environment)).toEqual([payload("Runtime.InvalidEntrypoint", said)]);
      expect(timesOf(environment, "launch runtime")).toHaveLength(2);
    },
  );

  test("[LIFE-30] resets with reason failure, and an extension that asked for SHUTDOWN gets it", () => {
    const environment = initialized({
      extensions: { logs: extension("logs") },
      runtime: moves(...after(100, exit(1))),
    });
    expect(environment.made("event next").outcome).toMatchObject({ kind: "shutdown event", reason: "failure" });
  });

  test("[EXT-42] is not caused by a refused registration", () => {
    const environment = initialized({
      extensions: { logs: extension("logs") },
      runtime: moves(
        call({ call: "register", name: "inside", events: ["SHUTDOWN"], freshIdentifier: "inside" }),
        call({ call: "runtime next" }),
      ),
    });
    expect(effectsOf(environment, "init ended")).toMatchObject([{ verdict: { status: "success" } }]);
    expect(recordsOf(environment, "platform.extension").map(({ name }) => name)).toEqual(["logs"]);
  });
});

describe("init/error of the runtime", () => {
  const exits: readonly (readonly [string, ProcessExit])[] = [
    ["status 1", exitStatus(1)],
    ["status 0", exitStatus(0)],
    ["SIGKILL", killed],
  ];
  test.each(exits)(
    "[RT-78, RT-75, LIFE-54, EVT-30] followed by an exit with %s gives the caller exactly the posted body",
    (_, how) => {
      const environment = invoked({ runtime: moves(call(initError("no handler")), { move: "exit", exit: how }) });
      expect(environment.made("init error").outcome).toEqual({ kind: "accepted" });
      expect(answersOf(environment)).toEqual(["posted error: no handler"]);
      expect(reportsOf(environment)).toMatchObject([{ status: "error", errorType: "Runtime.ImportModuleError" }]);
      expect(recordsOf(environment, "platform.initRuntimeDone")).toMatchObject([
        { errorType: "Runtime.ImportModuleError" },
        { errorType: "Runtime.ImportModuleError" },
      ]);
    },
  );

  test("[RT-81] takes any bytes as its body", () => {
    const body = new Uint8Array([0, 255, 254, 10]);
    const environment = invoked({ runtime: moves(call({ call: "init error", errorType: undefined, body }), exit(1)) });
    expect(environment.answers.map(({ answer }) => answer)).toEqual([{ kind: "posted error", body }]);
  });

  test("[EVT-30] with a type that is not reportable is recorded as Runtime.ExitError", () => {
    const environment = invoked({ runtime: moves(call(initError("no handler", "ImportError")), exit(1)) });
    expect(reportsOf(environment)).toMatchObject([{ errorType: "Runtime.ExitError" }]);
  });

  test("[RT-78, LIFE-56] is not the answer to the crash of an extension", () => {
    const environment = invoked({
      extensions: {
        logs: moves(
          call({ call: "register", name: "logs", events: [], freshIdentifier: "id" }),
          ...after(100, exit(1)),
        ),
      },
      runtime: moves(call(initError("no handler"))),
    });
    expect(answersOf(environment)).toEqual([payload("Extension.Crash", "exit status 1")]);
  });

  test("[RT-80, LIFE-33] of a runtime that stays alive holds Init to its limit, and is the error reported", () => {
    const environment = invoked({ runtime: moves(call(initError("no handler"))) });
    expect(timesOf(environment, "init ended")).toEqual([10_000]);
    expect(answersOf(environment)).toEqual(["posted error: no handler"]);
    expect(reportsOf(environment)).toMatchObject([{ status: "timeout" }]);
  });

  test("[RT-76, RT-77] is refused a second time, and so is next after it", () => {
    const environment = initialized({
      configuration: { initLimitMs: 200 },
      runtime: moves(
        call(initError()),
        call(initError()),
        call({ call: "runtime next" }),
        call({ call: "restore next" }),
      ),
    });
    const refusals = [
      environment.made("init error", 1),
      environment.made("runtime next"),
      environment.made("restore next"),
    ].map(({ outcome }) => outcome?.kind);
    expect(refusals).toEqual(["refused", "refused", "refused"]);
  });

  test.each([
    [exitStatus(0), "Runtime exited without providing a reason"],
    [exitStatus(3), "Runtime exited with error: exit status 3"],
    [{ ...killed, signal: "SIGSEGV" }, "Runtime exited with error: signal: segmentation fault"],
  ])("[RT-82, LIFE-54] missing, an exit in Init gives Runtime.ExitError: %o", (how, said) => {
    const environment = invoked({ runtime: moves({ move: "exit", exit: how }) });
    expect(answersOf(environment)).toEqual([payload("Runtime.ExitError", said)]);
  });
});

describe("an extension that ends in Init", () => {
  const register = (events: readonly string[]) =>
    call({ call: "register", name: "logs", events, freshIdentifier: identifierOf("logs", 1) });
  const posts = (api: "extension init error" | "extension exit error") =>
    call({ call: api, identifier: identifierOf("logs", 1), errorType: "Extension.Mine" });
  const stories = [
    ["before registering", [exit(1)], "Started", [], "Extension.Crash", "exit status 1"],
    ["after registering", [register(["INVOKE"]), exit(0)], "Registered", ["INVOKE"], "Extension.Crash", "exit code 0"],
    [
      "after init/error",
      [register(["SHUTDOWN"]), posts("extension init error"), exit(2)],
      "InitError",
      ["SHUTDOWN"],
      "Extension.InitError",
      "exit status 2",
    ],
    [
      "after exit/error",
      [register([]), posts("extension exit error"), exit(2)],
      "ExitError",
      [],
      "Extension.ExitError",
      "exit status 2",
    ],
  ] as const;

  test.each(stories)(
    "[EXT-79, EXT-80, EXT-94, EVT-69, LIFE-56, LIFE-68] %s is reported with its state, and the attempt with its type",
    (_, script, state, events, errorType, said) => {
      const environment = initialized({ extensions: { logs: moves(...after(5, ...script)) }, runtime: runtime() });
      expect(recordsOf(environment, "platform.extension")).toEqual([
        { type: "platform.extension", name: "logs", state, events },
      ]);
      expect(effectsOf(environment, "init ended")).toMatchObject([
        { verdict: { status: "error", errorType }, text: said },
      ]);
    },
  );

  test("[LIFE-67, LIFE-68, EVT-26] does so with the type of the first that posted an error", () => {
    const registers = (name: string) => call({ call: "register", name, events: [], freshIdentifier: name });
    const says = (name: string, api: "extension init error" | "extension exit error") =>
      call({ call: api, identifier: name, errorType: "Extension.Mine" });
    const environment = initialized({
      extensions: {
        a: moves(registers("a"), says("a", "extension exit error")),
        b: moves(registers("b"), ...after(50, says("b", "extension init error"), exit(1))),
      },
      runtime: runtime(),
    });
    expect(effectsOf(environment, "init ended")).toMatchObject([{ verdict: { errorType: "Extension.ExitError" } }]);
  });

  test("[EVT-37, EVT-35] after the runtime was started makes initRuntimeDone an error at that moment", () => {
    const environment = initialized({
      extensions: { logs: moves(register([]), ...after(500, exit(1))) },
      runtime: runtime({ handler: silent }),
    });
    expect(recordsOf(environment, "platform.initRuntimeDone")).toMatchObject([
      { status: "error", errorType: "Extension.Crash" },
    ]);
    expect(timesOf(environment, "init ended")).toEqual([501]);
  });

  test.each([
    ["fork/exec /opt/extensions/b: permission denied", "PermissionDenied"],
    ["fork/exec /opt/extensions/b: exec format error", "UnknownError"],
    ["fork/exec /opt/extensions/b: no such file or directory", "UnknownError"],
  ])("[EXT-95, EVT-69] because of %s is reported as LaunchError with the type %s", (launchFails, errorType) => {
    const environment = initialized({ extensions: { b: { launchFails } } });
    expect(recordsOf(environment, "platform.extension")).toEqual([
      { type: "platform.extension", name: "b", state: "LaunchError", events: [], errorType },
    ]);
  });

  test("[EXT-78, LIFE-33] posts init/error and stays alive, and so holds Init to its limit", () => {
    const environment = initialized({
      extensions: { logs: moves(register([]), posts("extension init error")) },
      runtime: runtime(),
    });
    expect(timesOf(environment, "init ended")).toEqual([10_000]);
  });
});
