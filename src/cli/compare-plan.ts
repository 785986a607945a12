/** From options to the environments that are compared; nothing is started yet. */
import type { EnvironmentOptions } from "../testing/environment-options.ts";
import { readEvents } from "./events-input.ts";
import type { CompareFlags } from "./compare-command.ts";
import { planned } from "./invoke-plan.ts";

/** One environment of its own. */
export interface Trial {
  readonly memorySizeMb: number;
  /** Whether extensions are started. */
  readonly extensions: boolean;
  readonly environment: EnvironmentOptions;
}

export interface ComparePlan {
  /** In the order in which they run. */
  readonly trials: readonly Trial[];
  /** Of each environment, as JSON text. */
  readonly events: readonly Uint8Array[];
  readonly rounds: number;
  readonly json: boolean;
}

/** @throws LambdariumError `option-invalid`, `invalid-setting`, `input-unreadable`, `event-too-large` */
export async function planCompare(flags: CompareFlags, path: string): Promise<ComparePlan> {
  const common = await planned(flags, path);
  const given = await readEvents(flags.event ?? ["{}"]);
  const events = Array.from({ length: flags.count }, (_, index) => given[index % given.length] ?? new Uint8Array());
  return { trials: trialsOf(flags, common), events, rounds: flags.rounds, json: flags.json ?? false };
}

/**
 * With and without take turns in being first, and every size has its turn in each round: what the machine does besides
 * falls on all of them alike.
 */
function trialsOf({ memory, rounds }: CompareFlags, common: EnvironmentOptions): readonly Trial[] {
  return Array.from({ length: rounds }, (_, round) =>
    memory.flatMap((memorySizeMb) =>
      (round % 2 === 0 ? [false, true] : [true, false]).map((extensions) => ({
        memorySizeMb,
        extensions,
        environment: { ...common, memorySizeMb, extensionsOff: !extensions },
      })),
    ),
  ).flat();
}
