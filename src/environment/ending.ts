/** Reset and shutdown: runtime first, then extensions, then whatever is left (LIFE-70 to LIFE-94). */
import type { Always, Ending, Environment, Gone } from "./environment.ts";
import { deliver } from "./extension-calls.ts";
import { type Generation, isRegistered, livingExternals } from "./participants.ts";
import type { ShutdownReason } from "../protocol/extensions-api.ts";
import type { Turn } from "./turn.ts";

/** LIFE-84: what extensions are told, whatever their number. */
const shutdownMs = 2000;
/** DLV-71 */
const flushMs = 1000;

/** LIFE-82, LIFE-83: the share of the runtime in the budget. */
function runtimeShareMs({ extensions }: Generation): number {
  const registered = extensions.filter(isRegistered);
  if (registered.length === 0) return 0;
  return registered.some(({ kind }) => kind === "internal") ? 500 : 300;
}

interface Plan {
  readonly reason: ShutdownReason;
  readonly afterwards: Ending["afterwards"];
  readonly report?: Ending["report"];
}

/** LIFE-79: nothing runs, so nothing is lost. */
export const startShutdown = (before: Always, reason: ShutdownReason, turn: Turn): Environment =>
  end(before, { reason, afterwards: { to: "gone" } }, turn);

export function end(before: Always, { reason, afterwards, report }: Plan, turn: Turn): Environment {
  const { configuration, generation, timedOut, unreported, shutdownWanted } = before;
  const ending: Ending = {
    phase: "ending",
    configuration,
    generation,
    timedOut,
    unreported,
    shutdownWanted,
    reason,
    startedAt: turn.now,
    stage: "runtime",
    deadlineMs: Math.floor(turn.now) + shutdownMs,
    afterwards,
    ...(report === undefined ? {} : { report }),
  };
  return shutdownWanted?.skipBudgets === true ? sweep(ending, turn) : endRuntime(ending, turn);
}

/** LIFE-86, LIFE-87 */
function endRuntime(environment: Ending, turn: Turn): Environment {
  if (!environment.generation.runtime.alive) return flush(environment, turn);
  const share = runtimeShareMs(environment.generation);
  if (share === 0) {
    turn.effects.push({ effect: "signal runtime", signal: "SIGKILL" });
  } else {
    turn.effects.push({ effect: "signal runtime", signal: "SIGTERM" });
    turn.effects.push({ effect: "set timer", timer: "runtime share", at: turn.now + share });
  }
  return environment;
}

/** DLV-71; without a living extension that could have subscribed nobody listens (DLV-69). */
export function flush(environment: Ending, turn: Turn): Environment {
  if (!livingExternals(environment.generation).some(isRegistered)) return endExtensions(environment, turn);
  turn.effects.push({ effect: "flush telemetry", withinMs: flushMs });
  return { ...environment, stage: "flush" };
}

/** LIFE-88, LIFE-89 */
export function endExtensions(environment: Ending, turn: Turn): Environment {
  const stage: Ending = { ...environment, stage: "extensions" };
  if (livingExternals(stage.generation).length === 0) return sweep(stage, turn);
  turn.effects.push({ effect: "set timer", timer: "shutdown deadline", at: stage.startedAt + shutdownMs });
  let told = false;
  const extensions = stage.generation.extensions.map((extension) => {
    if (extension.kind === "internal" || !extension.alive) return extension;
    if (!extension.events.includes("SHUTDOWN")) {
      turn.effects.push({ effect: "kill extension", name: extension.name });
      return extension;
    }
    told = true;
    return deliver(stage, { ...extension, owed: "SHUTDOWN" }, turn);
  });
  if (told) turn.effects.push({ effect: "shutdown delivered" });
  return { ...stage, generation: { ...stage.generation, extensions } };
}

export function sweep(environment: Ending, turn: Turn): Environment {
  turn.effects.push({ effect: "clear timer", timer: "shutdown deadline" });
  turn.effects.push({ effect: "sweep" });
  return { ...environment, stage: "sweep" };
}

export function becomeGone({ configuration, generation, timedOut }: Always, turn: Turn): Gone {
  turn.effects.push({ effect: "destroy" });
  return { phase: "gone", configuration, generation, timedOut, unreported: {}, shutdownWanted: undefined };
}
