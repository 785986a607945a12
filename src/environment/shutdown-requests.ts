/** An environment is asked to end: when it is idle, at once, or without giving its processes any time (LIFE-78 to LIFE-80). */
import { becomeGone, startShutdown, sweep } from "./ending.ts";
import type { Ending, Environment, Ready, ShutdownWanted, Snapshotted, Thawing } from "./environment.ts";
import { interruptInit } from "./initializing.ts";
import { interruptInvoke } from "./invoking.ts";
import { dropInvocation, thawFor } from "./ready.ts";
import { interruptRestore, thawSnapshot } from "./restoring.ts";
import type { Turn } from "./turn.ts";
import { redirect } from "./while-ending.ts";

export function requestShutdown(environment: Environment, wanted: ShutdownWanted, turn: Turn): Environment {
  if (wanted.skipBudgets) return kill(environment, wanted, turn);
  switch (environment.phase) {
    case "ready":
      return thawFor(environment, { to: "shutdown", reason: wanted.reason }, turn);
    case "snapshotted":
      return thawSnapshot(environment, { to: "shutdown", reason: wanted.reason }, turn);
    case "thawing":
      return { ...environment, shutdownWanted: wanted };
    case "ending":
      return redirect(environment, wanted, turn);
    case "created":
    case "initializing":
    case "invoking":
    case "restoring":
    case "empty":
    case "gone":
      return endBusy(environment, wanted, turn);
    default:
      return environment satisfies never;
  }
}

/** LIFE-80, the second signal: frozen processes are not thawed, they are killed as they are. */
function kill(environment: Environment, wanted: ShutdownWanted, turn: Turn): Environment {
  switch (environment.phase) {
    case "ready":
    case "snapshotted":
      return startShutdown({ ...environment, shutdownWanted: wanted }, wanted.reason, turn);
    case "thawing":
      dropInvocation(environment, turn);
      return startShutdown({ ...environment, shutdownWanted: wanted }, wanted.reason, turn);
    case "ending":
      return skipBudgets(environment, wanted, turn);
    case "created":
    case "initializing":
    case "invoking":
    case "restoring":
    case "empty":
    case "gone":
      return endBusy(environment, wanted, turn);
    default:
      return environment satisfies never;
  }
}

function endBusy(
  environment: Exclude<Environment, Ready | Snapshotted | Thawing | Ending>,
  shutdownWanted: ShutdownWanted,
  turn: Turn,
): Environment {
  if (environment.phase === "gone") return environment;
  if (environment.phase === "created" || environment.phase === "empty") return becomeGone(environment, turn);
  const wanted = { ...environment, shutdownWanted };
  if (!shutdownWanted.interrupt) return wanted;
  switch (wanted.phase) {
    case "initializing":
      return interruptInit(wanted, shutdownWanted.reason, turn);
    case "invoking":
      return interruptInvoke(wanted, turn);
    case "restoring":
      return interruptRestore(wanted, turn);
    default:
      return wanted satisfies never;
  }
}

function skipBudgets(environment: Ending, wanted: ShutdownWanted, turn: Turn): Environment {
  const ending = redirect(environment, wanted, turn);
  // A sweep that is under way answers for this one too.
  if (ending.stage === "sweep") return ending;
  turn.effects.push({ effect: "clear timer", timer: "runtime share" });
  return sweep(ending, turn);
}
