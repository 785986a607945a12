/** One step under way: its time, and the effects so far. */
import type { Fleet, PooledEnvironment } from "./fleet.ts";
import type { FleetEffect } from "./fleet-events.ts";

export interface FleetTurn {
  readonly now: number;
  readonly effects: FleetEffect[];
}

export const replace = (fleet: Fleet, changed: PooledEnvironment): Fleet => ({
  ...fleet,
  environments: fleet.environments.map((environment) => (environment.id === changed.id ? changed : environment)),
});

/** An environment begins to end; its place is free when it is gone. */
export function endEnvironment(
  fleet: Fleet,
  environment: PooledEnvironment,
  turn: FleetTurn,
  interrupt = false,
): Fleet {
  turn.effects.push({ effect: "end environment", environmentId: environment.id, interrupt });
  return replace(fleet, { ...environment, retired: true, activity: { kind: "ending" } });
}
