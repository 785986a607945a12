/** An Init begins, the first one or a repeated one: a new generation, nothing launched yet. */
import type { InitPhase } from "../protocol/telemetry-records.ts";
import type { Created, Empty, Ending, Initializing } from "./environment.ts";
import type { Invocation } from "./invocation.ts";
import { newGeneration } from "./participants.ts";
import { emitInitStart } from "./reports.ts";
import type { Turn } from "./turn.ts";

export function initialize(
  before: Created | Empty | Ending,
  attempt: InitPhase,
  invocation: Invocation | undefined,
  turn: Turn,
): Initializing {
  const { configuration, timedOut: late, unreported, shutdownWanted } = before;
  emitInitStart(turn, configuration, attempt);
  // LIFE-17, LIFE-23: a second attempt, inside the invocation, is bound by the function's timeout.
  const limit = attempt === "init" ? configuration.initLimitMs : configuration.timeoutMs;
  turn.effects.push({ effect: "set timer", timer: "init limit", at: turn.now + limit });
  turn.effects.push({ effect: "discover extensions" });
  return {
    phase: "initializing",
    configuration,
    timedOut: late,
    unreported,
    shutdownWanted,
    generation: newGeneration(before.generation.number + 1),
    attempt,
    startedAt: turn.now,
    toLaunch: undefined,
    runtimeLaunched: false,
    ...(invocation === undefined ? {} : { invocation }),
  };
}
