/** Where a call runs: in the idle environment used last, in a new one, or, when the machine is full, after a wait. */
import { type Call, type Fleet, type PooledEnvironment, samePool, type WaitingCall } from "./fleet.ts";
import type { Concurrency } from "./fleet-events.ts";
import { type FleetTurn, replace } from "./fleet-turn.ts";
import { fits, makeRoom } from "./room.ts";

/**
 * Serves those who wait, oldest first. A call that needs an environment of another pool than one that has just become
 * free lets younger calls of that pool go first until half of its wait is over: to push an environment out costs a cold start.
 */
export function placeWaiting(before: Fleet, turn: FleetTurn): Fleet {
  const served = serve(before, turn);
  const wanted = served.waiting.map(({ call }) => call.pool);
  return wanted.length === 0 ? served : makeRoom(served, wanted, turn);
}

function serve(before: Fleet, turn: FleetTurn): Fleet {
  let fleet = before;
  const unplaced: WaitingCall[] = [];
  for (const waiting of before.waiting) {
    const placed = place(fleet, waiting.call, unplaced.length === 0, turn);
    if (placed !== undefined) {
      fleet = placed;
      continue;
    }
    unplaced.push(waiting);
    const isPatient = turn.now - waiting.since < fleet.settings.placementWaitMs / 2;
    if (isPatient) continue;
    fleet = makeRoom(
      fleet,
      unplaced.map(({ call }) => call.pool),
      turn,
    );
  }
  return { ...fleet, waiting: unplaced };
}

/** Nobody takes the room that an older call waits for. */
function place(fleet: Fleet, call: Call, mayStart: boolean, turn: FleetTurn): Fleet | undefined {
  const idle = idleFor(fleet, call);
  if (idle !== undefined) return invokeIn(fleet, idle, call, turn);
  return mayStart && fits(fleet, call.pool) ? startFor(fleet, call, turn) : undefined;
}

/** Provisioned ones first (SVC-211), of several the one used last (SVC-221, LIFE-106). */
function idleFor({ environments }: Fleet, { pool, allocations }: Call): PooledEnvironment | undefined {
  let best: PooledEnvironment | undefined;
  for (const environment of environments) {
    const { activity, retired, allocation } = environment;
    if (activity.kind !== "idle" || retired || !samePool(environment.pool, pool)) continue;
    if (allocation !== undefined && !allocations.includes(allocation)) continue;
    if (best === undefined || isPreferred(environment, best)) best = environment;
  }
  return best;
}

function isPreferred(one: PooledEnvironment, other: PooledEnvironment): boolean {
  if ((one.allocation === undefined) !== (other.allocation === undefined)) return one.allocation !== undefined;
  return one.usedAt >= other.usedAt;
}

export function invokeIn(fleet: Fleet, environment: PooledEnvironment, call: Call, turn: FleetTurn): Fleet {
  const concurrency = concurrencyOf(fleet, environment, call);
  turn.effects.push({ effect: "invoke", environmentId: environment.id, callId: call.callId, concurrency });
  return replace(fleet, {
    ...environment,
    usedAt: turn.now,
    invocations: environment.invocations + 1,
    activity: { kind: "busy", call },
  });
}

function startFor(fleet: Fleet, call: Call, turn: FleetTurn): Fleet {
  const initializationType = call.pool.snapStart ? "snap-start" : "on-demand";
  return startEnvironment(fleet, { pool: call.pool, initializationType, activity: { kind: "starting", call } }, turn);
}

export function startEnvironment(
  fleet: Fleet,
  start: Omit<PooledEnvironment, "id" | "createdAt" | "usedAt" | "invocations" | "retired">,
  { now, effects }: FleetTurn,
): Fleet {
  const id = fleet.nextId;
  const environment = { id, ...start, createdAt: now, usedAt: now, invocations: 0, retired: false };
  effects.push({ effect: "make environment", environment });
  return { ...fleet, environments: [...fleet.environments, environment], nextId: id + 1 };
}

/** OBS-49 */
function concurrencyOf({ allocations }: Fleet, { allocation }: PooledEnvironment, call: Call): Concurrency {
  if (allocation !== undefined) return "provisioned";
  return allocations.some(({ key }) => call.allocations.includes(key)) ? "spilled over" : "on demand";
}
