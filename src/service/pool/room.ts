/** Room on this machine: places and memory, which are never given away twice. */
import type { FunctionVersion } from "../functions/function-version.ts";
import { type Fleet, isLiving, type PooledEnvironment } from "./fleet.ts";
import { endEnvironment, type FleetTurn } from "./fleet-turn.ts";

/** True when one more environment fits beside all there are; those that end have their place until they are gone. */
export const fits = (fleet: Fleet, pool: FunctionVersion): boolean =>
  fleet.environments.length < fleet.settings.maxEnvironments &&
  memoryOf(fleet, fleet.environments) + needMb(fleet, pool) <= fleet.settings.memoryMb;

/**
 * Ends the environments that were idle longest until all of `wanted` will fit, oldest wish first; places of those that
 * end already are counted on. Provisioned ones stay (SVC-223).
 */
export function makeRoom(before: Fleet, wanted: readonly FunctionVersion[], turn: FleetTurn): Fleet {
  let fleet = before;
  let spare = longestIdleFirst(fleet);
  let places = 0;
  let memoryMb = 0;
  for (const pool of wanted) {
    places += 1;
    memoryMb += needMb(fleet, pool);
    while (!willFit(fleet, places, memoryMb)) {
      const [next, ...rest] = spare;
      if (next === undefined) return fleet;
      spare = rest;
      fleet = endEnvironment(fleet, next, turn);
    }
  }
  return fleet;
}

function willFit(fleet: Fleet, places: number, memoryMb: number): boolean {
  const living = fleet.environments.filter(isLiving);
  return (
    living.length + places <= fleet.settings.maxEnvironments &&
    memoryOf(fleet, living) + memoryMb <= fleet.settings.memoryMb
  );
}

const longestIdleFirst = ({ environments }: Fleet): readonly PooledEnvironment[] =>
  environments
    .filter(({ activity, allocation }) => activity.kind === "idle" && allocation === undefined)
    .toSorted((one, other) => one.usedAt - other.usedAt || one.id - other.id);

const memoryOf = (fleet: Fleet, environments: readonly PooledEnvironment[]): number =>
  environments.reduce((sum, { pool }) => sum + needMb(fleet, pool), 0);

/** A function larger than the machine runs alone: it gets what there is. */
const needMb = ({ settings }: Fleet, { memorySizeMb }: FunctionVersion): number =>
  Math.min(memorySizeMb, settings.memoryMb);
