/** What time alone brings about: idle environments end, those who wait for a place are refused. */
import { type Fleet, type PooledEnvironment } from "./fleet.ts";
import { endEnvironment, type FleetTurn } from "./fleet-turn.ts";

/** LIFE-104, LIFE-105, LIFE-115 */
export function reap(before: Fleet, turn: FleetTurn): Fleet {
  let fleet = before;
  for (const environment of before.environments)
    if (environment.activity.kind === "idle" && endOfIdle(before, environment) <= turn.now)
      fleet = endEnvironment(fleet, environment, turn);
  return fleet;
}

/** SVC-223 */
export function giveUpWaiting(fleet: Fleet, { now, effects }: FleetTurn): Fleet {
  const { placementWaitMs } = fleet.settings;
  const waiting = fleet.waiting.filter(({ call, since }) => {
    if (now < since + placementWaitMs) return true;
    effects.push({ effect: "throttle call", callId: call.callId, reason: "ConcurrentInvocationLimitExceeded" });
    return false;
  });
  return waiting.length === fleet.waiting.length ? fleet : { ...fleet, waiting };
}

export const isTooOld = ({ settings }: Fleet, { createdAt }: PooledEnvironment, now: number): boolean =>
  now >= createdAt + settings.maxAgeMs;

/** When time brings about the next change; nothing when it never does. */
export function nextDue(fleet: Fleet, now: number): number | undefined {
  let due = Number.POSITIVE_INFINITY;
  for (const environment of fleet.environments)
    if (environment.activity.kind === "idle") due = Math.min(due, endOfIdle(fleet, environment));
  for (const { since } of fleet.waiting) due = Math.min(due, since + fleet.settings.placementWaitMs);
  if (fleet.waiting.length > 0) due = Math.min(due, endOfFinishing(fleet, now));
  return Number.isFinite(due) ? due : undefined;
}

/** Whoever waits for those that are about to be done does not wait longer than that. */
function endOfFinishing({ environments }: Fleet, now: number): number {
  const ends = environments.flatMap(({ activity }) =>
    activity.kind === "busy" && activity.doneBy !== undefined ? [activity.doneBy] : [],
  );
  return Math.min(...ends.filter((end) => end > now));
}

function endOfIdle({ settings }: Fleet, { allocation, usedAt, createdAt }: PooledEnvironment): number {
  const tooOld = createdAt + settings.maxAgeMs;
  return allocation === undefined ? Math.min(usedAt + settings.keepAliveMs, tooOld) : tooOld;
}
