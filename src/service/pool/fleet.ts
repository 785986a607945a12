/** All environments of this machine, in pools by version, as values: who is idle, who works, who waits for a place. */
import type { InitializationType } from "../../protocol/telemetry-records.ts";
import type { FunctionVersion } from "../functions/function-version.ts";

export interface FleetSettings {
  /** Environments on this machine, of all functions. */
  readonly maxEnvironments: number;
  /** What the memory sizes of all environments together may come to. */
  readonly memoryMb: number;
  readonly placementWaitMs: number;
  readonly keepAliveMs: number;
  /** LIFE-105 */
  readonly maxAgeMs: number;
}

/** The allocation of a provisioned concurrency: the configured version or alias. */
export type AllocationKey = string;

export interface PooledEnvironment {
  /** Given in order of birth. */
  readonly id: number;
  readonly pool: FunctionVersion;
  readonly initializationType: InitializationType;
  /** Only of provisioned ones. */
  readonly allocation?: AllocationKey;
  readonly createdAt: number;
  /** The last use; birth before the first. */
  readonly usedAt: number;
  readonly invocations: number;
  /** Takes no call any more; what runs ends undisturbed (SVC-226, SVC-42). */
  readonly retired: boolean;
  readonly activity: Activity;
}

type Activity =
  /** The sandbox is being made, for a call or ahead of need. */
  | { readonly kind: "starting"; readonly call?: Call }
  /** Init without a call: provisioned, or for a snapshot. */
  | { readonly kind: "initializing" }
  /** From release until runtime and extensions are done (SVC-206); once the caller has its answer, until when it may soon be done. */
  | { readonly kind: "busy"; readonly call: Call; readonly doneBy?: number }
  | { readonly kind: "idle" }
  | { readonly kind: "ending" };

export interface Call {
  readonly callId: string;
  readonly pool: FunctionVersion;
  /** Provisioned environments the call may use: those of its alias and of its version (SVC-211). */
  readonly allocations: readonly AllocationKey[];
  readonly limits: CallLimits;
}

/** What the account and the function allow at the moment of the call. */
interface CallLimits {
  /** Of all versions of the function together; nothing when it draws on the unreserved pool (SVC-202). */
  readonly reserved?: number;
  /** Of the region: the account's concurrency without all reservations. */
  readonly unreserved: number;
}

/** Waits for a place on this machine (SVC-223), or for an environment whose caller has just been answered. */
export interface WaitingCall {
  readonly call: Call;
  readonly since: number;
  /** Within Lambda's limits, and holding a slot. */
  readonly admitted: boolean;
}

/** Provisioned concurrency of one version or alias (LIFE-111). */
export interface Allocation {
  readonly key: AllocationKey;
  readonly pool: FunctionVersion;
  readonly wanted: number;
  /** One Init failed: no further one is tried until the allocation is changed (LIFE-112). */
  readonly failed: boolean;
  /** Functions with a reservation provision out of it, others out of the unreserved pool. */
  readonly reserved: boolean;
}

export interface Fleet {
  readonly settings: FleetSettings;
  /** In order of birth. */
  readonly environments: readonly PooledEnvironment[];
  /** In order of arrival. */
  readonly waiting: readonly WaitingCall[];
  readonly allocations: readonly Allocation[];
  /** Pools of which an environment is to be initialized for a snapshot, as soon as there is room. */
  readonly snapshots: readonly FunctionVersion[];
  readonly nextId: number;
  readonly stopping: boolean;
}

export const createFleet = (settings: FleetSettings): Fleet => ({
  settings,
  environments: [],
  waiting: [],
  allocations: [],
  snapshots: [],
  nextId: 1,
  stopping: false,
});

export const sameFunction = (one: FunctionVersion, other: FunctionVersion): boolean =>
  one.functionName === other.functionName && one.region === other.region;

/** Calls of one generation of one version share environments, others never (SVC-225, LIFE-108). */
export const samePool = (one: FunctionVersion, other: FunctionVersion): boolean =>
  one.generation === other.generation && one.version === other.version && sameFunction(one, other);

/**
 * Whoever calls again as soon as it has its answer comes before the runtime has asked for its next event. On Lambda the
 * network is slower than that; here such a call waits so long for the environment to be done (SVC-220).
 */
export const finishingMs = { runtimeOnly: 2000, withExtensions: 100 };

export const isFinishing = ({ activity, retired }: PooledEnvironment, now: number): boolean =>
  activity.kind === "busy" && activity.doneBy !== undefined && now < activity.doneBy && !retired;

export const isLiving = ({ activity }: PooledEnvironment): boolean => activity.kind !== "ending";

/** The call that holds a slot of Lambda's concurrency here. */
export const callOf = ({ activity }: PooledEnvironment): Call | undefined =>
  activity.kind === "busy" || activity.kind === "starting" ? activity.call : undefined;
