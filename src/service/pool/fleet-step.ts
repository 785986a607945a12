/** The fleet as a state machine: what happens and the time in, the new fleet and what is to be done out. */
import type { FunctionVersion } from "../functions/function-version.ts";
import { type ServiceError, serviceError } from "../service-error.ts";
import { admit } from "./admission.ts";
import { type Call, callOf, type Fleet, type PooledEnvironment, samePool, finishingMs } from "./fleet.ts";
import type { FleetEffect, FleetEvent } from "./fleet-events.ts";
import { giveUpWaiting, isTooOld, reap } from "./fleet-time.ts";
import { endEnvironment, type FleetTurn, replace } from "./fleet-turn.ts";
import { invokeIn, placeWaiting } from "./placement.ts";
import { failAllocation, provision, retire, setAllocations } from "./provisioning.ts";

export interface FleetStep {
  readonly fleet: Fleet;
  readonly effects: readonly FleetEffect[];
}

export function stepFleet(before: Fleet, event: FleetEvent, now: number): FleetStep {
  const turn: FleetTurn = { now, effects: [] };
  const changed = take(before, event, turn);
  const fleet = changed.stopping ? changed : settle(changed, turn);
  return { fleet, effects: turn.effects };
}

/** Whoever can be served now is, and only then does anything end for its age. */
const settle = (before: Fleet, turn: FleetTurn): Fleet =>
  giveUpWaiting(provision(reap(placeWaiting(admit(before, turn), turn), turn), turn), turn);

function take(fleet: Fleet, event: FleetEvent, turn: FleetTurn): Fleet {
  switch (event.event) {
    case "call arrived":
      return callArrived(fleet, event.call, turn);
    case "environment made":
      return withEnvironment(fleet, event, (environment) => made(fleet, environment, turn));
    case "environment not made":
      return withEnvironment(fleet, event, (environment) => notMade(fleet, environment, event.error, turn));
    case "environment initialized":
      return withEnvironment(fleet, event, (environment) => initialized(fleet, environment, event.succeeded, turn));
    case "call answered":
      return withEnvironment(fleet, event, (environment) => answered(fleet, environment, event.hasExtensions, turn));
    case "call concluded":
      return withEnvironment(fleet, event, (environment) => concluded(fleet, environment, event.intact, turn));
    case "environment gone":
      return { ...fleet, environments: fleet.environments.filter(({ id }) => id !== event.environmentId) };
    case "pool retired":
      return poolRetired(fleet, event.pool, turn);
    case "allocations set":
      return setAllocations(fleet, event.allocations, turn);
    case "initialization wanted":
      return { ...fleet, snapshots: [...fleet.snapshots, event.pool] };
    case "spin-down wanted":
      return withEnvironment(fleet, event, (environment) =>
        environment.activity.kind === "idle" ? endEnvironment(fleet, environment, turn) : fleet,
      );
    case "time passed":
      return fleet;
    case "stop wanted":
      return stop(fleet, turn);
    default:
      return event satisfies never;
  }
}

/** Of an environment that is gone nothing more is to be heard. */
function withEnvironment(
  fleet: Fleet,
  { environmentId }: { readonly environmentId: number },
  change: (environment: PooledEnvironment) => Fleet,
): Fleet {
  const environment = fleet.environments.find(({ id }) => id === environmentId);
  return environment === undefined ? fleet : change(environment);
}

function callArrived(fleet: Fleet, call: Call, { now, effects }: FleetTurn): Fleet {
  const { callId } = call;
  if (fleet.stopping) {
    effects.push({ effect: "fail call", callId, error: stopping });
    return fleet;
  }
  return { ...fleet, waiting: [...fleet.waiting, { call, since: now, admitted: false }] };
}

function made(fleet: Fleet, environment: PooledEnvironment, turn: FleetTurn): Fleet {
  const call = callOf(environment);
  if (fleet.stopping) {
    if (call !== undefined) turn.effects.push({ effect: "fail call", callId: call.callId, error: stopping });
    return endEnvironment(fleet, environment, turn);
  }
  // SVC-226: who was placed before an update runs the code of that time.
  if (call !== undefined) return invokeIn(fleet, environment, call, turn);
  if (environment.retired) return endEnvironment(fleet, environment, turn);
  turn.effects.push({ effect: "initialize environment", environmentId: environment.id });
  return replace(fleet, { ...environment, activity: { kind: "initializing" } });
}

function notMade(before: Fleet, environment: PooledEnvironment, error: ServiceError, turn: FleetTurn): Fleet {
  const call = callOf(environment);
  if (call !== undefined) turn.effects.push({ effect: "fail call", callId: call.callId, error });
  const fleet = { ...before, environments: before.environments.filter(({ id }) => id !== environment.id) };
  return environment.allocation === undefined ? fleet : failAllocation(fleet, environment.allocation, turn);
}

function initialized(fleet: Fleet, environment: PooledEnvironment, succeeded: boolean, turn: FleetTurn): Fleet {
  if (environment.activity.kind !== "initializing") return fleet;
  const { allocation } = environment;
  if (!succeeded || environment.retired) {
    const ended = endEnvironment(fleet, environment, turn);
    return allocation === undefined || environment.retired ? ended : failAllocation(ended, allocation, turn);
  }
  if (allocation !== undefined) turn.effects.push({ effect: "allocation progressed", allocation });
  return replace(fleet, { ...environment, usedAt: turn.now, activity: { kind: "idle" } });
}

function answered(fleet: Fleet, environment: PooledEnvironment, hasExtensions: boolean, { now }: FleetTurn): Fleet {
  const { activity } = environment;
  if (activity.kind !== "busy") return fleet;
  const doneBy = now + (hasExtensions ? finishingMs.withExtensions : finishingMs.runtimeOnly);
  return replace(fleet, { ...environment, activity: { ...activity, doneBy } });
}

/** A reset environment serves on where it is (LIFE-73), but for a provisioned one, which is to be initialized before a call (SVC-217). */
function concluded(fleet: Fleet, environment: PooledEnvironment, intact: boolean, turn: FleetTurn): Fleet {
  if (environment.activity.kind !== "busy") return fleet;
  const replaced = environment.allocation !== undefined && !intact;
  if (environment.retired || replaced || isTooOld(fleet, environment, turn.now))
    return endEnvironment(fleet, environment, turn);
  return replace(fleet, { ...environment, usedAt: turn.now, activity: { kind: "idle" } });
}

function poolRetired(before: Fleet, pool: FunctionVersion, turn: FleetTurn): Fleet {
  let fleet = before;
  for (const environment of before.environments)
    if (samePool(environment.pool, pool) && environment.activity.kind !== "ending")
      fleet = retire(fleet, environment, turn);
  const waiting = fleet.waiting.filter(({ call }) => {
    if (!samePool(call.pool, pool)) return true;
    turn.effects.push({ effect: "resolve call again", callId: call.callId });
    return false;
  });
  const allocations = fleet.allocations.filter((allocation) => !samePool(allocation.pool, pool));
  const snapshots = fleet.snapshots.filter((wanted) => !samePool(wanted, pool));
  return { ...fleet, waiting, allocations, snapshots };
}

function stop(before: Fleet, turn: FleetTurn): Fleet {
  let fleet: Fleet = { ...before, stopping: true, waiting: [], allocations: [], snapshots: [] };
  for (const { call } of before.waiting)
    turn.effects.push({ effect: "fail call", callId: call.callId, error: stopping });
  for (const environment of before.environments) {
    const { kind } = environment.activity;
    if (kind === "idle" || kind === "busy" || kind === "initializing")
      fleet = endEnvironment(fleet, environment, turn, kind !== "idle");
  }
  return fleet;
}

const stopping = serviceError("ServiceException", "The service is shutting down.");
