/** The environments as they are shown: by function, with what each is doing (SVC-231, LIFE-109). */
import type { RunningEnvironment } from "../../host/running-environment.ts";
import type { PooledEnvironment } from "../pool/fleet.ts";
import type { EnvironmentKeeper } from "./environment-keeper.ts";

export interface EnvironmentDocument {
  /** Names the environment in calls of this interface. */
  readonly id: string;
  readonly functionName: string;
  readonly version: string;
  readonly region: string;
  readonly initializationType: string;
  readonly state: "initializing" | "idle" | "busy" | "shutting-down";
  /** Where it is in its life, such as `ready`; absent while its sandbox is made. */
  readonly phase?: string;
  readonly frozen?: boolean;
  /** Counts (re-)initializations. */
  readonly generation?: number;
  readonly extensions: readonly { readonly name: string; readonly state: string }[];
  readonly processIds: readonly number[];
  readonly invocationCount: number;
  /** ISO 8601, on the service's clock. */
  readonly lastUse: string;
  readonly createdAt: string;
  readonly logStreamName?: string;
}

export const environmentDocuments = (keeper: EnvironmentKeeper): readonly EnvironmentDocument[] =>
  keeper.fleet.environments.map((environment) => environmentDocument(environment, keeper.running(environment.id)));

export function environmentDocument(
  pooled: PooledEnvironment,
  running: RunningEnvironment | undefined,
): EnvironmentDocument {
  const { pool, initializationType, invocations, usedAt, createdAt } = pooled;
  return {
    id: String(pooled.id),
    functionName: pool.functionName,
    version: pool.version,
    region: pool.region,
    initializationType,
    state: stateOf(pooled, running),
    ...(running === undefined ? {} : runningMembers(running)),
    extensions: running?.environment.generation.extensions.map(({ name, state }) => ({ name, state })) ?? [],
    processIds: running?.parts.processes.pids.map(({ pid }) => pid) ?? [],
    invocationCount: invocations,
    lastUse: new Date(usedAt).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
  };
}

function runningMembers({ environment, parts }: RunningEnvironment) {
  return {
    phase: environment.phase,
    frozen: "frozen" in environment && environment.frozen,
    generation: environment.generation.number,
    logStreamName: parts.logStreamName,
  };
}

function stateOf(
  { activity }: PooledEnvironment,
  running: RunningEnvironment | undefined,
): EnvironmentDocument["state"] {
  switch (activity.kind) {
    case "starting":
    case "initializing":
      return "initializing";
    case "busy":
      return running?.environment.phase === "initializing" ? "initializing" : "busy";
    case "idle":
      return "idle";
    case "ending":
      return "shutting-down";
    default:
      return activity satisfies never;
  }
}
