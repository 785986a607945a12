/** Provisioned concurrency: as many initialized environments as were asked for, whatever becomes of them (LIFE-111 to LIFE-115). */
import { type Allocation, type AllocationKey, type Fleet, type PooledEnvironment, samePool } from "./fleet.ts";
import { endEnvironment, type FleetTurn, replace } from "./fleet-turn.ts";
import { startEnvironment } from "./placement.ts";
import { fits, makeRoom } from "./room.ts";

/** Environments of allocations that are gone, have moved to another version or shrunk take no call any more. */
export function setAllocations(before: Fleet, wanted: readonly Omit<Allocation, "failed">[], turn: FleetTurn): Fleet {
  const allocations = wanted.map((allocation) => ({ ...allocation, failed: stillFailed(before, allocation) }));
  let fleet: Fleet = { ...before, allocations };
  for (const environment of surplus(fleet)) fleet = retire(fleet, environment, turn);
  for (const { key } of allocations) turn.effects.push({ effect: "allocation progressed", allocation: key });
  return fleet;
}

/** The same wish would fail the same way; a changed one is tried. */
const stillFailed = ({ allocations }: Fleet, { key, pool, wanted }: Omit<Allocation, "failed">): boolean =>
  allocations.some(
    (known) => known.failed && known.key === key && known.wanted === wanted && samePool(known.pool, pool),
  );

/** Starts what is missing, as far as there is room, and makes room for the rest. */
export function provision(before: Fleet, turn: FleetTurn): Fleet {
  let fleet: Fleet = { ...before, snapshots: [] };
  const left: Missing[] = [];
  for (const missing of missingFrom(before)) {
    if (left.length === 0 && fits(fleet, missing.pool)) fleet = startEnvironment(fleet, missing, turn);
    else left.push(missing);
  }
  if (left.length === 0) return fleet;
  const snapshots = left.filter(({ allocation }) => allocation === undefined).map(({ pool }) => pool);
  const wanted = [
    ...before.waiting.flatMap(({ call, admitted }) => (admitted ? [call.pool] : [])),
    ...left.map(({ pool }) => pool),
  ];
  return makeRoom({ ...fleet, snapshots }, wanted, turn);
}

type Missing = Omit<PooledEnvironment, "id" | "createdAt" | "usedAt" | "invocations" | "retired">;

function missingFrom(fleet: Fleet): readonly Missing[] {
  const activity = { kind: "starting" } as const;
  const allocated = fleet.allocations.flatMap(({ key, pool, wanted, failed }): Missing[] => {
    const length = failed ? 0 : Math.max(wanted - provisioned(fleet, key).length, 0);
    const initializationType = "provisioned-concurrency";
    return Array.from({ length }, () => ({ pool, initializationType, allocation: key, activity }));
  });
  return [
    ...fleet.snapshots.map((pool): Missing => ({ pool, initializationType: "snap-start", activity })),
    ...allocated,
  ];
}

/** LIFE-112: nobody tries again what has just failed; what was initialized is given up (SVC-216). */
export function failAllocation(before: Fleet, key: AllocationKey, turn: FleetTurn): Fleet {
  const allocations = before.allocations.map((known) => (known.key === key ? { ...known, failed: true } : known));
  let fleet: Fleet = { ...before, allocations };
  for (const environment of provisioned(fleet, key)) fleet = retire(fleet, environment, turn);
  turn.effects.push({ effect: "allocation progressed", allocation: key });
  return fleet;
}

export interface AllocationProgress {
  readonly allocated: number;
  readonly available: number;
  readonly status: "IN_PROGRESS" | "READY" | "FAILED";
}

export function allocationProgress(fleet: Fleet, { key, wanted, failed }: Allocation): AllocationProgress {
  const living = provisioned(fleet, key);
  const available = living.filter(({ activity }) => activity.kind === "idle" || activity.kind === "busy").length;
  if (failed) return { allocated: 0, available: 0, status: "FAILED" };
  return { allocated: available, available, status: available >= wanted ? "READY" : "IN_PROGRESS" };
}

/** No call from now on; an idle one ends at once, a busy one after its call. */
export function retire(fleet: Fleet, environment: PooledEnvironment, turn: FleetTurn): Fleet {
  return environment.activity.kind === "idle"
    ? endEnvironment(fleet, environment, turn)
    : replace(fleet, { ...environment, retired: true });
}

const provisioned = ({ environments }: Fleet, key: AllocationKey): readonly PooledEnvironment[] =>
  environments.filter(({ allocation, retired }) => allocation === key && !retired);

function surplus(fleet: Fleet): readonly PooledEnvironment[] {
  const kept = new Map<AllocationKey, number>();
  // Those at work are kept first: nothing is gained by ending what others are to replace.
  const idleLast = fleet.environments.toSorted((one, other) => Number(isIdle(one)) - Number(isIdle(other)));
  return idleLast.filter(({ allocation, retired, pool }) => {
    if (allocation === undefined || retired) return false;
    const wish = fleet.allocations.find(({ key }) => key === allocation);
    if (wish === undefined || !samePool(wish.pool, pool)) return true;
    const number = (kept.get(allocation) ?? 0) + 1;
    kept.set(allocation, number);
    return number > wish.wanted;
  });
}

const isIdle = ({ activity }: PooledEnvironment): boolean => activity.kind === "idle";
