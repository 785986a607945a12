/** How many environments were busy at most in each second in which something changed (OBS-48). */
import type { Clock } from "../../host/clock.ts";
import { type Allocation, callOf, type Fleet } from "../pool/fleet.ts";
import type { InvocationMetrics } from "./invocation-metrics.ts";

interface Busy {
  executions: number;
  unreserved: number;
  readonly functions: Map<string, number>;
}

export class ConcurrencyGauge {
  readonly #clock: Clock;
  readonly #metrics: InvocationMetrics;
  /** By region, the greatest numbers since the last publication. */
  #greatest = new Map<string, Busy>();
  #fleet: Fleet | undefined;
  #timer: (() => void) | undefined;

  constructor(clock: Clock, metrics: InvocationMetrics) {
    this.#clock = clock;
    this.#metrics = metrics;
  }

  readonly see = (fleet: Fleet): void => {
    this.#fleet = fleet;
    for (const [region, busy] of busyByRegion(fleet))
      this.#greatest.set(region, greater(this.#greatest.get(region), busy));
    this.#timer ??= this.#clock.at(this.#clock.now() + 1000, this.#publish);
  };

  stop(): void {
    this.#timer?.();
  }

  readonly #publish = (): void => {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [region, { executions, unreserved, functions }] of this.#greatest) {
      const claimed = executions + idleProvisioned(this.#fleet, region);
      this.#metrics.accountConcurrency({ region, executions, unreservedExecutions: unreserved, claimed }, now);
      for (const [functionName, running] of functions)
        this.#metrics.functionConcurrency({ region, functionName }, running, now);
    }
    for (const allocation of this.#fleet?.allocations ?? []) this.#publishAllocation(allocation, now);
    this.#greatest = new Map();
  };

  #publishAllocation({ key, pool, wanted }: Allocation, now: number): void {
    const own = this.#fleet?.environments.filter(({ allocation }) => allocation === key) ?? [];
    const busy = own.filter(({ activity }) => activity.kind === "busy").length;
    const qualifier = key.split(":").at(-1) ?? pool.version;
    const target = { region: pool.region, functionName: pool.functionName, qualifier };
    this.#metrics.provisionedConcurrency(target, busy, wanted, now);
  }
}

function busyByRegion({ environments }: Fleet): ReadonlyMap<string, Busy> {
  const regions = new Map<string, Busy>();
  for (const environment of environments) {
    const { region, functionName } = environment.pool;
    const busy = regions.get(region) ?? { executions: 0, unreserved: 0, functions: new Map<string, number>() };
    regions.set(region, busy);
    const call = callOf(environment);
    if (call === undefined) continue;
    busy.executions += 1;
    if (call.limits.reserved === undefined) busy.unreserved += 1;
    busy.functions.set(functionName, (busy.functions.get(functionName) ?? 0) + 1);
  }
  return regions;
}

function greater(one: Busy | undefined, other: Busy): Busy {
  if (one === undefined) return other;
  one.executions = Math.max(one.executions, other.executions);
  one.unreserved = Math.max(one.unreserved, other.unreserved);
  for (const [name, running] of other.functions)
    one.functions.set(name, Math.max(one.functions.get(name) ?? 0, running));
  return one;
}

const idleProvisioned = (fleet: Fleet | undefined, region: string): number =>
  fleet?.environments.filter(
    ({ allocation, activity, pool }) => allocation !== undefined && activity.kind === "idle" && pool.region === region,
  ).length ?? 0;
