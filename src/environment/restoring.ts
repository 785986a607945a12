/** SnapStart as far as processes can be kept frozen: snapshot, restore, and what follows (RT-83 to RT-90, LIFE-117 to LIFE-125). */
import { answerInvocation, failureAnswer } from "./answers.ts";
import { end, startShutdown } from "./ending.ts";
import type { Always, Environment, Restoring, Snapshotted, Thawing } from "./environment.ts";
import type { EnvironmentEvent } from "./events.ts";
import { exitOf, noteExit, platformFailure, stopped, verdictOf } from "./exits.ts";
import type { Fatal, Invocation, InvocationAnswer } from "./invocation.ts";
import { release } from "./invoking.ts";
import { withRuntime } from "./participants.ts";
import { emit, emitRestoreStart } from "./reports.ts";
import type { RuntimeNews } from "./runtime-calls.ts";
import { answerCall, elapsedMs, type Turn } from "./turn.ts";
import { reportedErrorType } from "../protocol/error-types.ts";

/** RT-84, RT-86: the snapshot would be taken here; the processes are kept instead (LIFE-129). */
export function becomeSnapshotted(before: Always, invocation: Invocation | undefined, turn: Turn): Environment {
  const { configuration, generation, timedOut, unreported, shutdownWanted } = before;
  const always = { configuration, generation, timedOut, unreported, shutdownWanted };
  if (invocation !== undefined) return restore(always, invocation, undefined, turn);
  if (shutdownWanted !== undefined) return startShutdown(always, shutdownWanted.reason, turn);
  if (configuration.freeze) turn.effects.push({ effect: "freeze" });
  return { phase: "snapshotted", frozen: configuration.freeze, ...always };
}

type SnapshottedEvent = Extract<
  EnvironmentEvent,
  { event: "invoke requested" | "runtime exited" | "extension exited" }
>;

export function whileSnapshotted(environment: Snapshotted, event: SnapshottedEvent, turn: Turn): Environment {
  switch (event.event) {
    case "invoke requested":
      return thawSnapshot(environment, { to: "restore", invocation: event.invocation }, turn);
    case "runtime exited":
    case "extension exited":
      return noteExit(environment, event);
    default:
      return event satisfies never;
  }
}

export function thawSnapshot(environment: Snapshotted, next: Thawing["next"], turn: Turn): Environment {
  const { frozen: _, ...rest } = environment;
  turn.effects.push({ effect: "thaw" });
  return { ...rest, phase: "thawing", next };
}

/** LIFE-120: the runtime is answered on restore/next and calls next; one that never used restore/next needs no step. */
export function restore(before: Always, invocation: Invocation, fatal: Fatal | undefined, turn: Turn): Environment {
  const { configuration, generation, timedOut, unreported, shutdownWanted } = before;
  emitRestoreStart(turn, configuration);
  const { runtime } = generation;
  const restoring: Restoring = {
    phase: "restoring",
    configuration,
    generation: withRuntime(generation, runtime.state === "RestoreReady" ? { state: "Restoring", parked: [] } : {}),
    timedOut,
    unreported,
    shutdownWanted,
    startedAt: turn.now,
    invocation,
  };
  if (fatal !== undefined) return failRestore(restoring, fatal, turn);
  if (runtime.state !== "RestoreReady") return completeRestore(restoring, turn);
  for (const callId of runtime.parked) answerCall(turn, callId, { kind: "restored" });
  turn.effects.push({ effect: "set timer", timer: "restore limit", at: turn.now + configuration.restoreLimitMs });
  return restoring;
}

type RestoreEvent = Extract<
  EnvironmentEvent,
  { event: "runtime exited" | "extension exited" | "timer fired" | "platform failed" }
>;

export function whileRestoring(environment: Restoring, event: RestoreEvent, turn: Turn): Environment {
  switch (event.event) {
    case "runtime exited":
    case "extension exited": {
      const [generation, fatal] = exitOf(environment.generation, event);
      return failRestore({ ...environment, generation }, fatal, turn);
    }
    case "timer fired":
      return event.timer === "restore limit"
        ? failRestore(environment, { status: "timeout", text: "the after-restore work exceeded its limit" }, turn)
        : environment;
    case "platform failed":
      return failRestore(environment, platformFailure(event.text), turn);
    default:
      return event satisfies never;
  }
}

export function onRestoreNews(environment: Restoring, news: RuntimeNews, turn: Turn): Environment {
  if (news.news === "asked for next") return completeRestore(environment, turn);
  if (news.news !== "failed to restore") return environment;
  const errorType = reportedErrorType(news.errorType);
  return failRestore(environment, { status: "error", errorType, text: "the runtime reported a restore error" }, turn);
}

/** EVT-42, EVT-43, EVT-63, LIFE-122 */
function completeRestore(environment: Restoring, turn: Turn): Environment {
  const durationMs = elapsedMs(environment.startedAt, turn.now);
  turn.effects.push({ effect: "clear timer", timer: "restore limit" });
  emit(turn, { type: "platform.restoreRuntimeDone", status: "success" });
  emit(turn, { type: "platform.restoreReport", status: "success", durationMs });
  const unreported = { restore: { durationMs, billedMs: Math.ceil(durationMs) } };
  return release({ ...environment, unreported }, environment.invocation, turn.now, turn);
}

/** RT-88, RT-89, LIFE-121, EVT-44: the invocation fails by an error of the API, and the environment is discarded. */
function failRestore(environment: Restoring, fatal: Fatal, turn: Turn): Environment {
  const verdict = verdictOf(fatal);
  turn.effects.push({ effect: "clear timer", timer: "restore limit" });
  emit(turn, { type: "platform.restoreRuntimeDone", ...verdict });
  const durationMs = elapsedMs(environment.startedAt, turn.now);
  emit(turn, { type: "platform.restoreReport", ...verdict, durationMs });
  answerInvocation(turn, environment.invocation, restoreFailure(environment.invocation, fatal));
  const reason = fatal.status === "timeout" ? "timeout" : "failure";
  return end(environment, { reason, afterwards: { to: "gone" } }, turn);
}

function restoreFailure(invocation: Invocation, fatal: Fatal): InvocationAnswer {
  if (fatal.status === "failure") return failureAnswer(invocation, fatal);
  return fatal.status === "timeout"
    ? { kind: "service error", exception: "SnapStartTimeoutException", status: 408, message: fatal.text }
    : { kind: "service error", exception: "SnapStartException", status: 400, message: fatal.text };
}

/** LIFE-80: a stop of the platform does not wait for the after-restore work. */
export const interruptRestore = (environment: Restoring, turn: Turn): Environment =>
  failRestore(environment, stopped, turn);
