/** Tells the fleet what the control plane has changed: code that is of the past, provisioned concurrency, snapshots. */
import type { InitOutcome } from "../../host/running-environment.ts";
import type { FunctionChange, FunctionDirectory, SnapshotOutcome } from "../directory.ts";
import type { FunctionVersion } from "../functions/function-version.ts";
import { allocationKey } from "../invoke/allocation-key.ts";
import { type Fleet, type PooledEnvironment, samePool } from "../pool/fleet.ts";
import type { EnvironmentKeeper } from "./environment-keeper.ts";

/** Gives the way to stop. */
export function followDirectory(directory: FunctionDirectory, keeper: EnvironmentKeeper): () => void {
  const asked = new Set<string>();
  const changed = ({ region, name }: FunctionChange): void => {
    for (const pool of poolsOf(keeper.fleet, { region, name }))
      if (directory.current(region, name, pool.version)?.generation !== pool.generation)
        keeper.dispatch({ event: "pool retired", pool });
    provisionAndInitialize(directory, keeper, asked);
  };
  const stop = directory.onChange(changed);
  provisionAndInitialize(directory, keeper, asked);
  return stop;
}

/** An Init that was asked for a snapshot ended (SVC-115, LIFE-118). */
export function tellSnapshot(directory: FunctionDirectory, { pool }: PooledEnvironment, outcome: InitOutcome): void {
  const wanted = directory.snapshotsWanted().find((version) => samePool(version, pool));
  if (wanted !== undefined) directory.snapshotDone(wanted, snapshotOutcome(outcome));
}

function snapshotOutcome({ status, errorType, text }: InitOutcome): SnapshotOutcome {
  if (status === "success") return { kind: "taken" };
  return { kind: "failed", reason: text ?? errorType ?? "The initialization failed." };
}

function provisionAndInitialize(directory: FunctionDirectory, keeper: EnvironmentKeeper, asked: Set<string>): void {
  const allocations = directory.provisioned().map(({ region, name, qualifier, version, requested }) => ({
    key: allocationKey(region, name, qualifier),
    pool: version,
    wanted: requested,
    reserved: directory.reservedConcurrency(region, name) !== undefined,
  }));
  if (allocations.length > 0 || keeper.fleet.allocations.length > 0)
    keeper.dispatch({ event: "allocations set", allocations });
  for (const version of directory.snapshotsWanted()) {
    if (asked.has(version.generation)) continue;
    asked.add(version.generation);
    keeper.dispatch({ event: "initialization wanted", pool: version });
  }
}

function poolsOf(fleet: Fleet, { region, name }: FunctionChange): readonly FunctionVersion[] {
  const pools = [...fleet.environments.map(({ pool }) => pool), ...fleet.waiting.map(({ call }) => call.pool)];
  const own = pools.filter((pool) => pool.functionName === name && pool.region === region);
  return own.filter((pool, at) => own.findIndex((other) => samePool(other, pool)) === at);
}
