/** The order in which telemetry reaches extensions, in every scenario of the tables (EVT-77 to EVT-99, LGS-32 to LGS-37). */
import { afterEach, expect, test } from "vitest";
import { collector, type ExtensionScript, type RuntimeScript, type Step } from "../fixtures/telemetry/scripts.ts";
import {
  endAll,
  freePorts,
  scripted,
  type ScriptedEnvironment,
  type Scripts,
} from "../fixtures/telemetry/scripted-environment.ts";
import { inShort } from "../fixtures/telemetry/short-forms.ts";

afterEach(endAll);

interface Scenario {
  readonly title: string;
  readonly settings?: Partial<Scripts>;
  readonly runtime?: RuntimeScript | readonly RuntimeScript[];
  /** A third extension beside the two that receive. */
  readonly third?: ExtensionScript | readonly ExtensionScript[];
  /** What the two receivers register for; default both events. */
  readonly events?: ExtensionScript["events"];
  readonly play: (it: ScriptedEnvironment) => Promise<unknown>;
  /** What a subscriber of the Telemetry API has received in the end. */
  readonly telemetry: string;
  /** And one of the Logs API, version 2021-03-18. */
  readonly logs: string;
}

const invoke = async (it: ScriptedEnvironment): Promise<unknown> => it.invoke();
const invokeTwice = async (it: ScriptedEnvironment): Promise<unknown> => {
  await it.invoke();
  return it.invoke();
};

const cold = "iS(init) T(Subscribed) iD(success) X X iR(init success)";
const cold3 = "iS(init) T(Subscribed) iD(success) X X X iR(init success)";
const again = "iS(invoke) T(Already subscribed) iD(invoke success) X X iR(invoke success)";
const again3 = "iS(invoke) T(Already subscribed) iD(invoke success) X X X iR(invoke success)";
const good = "S D(success) R(success)";
const goodLogs = "S D(success) E R()";
const first = "S D(success) R(success initDurationMs)";
const firstLogs = "S D(success) E R(initDurationMs)";
const coldLogs = "L(Subscribed) X X";
const coldLogs3 = `${coldLogs} X`;
const againLogs = "L(Already subscribed) X X";
const againLogs3 = `${againLogs} X`;

const exits = { before: [{ exit: 3 }] };
const hangs = { before: [{ hang: true }] } as const;
const well: RuntimeScript = {};
/** In this generation; not before both extensions have subscribed in it. */
const bothSubscribed = (times: number): Step => ({ subscribed: { names: ["modern", "older"], times } });
const dies = (generation: number): RuntimeScript => ({ start: [bothSubscribed(generation), { exit: 3 }] });
const cannotImport = (generation: number): RuntimeScript => ({
  start: [bothSubscribed(generation)],
  initError: "Runtime.ImportModuleError",
});
const neverReady: RuntimeScript = { start: [{ hang: true }] };

const scenarios: readonly Scenario[] = [
  {
    title: "[EVT-77, EVT-78, EVT-98, EVT-102, LGS-32, LGS-33] a cold start, a warm invocation and the end",
    play: invokeTwice,
    telemetry: `${cold} ${first} ${good}`,
    logs: `${coldLogs} ${firstLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-25, EVT-79, LGS-33] an error of the handler",
    play: async (it) => {
      await it.invoke();
      await it.invoke({ fail: true });
    },
    telemetry: `${cold} ${first} ${good}`,
    logs: `${coldLogs} ${firstLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-80] a response too large for the caller",
    play: async (it) => {
      await it.invoke({ respondBytes: 6_291_557 });
      await it.invoke();
    },
    telemetry: `${cold} ${first} ${good}`,
    logs: `${coldLogs} ${firstLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-81, EVT-83, EVT-100, EVT-101, LGS-34, LGS-36] a timeout and the next invocation",
    settings: { timeoutMs: 2000 },
    play: async (it) => {
      await it.invoke(hangs);
      await it.invoke();
    },
    telemetry: `${cold} S D(timeout) R(timeout initDurationMs) ${again} ${good}`,
    logs: `${coldLogs} S D(timeout) F(timeout) E R(initDurationMs) ${againLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-82] an extension that exceeds the timeout after the runtime was done",
    settings: { timeoutMs: 2000 },
    third: [{ invoke: [[{ hang: true }]] }, {}],
    play: invokeTwice,
    telemetry: `${cold3} S D(success) R(timeout initDurationMs) ${again3} ${good}`,
    logs: `${coldLogs3} S D(success) F(timeout) E R(initDurationMs) ${againLogs3} ${goodLogs}`,
  },
  {
    title: "[EVT-84, LGS-35, LGS-36] a runtime that exits before its response",
    play: async (it) => {
      await it.invoke(exits);
      await it.invoke();
    },
    telemetry: `${cold} S D(error Runtime.ExitError) R(error Runtime.ExitError initDurationMs) ${again} ${good}`,
    logs: `${coldLogs} S D(failure) F(error Runtime.ExitError) E R(initDurationMs) ${againLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-84] a runtime that exits after its response",
    play: async (it) => {
      await it.invoke({ after: [{ exit: 3 }] });
      await it.invoke();
    },
    telemetry: `${cold} S D(error Runtime.ExitError) R(error Runtime.ExitError initDurationMs) ${again} ${good}`,
    logs: `${coldLogs} S D(failure) F(error Runtime.ExitError) E R(initDurationMs) ${againLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-85, LGS-35] an extension that exits before the runtime was done",
    third: [{ invoke: [[{ exit: 1 }]] }, {}],
    play: async (it) => {
      await it.invoke(hangs);
      await it.invoke();
    },
    telemetry: `${cold3} S D(error Extension.Crash) R(error Extension.Crash initDurationMs) ${again3} ${good}`,
    logs: `${coldLogs3} S D(failure) F(error Extension.Crash) E R(initDurationMs) ${againLogs3} ${goodLogs}`,
  },
  {
    title: "[EVT-65, EVT-86] an extension that exits after the runtime was done",
    third: [{ invoke: [[{ gate: "crash" }, { exit: 1 }]] }, {}],
    play: async (it) => {
      const invocation = it.invoke();
      await it
        .journal("modern")
        .until((journal) => journal.events().some(({ type }) => type === "platform.runtimeDone"));
      it.open("crash");
      await invocation;
      await it.invoke();
    },
    telemetry: `${cold3} S D(success) R(error Extension.Crash initDurationMs) ${again3} ${good}`,
    logs: `${coldLogs3} S D(success) F(error Extension.Crash) E R(initDurationMs) ${againLogs3} ${goodLogs}`,
  },
  {
    title: "[EVT-87, EVT-28] a runtime that is killed between invocations",
    play: async (it) => {
      await it.invoke();
      const runtime = it.environment.snapshot.processes.find(({ name }) => name === "runtime");
      process.kill(runtime!.pid, "SIGKILL");
      await it.invoke();
      await it.invoke();
    },
    telemetry: `${cold} ${first} S D(error Runtime.ExitError) R(error Runtime.ExitError) ${again} ${good}`,
    logs: `${coldLogs} ${firstLogs} S D(failure) F(error Runtime.ExitError) E R() ${againLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-83, EVT-89, LGS-37] an Init that fails, and succeeds inside the first invocation",
    runtime: [dies(1), well],
    play: async (it) => {
      await it.environment.init();
      await it.invoke();
    },
    telemetry: `iS(init) T(Subscribed) iD(error Runtime.ExitError) X X iR(init error Runtime.ExitError) ${again} ${good}`,
    logs: `L(Subscribed) X X ${againLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-89, EVT-90, EVT-100, LGS-37] an Init that fails again inside the invocation",
    runtime: [dies(1), dies(2), well],
    play: invokeTwice,
    telemetry: [
      "iS(init) T(Subscribed) iD(error Runtime.ExitError) X X iR(init error Runtime.ExitError)",
      "iS(invoke) T(Already subscribed) iD(invoke error Runtime.ExitError) X X",
      "iR(invoke error Runtime.ExitError) S D(error Runtime.ExitError) R(error Runtime.ExitError)",
      `${again} ${good}`,
    ].join(" "),
    logs: [
      "L(Subscribed) X X L(Already subscribed) X X",
      `S D(failure) F(error Runtime.ExitError) E R() ${againLogs} ${goodLogs}`,
    ].join(" "),
  },
  {
    title: "[EVT-30] a runtime that reports the error of its Init",
    runtime: [cannotImport(1), cannotImport(2), well],
    play: invokeTwice,
    telemetry: [
      "iS(init) T(Subscribed) iD(error Runtime.ImportModuleError) X X",
      "iR(init error Runtime.ImportModuleError)",
      "iS(invoke) T(Already subscribed) iD(invoke error Runtime.ImportModuleError) X X",
      "iR(invoke error Runtime.ImportModuleError)",
      `S D(error Runtime.ImportModuleError) R(error Runtime.ImportModuleError) ${again} ${good}`,
    ].join(" "),
    logs: [
      "L(Subscribed) X X L(Already subscribed) X X",
      `S D(failure) F(error Runtime.ImportModuleError) E R() ${againLogs} ${goodLogs}`,
    ].join(" "),
  },
  {
    title: "[EVT-37, EVT-69, EVT-91] an extension that crashes in Init",
    runtime: [neverReady, well],
    third: [{ registered: [{ gate: "crash" }, { exit: 1 }] }, {}],
    play: async (it) => {
      const init = it.environment.init();
      await it.runtime.until((journal) => journal.all("started").length > 0);
      it.open("crash");
      await init;
      await it.invoke();
    },
    telemetry: [
      "iS(init) T(Subscribed) iD(error Extension.Crash) X X X",
      `iR(init error Extension.Crash) ${again3} ${good}`,
    ].join(" "),
    logs: `L(Subscribed) X X X ${againLogs3} ${goodLogs}`,
  },
  {
    title: "[EVT-93] an Init that exceeds its limit",
    settings: { initLimitMs: 2500 },
    runtime: [neverReady, well],
    play: async (it) => {
      await it.environment.init();
      await it.invoke();
    },
    telemetry: `iS(init) T(Subscribed) iD(timeout) X X iR(init timeout) ${again} ${good}`,
    logs: `L(Subscribed) X X ${againLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-94] an Init inside the invocation that exceeds the timeout of the function",
    settings: { timeoutMs: 2000 },
    runtime: [dies(1), neverReady, well],
    play: invokeTwice,
    telemetry: [
      "iS(init) T(Subscribed) iD(error Runtime.ExitError) X X iR(init error Runtime.ExitError)",
      "iS(invoke) T(Already subscribed) iD(invoke timeout) X X iR(invoke timeout) S D(timeout) R(timeout)",
      `${again} ${good}`,
    ].join(" "),
    logs: [
      "L(Subscribed) X X L(Already subscribed) X X",
      `S D(timeout) F(timeout) E R() ${againLogs} ${goodLogs}`,
    ].join(" "),
  },
  {
    title: "[EVT-95, EVT-61] provisioned concurrency",
    settings: { initializationType: "provisioned-concurrency" },
    play: async (it) => {
      await it.environment.init();
      await it.invoke();
    },
    telemetry: cold.replace("iS(init)", "iS(provisioned-concurrency init)").concat(` ${first}`),
    logs: `${coldLogs} ${firstLogs}`,
  },
  {
    title: "[EVT-96, EVT-97, EVT-42, LGS-18] a snapshot, a restore, and what follows",
    settings: { initializationType: "snap-start" },
    runtime: { snapshot: true },
    play: async (it) => {
      await it.environment.init();
      await it.invoke();
      await it.invoke();
    },
    telemetry: [
      cold.replace("iS(init)", "iS(snap-start init)"),
      "rS rD(success) rR(success) S D(success) R(success restoreDurationMs billedRestoreDurationMs)",
      good,
    ].join(" "),
    logs: `${coldLogs} ${goodLogs} ${goodLogs}`,
  },
  {
    title: "[EVT-99] extensions that are not registered for INVOKE",
    events: ["SHUTDOWN"],
    play: invoke,
    telemetry: `${cold} ${first}`,
    logs: `${coldLogs} ${firstLogs}`,
  },
];

/** How far an extension had come when the runtime failed is a matter of chance. */
const order = (it: ScriptedEnvironment, receiver: string): string =>
  inShort(it.journal(receiver).events()).replaceAll(/X\((Ready|Registered)\)/g, "X");

async function arrange({ settings, runtime = {}, third, events }: Scenario): Promise<ScriptedEnvironment> {
  const [one = 0, two = 0] = await freePorts(2);
  const registered = events === undefined ? {} : { events };
  return scripted({
    ...settings,
    runtimeScript: runtime,
    scripts: {
      modern: { ...collector({ port: one }), ...registered },
      older: { ...collector({ port: two }, { api: "logs" }), ...registered },
      ...(third === undefined ? {} : { third }),
    },
  });
}

test.each(scenarios)("$title", async (scenario) => {
  const it = await arrange(scenario);
  await scenario.play(it);
  await it.end();
  expect(order(it, "modern")).toBe(scenario.telemetry);
  expect(order(it, "older")).toBe(scenario.logs);
});

test("[EVT-24, EVT-29, EVT-88] a fault of the platform, here a file system that goes in circles, is a failure", async () => {
  const it = await scripted({ timeoutMs: 3000 });
  const circle = 'cd "$LAMBDARIUM_OPT" && rm -rf extensions && ln -s extensions extensions';
  await it.invoke({ before: [{ spawn: circle }, { exit: 1 }] });
  const from = it.environment.telemetry.length;
  await expect(it.invoke()).rejects.toMatchObject({ code: "service-exception" });
  await it.end();
  expect(inShort(it.environment.telemetry.slice(from))).toBe(
    "iS(invoke) iR(invoke failure Sandbox.Failure) S D(failure Sandbox.Failure) R(failure Sandbox.Failure)",
  );
});
