/** Lambda's own limits: whether a call may run at all, wherever there is room (SVC-198 to SVC-203, LIFE-107). */
import type { FunctionVersion } from "../functions/function-version.ts";
import {
  type Call,
  callOf,
  type Fleet,
  isFinishing,
  type PooledEnvironment,
  sameFunction,
  type WaitingCall,
} from "./fleet.ts";
import type { FleetTurn } from "./fleet-turn.ts";
import type { ThrottleReason } from "./fleet-events.ts";

/** Admits whom the limits allow, oldest first; refuses the others unless a slot of the function is about to be free. */
export function admit(before: Fleet, { now, effects }: FleetTurn): Fleet {
  if (before.waiting.every(({ admitted }) => admitted)) return before;
  let fleet = before;
  const stillWaits = (waiting: WaitingCall): boolean => {
    if (waiting.admitted) return true;
    const reason = throttleReason(fleet, waiting.call);
    if (reason === undefined) {
      const admitted = { ...waiting, admitted: true };
      fleet = { ...fleet, waiting: fleet.waiting.map((one) => (one === waiting ? admitted : one)) };
      return true;
    }
    if (mayFinish(fleet, waiting, now)) return true;
    effects.push({ effect: "throttle call", callId: waiting.call.callId, reason });
    return false;
  };
  const refused = new Set(before.waiting.filter((waiting) => !stillWaits(waiting)));
  return { ...fleet, waiting: fleet.waiting.filter((waiting) => !refused.has(waiting)) };
}

/** As many calls as environments of the function are about to be done wait for them; who comes later is refused at once. */
function mayFinish({ environments, waiting }: Fleet, { call }: WaitingCall, now: number): boolean {
  const isOwn = (pool: FunctionVersion): boolean => sameFunction(pool, call.pool);
  const finishing = environments.filter((environment) => isFinishing(environment, now) && isOwn(environment.pool));
  const older = waiting.filter((one) => !one.admitted && isOwn(one.call.pool));
  return older.findIndex((one) => one.call === call) < finishing.length;
}

/** Why the call is refused; nothing for one that may run. */
function throttleReason(fleet: Fleet, call: Call): ThrottleReason | undefined {
  const { reserved, unreserved } = call.limits;
  if (reserved !== undefined) {
    // Provisioned concurrency is part of the reservation: what is left of it is on demand.
    const free = hasIdleProvisioned(fleet, call) ? reserved : reserved - unusedProvisioned(fleet, call.pool);
    return running(fleet, (pool) => sameFunction(pool, call.pool)) < free
      ? undefined
      : "ReservedFunctionConcurrentInvocationLimitExceeded";
  }
  if (hasIdleProvisioned(fleet, call)) return undefined;
  return unreservedRunning(fleet, call.pool.region) < unreserved - provisionedOfUnreserved(fleet, call.pool.region)
    ? undefined
    : "ConcurrentInvocationLimitExceeded";
}

const hasIdleProvisioned = ({ environments }: Fleet, { allocations }: Call): boolean =>
  environments.some(
    ({ allocation, activity, retired }) =>
      allocation !== undefined && !retired && activity.kind === "idle" && allocations.includes(allocation),
  );

/** Calls that run or wait for a place: each holds a slot from admission on (SVC-206). */
function running(fleet: Fleet, counts: (pool: FunctionVersion) => boolean): number {
  const placed = fleet.environments.filter((environment) => isOccupied(environment) && counts(environment.pool));
  return placed.length + fleet.waiting.filter(({ call, admitted }) => admitted && counts(call.pool)).length;
}

/** Provisioned environments of the function that no call uses now: kept for calls that may use them. */
function unusedProvisioned(fleet: Fleet, pool: FunctionVersion): number {
  const own = fleet.allocations.filter((allocation) => sameFunction(allocation.pool, pool));
  const wanted = own.reduce((sum, allocation) => sum + allocation.wanted, 0);
  const used = fleet.environments.filter(
    (environment) =>
      environment.allocation !== undefined && isOccupied(environment) && sameFunction(environment.pool, pool),
  );
  return Math.max(wanted - used.length, 0);
}

/** On-demand calls of functions without a reservation: those on provisioned environments draw on their allocation. */
function unreservedRunning({ environments, waiting }: Fleet, region: string): number {
  const draws = (call: Call): boolean => call.limits.reserved === undefined && call.pool.region === region;
  const placed = environments.filter((environment) => {
    const call = callOf(environment);
    return call !== undefined && environment.allocation === undefined && draws(call);
  });
  return placed.length + waiting.filter(({ call, admitted }) => admitted && draws(call)).length;
}

const isOccupied = (environment: PooledEnvironment): boolean => callOf(environment) !== undefined;

const provisionedOfUnreserved = ({ allocations }: Fleet, region: string): number =>
  allocations
    .filter(({ pool, reserved }) => !reserved && pool.region === region)
    .reduce((sum, { wanted }) => sum + wanted, 0);
