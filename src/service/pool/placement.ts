/** Where a call runs: in the idle environment used last, in a new one, or, when the machine is full, after a wait. */
import type { FunctionVersion } from "../functions/function-version.ts";
import { type Call, type Fleet, isFinishing, type PooledEnvironment, samePool, type WaitingCall } from "./fleet.ts";
import type { Concurrency } from "./fleet-events.ts";
import { type FleetTurn, replace } from "./fleet-turn.ts";
import { fits, makeRoom } from "./room.ts";

/**
 * Serves those who wait, oldest first. A call that needs an environment of another pool than one that has just become
 * free lets younger calls of that pool go first until half of its wait is over: to push an environment out costs a cold start.
 */
export function placeWaiting(before: Fleet, turn: FleetTurn): Fleet {
  if (before.waiting.length === 0) return before;
  const { fleet, wanting } = serve(before, turn);
  return wanting.length === 0 ? fleet : makeRoom(fleet, poolsOf(wanting), turn);
}

interface Served {
  readonly fleet: Fleet;
  /** They wait for room, in order of arrival. */
  readonly wanting: readonly WaitingCall[];
}

function serve(before: Fleet, turn: FleetTurn): Served {
  let fleet = before;
  const left: WaitingCall[] = [];
  const wanting: WaitingCall[] = [];
  const finishing = new Finishing(before, turn.now);
  for (const waiting of before.waiting) {
    const { call, since, admitted } = waiting;
    const idle = admitted ? idleFor(fleet, call) : undefined;
    if (idle !== undefined) {
      fleet = invokeIn(fleet, idle, call, turn);
    } else if (!admitted || finishing.claim(call)) {
      left.push(waiting);
    } else if (wanting.length === 0 && fits(fleet, call.pool)) {
      // Nobody takes the room that an older call waits for.
      fleet = startFor(fleet, call, turn);
    } else {
      left.push(waiting);
      wanting.push(waiting);
      const isPatient = turn.now - since < fleet.settings.placementWaitMs / 2;
      if (!isPatient) fleet = makeRoom(fleet, poolsOf(wanting), turn);
    }
  }
  return { fleet: { ...fleet, waiting: left }, wanting };
}

const poolsOf = (waiting: readonly WaitingCall[]): readonly FunctionVersion[] => waiting.map(({ call }) => call.pool);

/** Environments that are about to be done, each for one of those who wait. */
class Finishing {
  readonly #left: PooledEnvironment[];

  constructor({ environments }: Fleet, now: number) {
    this.#left = environments.filter((environment) => isFinishing(environment, now));
  }

  claim(call: Call): boolean {
    const at = this.#left.findIndex((environment) => mayTake(call, environment));
    if (at >= 0) this.#left.splice(at, 1);
    return at >= 0;
  }
}

const mayTake = ({ pool, allocations }: Call, environment: PooledEnvironment): boolean =>
  samePool(environment.pool, pool) &&
  (environment.allocation === undefined || allocations.includes(environment.allocation));

/** Provisioned ones first (SVC-211), of several the one used last (SVC-221, LIFE-106). */
function idleFor({ environments }: Fleet, call: Call): PooledEnvironment | undefined {
  let best: PooledEnvironment | undefined;
  for (const environment of environments) {
    if (environment.activity.kind !== "idle" || environment.retired || !mayTake(call, environment)) continue;
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
