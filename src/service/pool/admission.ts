/** Lambda's own limits: whether a call may run at all, wherever there is room (SVC-198 to SVC-203, LIFE-107). */
import type { FunctionVersion } from "../functions/function-version.ts";
import { type Call, callOf, type Fleet, type PooledEnvironment, sameFunction } from "./fleet.ts";
import type { ThrottleReason } from "./fleet-events.ts";

/** Why the call is refused; nothing for one that may run. */
export function throttleReason(fleet: Fleet, call: Call): ThrottleReason | undefined {
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
  return placed.length + fleet.waiting.filter(({ call }) => counts(call.pool)).length;
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
  return placed.length + waiting.filter(({ call }) => draws(call)).length;
}

const isOccupied = (environment: PooledEnvironment): boolean => callOf(environment) !== undefined;

const provisionedOfUnreserved = ({ allocations }: Fleet, region: string): number =>
  allocations
    .filter(({ pool, reserved }) => !reserved && pool.region === region)
    .reduce((sum, { wanted }) => sum + wanted, 0);
