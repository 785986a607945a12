/** Init: extensions are found and launched, then the runtime, until all have asked for their next event (LIFE-01 to LIFE-33). */
import { maxExtensions, type ShutdownReason } from "../protocol/extensions-api.ts";
import { answerInvocation, failureAnswer } from "./answers.ts";
import { end } from "./ending.ts";
import type { Environment, Initializing } from "./environment.ts";
import type { EnvironmentEvent } from "./events.ts";
import { exitOf, platformFailure, stopped, timedOut, verdictOf } from "./exits.ts";
import { becomeReady } from "./idle.ts";
import type { Fatal, Invocation, InvocationAnswer } from "./invocation.ts";
import { release } from "./invoking.ts";
import {
  type Extension,
  extensionNamed,
  isRegistered,
  launchedExtension,
  withExtension,
  withRuntime,
} from "./participants.ts";
import { draftReport, emitInitEnd, emitRuntimeNeverBegan, emitStart } from "./reports.ts";
import { becomeSnapshotted } from "./restoring.ts";
import { elapsedMs, type Turn } from "./turn.ts";

type InitEvent = Extract<
  EnvironmentEvent,
  {
    event:
      | "extensions discovered"
      | "extension launched"
      | "extension launch failed"
      | "runtime launched"
      | "runtime launch failed"
      | "runtime exited"
      | "extension exited"
      | "timer fired"
      | "platform failed";
  }
>;

export function whileInitializing(environment: Initializing, event: InitEvent, turn: Turn): Environment {
  const { generation } = environment;
  switch (event.event) {
    case "extensions discovered":
      return launchNext(
        { ...environment, toLaunch: event.names, generation: { ...generation, extensionsOff: event.switchedOff } },
        turn,
      );
    case "extension launched":
      return launchNext(environment, turn);
    case "extension launch failed": {
      const launchErrorType = event.text.endsWith("permission denied") ? "PermissionDenied" : "UnknownError";
      return launchFailed(environment, event.name, launchErrorType, event.text, turn);
    }
    case "runtime launched":
      return environment;
    case "runtime launch failed": {
      // EVT-36: its process was never started.
      const without = { ...environment, runtimeLaunched: false, generation: withRuntime(generation, { alive: false }) };
      return failInit(without, { status: "error", errorType: event.errorType, text: event.text }, turn);
    }
    case "runtime exited":
    case "extension exited": {
      const [left, fatal] = exitOf(generation, event);
      return failInit({ ...environment, generation: left }, fatal, turn);
    }
    case "timer fired":
      return event.timer === "init limit" ? limitReached(environment, turn) : environment;
    case "platform failed":
      return failInit(environment, platformFailure(event.text), turn);
    default:
      return event satisfies never;
  }
}

/** LIFE-03: in order, none waiting for another to register. LIFE-06: the eleventh is a failed launch. */
function launchNext(environment: Initializing, turn: Turn): Environment {
  const [name, ...toLaunch] = environment.toLaunch ?? [];
  if (name === undefined) return advanceInit(environment, turn);
  const { generation } = environment;
  const others = generation.extensions.filter((extension) => extension.name !== name);
  // EXT-12: another process may have registered this name already; the text of the name decides.
  const taken = extensionNamed(generation, name);
  const launched: Extension = taken === undefined ? launchedExtension(name) : { ...taken, kind: "external" };
  const extensions = [...others, launched];
  const known: Initializing = { ...environment, toLaunch, generation: { ...generation, extensions } };
  if (extensions.length > maxExtensions)
    return launchFailed(known, name, "TooManyExtensions", `Extension limit (${maxExtensions}) reached`, turn);
  turn.effects.push({ effect: "launch extension", name });
  return known;
}

/** LIFE-05, EXT-95 */
function launchFailed(
  environment: Initializing,
  name: string,
  launchErrorType: string,
  text: string,
  turn: Turn,
): Environment {
  const extension: Extension = {
    ...(extensionNamed(environment.generation, name) ?? launchedExtension(name)),
    state: "LaunchError",
    alive: false,
    launchErrorType,
  };
  const failed = { ...environment, generation: withExtension(environment.generation, extension) };
  return failInit(failed, { status: "error", errorType: "Extension.LaunchError", text }, turn);
}

/** LIFE-07, LIFE-10: looks whether the next step of Init may be taken. */
export function advanceInit(environment: Initializing, turn: Turn): Environment {
  if (environment.toLaunch === undefined || environment.toLaunch.length > 0) return environment;
  const { extensions, runtime } = environment.generation;
  if (!environment.runtimeLaunched) {
    if (!extensions.every(isRegistered)) return environment;
    turn.effects.push({ effect: "launch runtime" });
    const generation = withRuntime(environment.generation, { state: "Started", alive: true });
    return { ...environment, runtimeLaunched: true, generation };
  }
  const runtimeReady = runtime.state === "Ready" || runtime.state === "RestoreReady";
  return runtimeReady && extensions.every(({ state }) => state === "Ready")
    ? completeInit(environment, turn)
    : environment;
}

function completeInit(environment: Initializing, turn: Turn): Environment {
  const { configuration, attempt, invocation, startedAt } = environment;
  turn.effects.push({ effect: "clear timer", timer: "init limit" });
  emitInitEnd(turn, environment, { status: "success" });
  // EVT-59: an Init inside the invocation has no Init Duration of its own.
  const unreported =
    attempt === "init" && configuration.initializationType !== "snap-start"
      ? { initDurationMs: elapsedMs(startedAt, turn.now) }
      : {};
  const done: Initializing = { ...environment, unreported };
  if (attempt === "init") turn.effects.push({ effect: "init ended", verdict: { status: "success" } });
  if (attempt === "init" && configuration.initializationType === "snap-start")
    return becomeSnapshotted(done, invocation, turn);
  return invocation === undefined
    ? becomeReady(done, turn)
    : release(done, invocation, attempt === "invoke" ? startedAt : turn.now, turn);
}

/** LIFE-19, LIFE-26, LIFE-33 */
function limitReached(environment: Initializing, turn: Turn): Environment {
  const { extensions, runtime } = environment.generation;
  turn.effects.push({
    effect: "name the missing",
    runtime: environment.runtimeLaunched && runtime.state !== "Ready" && runtime.state !== "RestoreReady",
    extensions: extensions.filter(({ state }) => state !== "Ready").map(({ name }) => name),
  });
  const { attempt, configuration } = environment;
  const limit = attempt === "init" ? configuration.initLimitMs : configuration.timeoutMs;
  return failInit(environment, timedOut(limit), turn);
}

/** LIFE-21 to LIFE-30: after the first failure of a cold invocation comes one second attempt, after that the answer. */
function failInit(environment: Initializing, fatal: Fatal, turn: Turn): Environment {
  const { attempt, invocation } = environment;
  endInit(environment, fatal, turn);
  const reason = fatal.status === "timeout" ? "timeout" : "failure";
  if (invocation === undefined) return end(environment, { reason, afterwards: { to: "empty" } }, turn);
  if (attempt === "init") return end(environment, { reason, afterwards: { to: "initialize again", invocation } }, turn);
  return failInvocation(environment, invocation, fatal, turn);
}

/** LIFE-29 */
function endInit(environment: Initializing, fatal: Fatal, turn: Turn): void {
  turn.effects.push({ effect: "clear timer", timer: "init limit" });
  emitInitEnd(turn, environment, verdictOf(fatal));
  if (environment.attempt === "init")
    turn.effects.push({ effect: "init ended", verdict: verdictOf(fatal), text: fatal.text });
}

/** LIFE-80: there is no second attempt when the platform stops. */
export function interruptInit(environment: Initializing, shutdown: ShutdownReason, turn: Turn): Environment {
  endInit(environment, stopped, turn);
  const { invocation } = environment;
  if (invocation !== undefined) answerInvocation(turn, invocation, failureAnswer(invocation, stopped));
  const reason = invocation === undefined ? shutdown : "failure";
  return end(environment, { reason, afterwards: { to: "gone" } }, turn);
}

/** LIFE-25, LIFE-26, EVT-90, EVT-94, EVT-100. */
function failInvocation(environment: Initializing, invocation: Invocation, fatal: Fatal, turn: Turn): Environment {
  const { configuration, startedAt, generation } = environment;
  emitStart(turn, configuration, invocation);
  emitRuntimeNeverBegan(turn, invocation, verdictOf(fatal), startedAt);
  const { postedError } = generation.runtime;
  // RT-78, RT-80: what the runtime posted is the answer to its own end.
  const runtimesOwn = fatal.runtimeEnded === true || fatal.status === "timeout";
  const answer: InvocationAnswer =
    postedError !== undefined && runtimesOwn
      ? { kind: "posted error", body: postedError.body }
      : failureAnswer(invocation, fatal);
  answerInvocation(turn, invocation, answer);
  const { trace } = invocation;
  const traced = trace === undefined ? undefined : { attempt: trace, startedAt, endedAt: turn.now };
  const outcome = { durationMs: elapsedMs(startedAt, turn.now), fatal, spans: [], traced };
  const report = draftReport(configuration, invocation, {}, outcome);
  const reason = fatal.status === "timeout" ? "timeout" : "failure";
  return end(environment, { reason, afterwards: { to: "empty" }, report }, turn);
}
