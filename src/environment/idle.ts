/** The rest between phases begins: frozen, unless that is switched off. */
import { startShutdown } from "./ending.ts";
import type { Always, Environment, Ready } from "./environment.ts";
import type { Turn } from "./turn.ts";

/** LIFE-96; a shutdown that waited for the phase to end comes first (LIFE-78). */
export function becomeReady(before: Always, turn: Turn): Environment {
  const { configuration, generation, timedOut, unreported, shutdownWanted } = before;
  const idle = { configuration, generation, timedOut, unreported, shutdownWanted };
  const ready: Ready = { phase: "ready", frozen: false, ...idle };
  if (shutdownWanted !== undefined) return startShutdown(ready, shutdownWanted.reason, turn);
  return configuration.freeze ? freeze(ready, turn) : ready;
}

export const freeze = (environment: Ready, turn: Turn): Ready => {
  turn.effects.push({ effect: "freeze" });
  return { ...environment, frozen: true };
};
