import { expect, test } from "vitest";
import { exitStatus, killed } from "./scripted-processes.spec-support.ts";
import {
  after,
  answering,
  byGeneration,
  exit,
  exiting,
  extension,
  failing,
  moves,
  responseBegins,
  responseEnds,
  ask,
  runtime,
  silent,
} from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import { orderOfEmission } from "./told-history.spec-support.ts";

interface Scenario {
  readonly title: string;
  readonly function: SimulatedFunction;
  readonly play?: (environment: SimulatedEnvironment) => void;
  readonly order: string;
}

const invokeTwice = (environment: SimulatedEnvironment): void => {
  environment.invoke();
  environment.run();
  environment.invoke();
  environment.run();
};

const cold = "iS(init) iD(init success) X(logs Ready) iR(init success)";
const again = "iS(invoke) iD(invoke success) X(logs Ready) iR(invoke success)";
const logs = extension("logs");
const crashing = (initMs: number) => moves(...after(initMs, exit(1)));
const tooLarge = { kind: "too large" } as const;

const scenarios: readonly Scenario[] = [
  {
    title: "[EVT-77] a cold start",
    function: { extensions: { logs }, runtime: runtime() },
    order: `${cold} S D(success) R(success)`,
  },
  {
    title: "[EVT-78] a warm invocation",
    function: { extensions: { logs }, runtime: runtime() },
    play: invokeTwice,
    order: `${cold} S D(success) R(success) S D(success) R(success)`,
  },
  {
    title: "[EVT-79] a handler error",
    function: { extensions: { logs }, runtime: runtime({ handler: failing }) },
    order: `${cold} S D(success) R(success)`,
  },
  {
    title: "[EVT-80] a response too large for the caller",
    function: {
      extensions: { logs },
      runtime: runtime({
        handler: function* large({ requestId }) {
          yield* ask(responseBegins(requestId));
          yield* ask(responseEnds(requestId, tooLarge, 7_000_000));
        },
      }),
    },
    order: `${cold} S D(success) R(success)`,
  },
  {
    title: "[EVT-81] a function timeout",
    function: { extensions: { logs }, runtime: runtime({ handler: silent }) },
    order: `${cold} S D(timeout) ‖ R(timeout)`,
  },
  {
    title: "[EVT-82] an extension that exceeds the timeout after the runtime was done",
    function: { extensions: { logs: extension("logs", { workMs: 60_000 }) }, runtime: runtime() },
    order: `${cold} S D(success) ‖ R(timeout)`,
  },
  {
    title: "[EVT-83, EVT-100] the first invocation after a reset",
    function: {
      extensions: { logs },
      runtime: byGeneration(runtime({ handler: exiting(exitStatus(1)) }), runtime()),
    },
    play: invokeTwice,
    order: `${cold} S D(error Runtime.ExitError) ‖ R(error Runtime.ExitError) ${again} S D(success) R(success)`,
  },
  {
    title: "[EVT-84] a runtime that exits before its response",
    function: { extensions: { logs }, runtime: runtime({ handler: exiting(exitStatus(3)) }) },
    order: `${cold} S D(error Runtime.ExitError) ‖ R(error Runtime.ExitError)`,
  },
  {
    title: "[EVT-84] a runtime that exits after its response",
    function: {
      extensions: { logs },
      runtime: runtime({
        handler: function* answerAndEnd(event) {
          yield* answering()(event, 0);
          yield exit(3);
        },
      }),
    },
    order: `${cold} S D(error Runtime.ExitError) ‖ R(error Runtime.ExitError)`,
  },
  {
    title: "[EVT-85] an extension that exits before the response",
    function: { extensions: { logs }, runtime: runtime({ handler: silent }) },
    play: (environment) => {
      environment.invoke();
      environment.advance(100);
      environment.crash("logs", exitStatus(1));
    },
    order: `${cold} S D(error Extension.Crash) ‖ R(error Extension.Crash)`,
  },
  {
    title: "[EVT-86] an extension that exits after the runtime was done",
    function: { extensions: { logs: extension("logs", { workMs: 500 }) }, runtime: runtime() },
    play: (environment) => {
      environment.invoke();
      environment.advance(200);
      environment.crash("logs", exitStatus(1));
    },
    order: `${cold} S D(success) ‖ R(error Extension.Crash)`,
  },
  {
    title: "[EVT-87] a process that ends between invocations",
    function: { extensions: { logs }, runtime: runtime() },
    play: (environment) => {
      environment.invoke();
      environment.run();
      environment.crash("runtime", killed);
      environment.invoke();
    },
    order: `${cold} S D(success) R(success) S D(error Runtime.ExitError) ‖ R(error Runtime.ExitError)`,
  },
  {
    title: "[EVT-88, EVT-29] a fault of the platform during an invocation",
    function: { extensions: { logs }, runtime: runtime({ handler: silent }) },
    play: (environment) => {
      environment.invoke();
      environment.advance(100);
      environment.happens({ event: "platform failed", text: "the disk is full" });
    },
    order: `${cold} S D(failure Sandbox.Failure) ‖ R(failure Sandbox.Failure)`,
  },
  {
    title: "[EVT-89, EVT-83] an Init that fails, then succeeds inside the invocation",
    function: { extensions: { logs }, runtime: byGeneration(crashing(10), runtime()) },
    order: `iS(init) iD(init error Runtime.ExitError) X(logs Ready) iR(init error Runtime.ExitError) ‖ ${again} S D(success) R(success)`,
  },
  {
    title: "[EVT-89, EVT-90, EVT-100] an Init that fails twice",
    function: { extensions: { logs }, runtime: crashing(10) },
    order:
      "iS(init) iD(init error Runtime.ExitError) X(logs Ready) iR(init error Runtime.ExitError) ‖ " +
      "iS(invoke) iD(invoke error Runtime.ExitError) X(logs Ready) iR(invoke error Runtime.ExitError) " +
      "S D(error Runtime.ExitError) ‖ R(error Runtime.ExitError)",
  },
  {
    title: "[EVT-91, EVT-36] an extension that crashes in Init before the runtime was started",
    function: { extensions: { logs: crashing(10) }, runtime: runtime() },
    play: (environment) => environment.happens({ event: "init requested" }),
    order: "iS(init) X(logs Started) iR(init error Extension.Crash) ‖",
  },
  {
    title: "[EVT-91] an extension that crashes in Init after the runtime was started",
    function: { extensions: { logs: extension("logs", { readyMs: 1000 }) }, runtime: runtime() },
    play: (environment) => {
      environment.happens({ event: "init requested" });
      environment.advance(500);
      environment.crash("logs", exitStatus(1));
    },
    order: "iS(init) iD(init error Extension.Crash) X(logs Registered) iR(init error Extension.Crash) ‖",
  },
  {
    title: "[EVT-92] an extension that cannot be executed",
    function: {
      extensions: { logs, zip: { launchFails: "fork/exec /opt/extensions/zip: exec format error" } },
      runtime: runtime(),
    },
    play: (environment) => environment.happens({ event: "init requested" }),
    order: "iS(init) X(logs Started) X(zip LaunchError) iR(init error Extension.LaunchError) ‖",
  },
  {
    title: "[EVT-36] a runtime that cannot be executed",
    function: {
      extensions: { logs },
      runtime: { launchFails: { errorType: "Runtime.InvalidEntrypoint", text: "no bootstrap" } },
    },
    play: (environment) => environment.happens({ event: "init requested" }),
    order: "iS(init) X(logs Ready) iR(init error Runtime.InvalidEntrypoint) ‖",
  },
  {
    title: "[EVT-93, EVT-83] an Init that exceeds its limit, then succeeds inside the invocation",
    function: { extensions: { logs }, runtime: byGeneration(runtime({ initMs: 11_000 }), runtime()) },
    order: `iS(init) iD(init timeout) X(logs Ready) iR(init timeout) ‖ ${again} S D(success) R(success)`,
  },
  {
    title: "[EVT-94] an Init inside the invocation that exceeds the function's timeout",
    function: { extensions: { logs }, runtime: runtime({ initMs: 11_000 }) },
    order:
      "iS(init) iD(init timeout) X(logs Ready) iR(init timeout) ‖ " +
      "iS(invoke) iD(invoke timeout) X(logs Ready) iR(invoke timeout) S D(timeout) ‖ R(timeout)",
  },
  {
    title: "[EVT-95] provisioned concurrency, long before the first invocation",
    function: {
      configuration: { initializationType: "provisioned-concurrency" },
      extensions: { logs },
      runtime: runtime(),
    },
    play: (environment) => {
      environment.happens({ event: "init requested" });
      environment.run();
      environment.advance(3_600_000);
      environment.invoke();
    },
    order: `${cold} S D(success) R(success)`,
  },
  {
    title: "[EVT-96] a version published with SnapStart",
    function: { configuration: { initializationType: "snap-start" }, extensions: { logs }, runtime: runtime() },
    play: (environment) => environment.happens({ event: "init requested" }),
    order: cold,
  },
  {
    title: "[EVT-97] a restore and the first invocation",
    function: {
      configuration: { initializationType: "snap-start" },
      extensions: { logs },
      runtime: runtime({ restore: { afterMs: 50 } }),
    },
    play: (environment) => {
      environment.happens({ event: "init requested" });
      environment.run();
      environment.invoke();
    },
    order: `${cold} rS rD(success) rR(success) S D(success) R(success)`,
  },
  {
    title: "[EVT-98, EVT-102] a spin-down",
    function: { extensions: { logs }, runtime: runtime() },
    play: (environment) => {
      environment.invoke();
      environment.run();
      environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    },
    order: `${cold} S D(success) R(success) ‖`,
  },
  {
    title: "[EVT-99] no extension registered for INVOKE",
    function: { extensions: { logs: extension("logs", { events: ["SHUTDOWN"] }) }, runtime: runtime() },
    order: `${cold} S D(success) R(success)`,
  },
];

const invokeOnce = (environment: SimulatedEnvironment): unknown => environment.invoke();
for (const { title, function: simulated, play = invokeOnce, order } of scenarios)
  test(`${title} emits its records in the order of the specification`, () => {
    const environment = new SimulatedEnvironment(simulated);
    play(environment);
    environment.run();
    expect(orderOfEmission(environment)).toBe(order);
    expect(environment.violations).toEqual([]);
  });
