/** What happens to the fleet, and what it wants done. */
import type { FunctionVersion } from "../functions/function-version.ts";
import type { ServiceError } from "../service-error.ts";
import type { Allocation, AllocationKey, Call, PooledEnvironment } from "./fleet.ts";

export type FleetEvent =
  | { readonly event: "call arrived"; readonly call: Call }
  /** Its sandbox stands; no process runs in it yet. */
  | { readonly event: "environment made"; readonly environmentId: number }
  /** Its sandbox could not be made; nothing of it is left. */
  | { readonly event: "environment not made"; readonly environmentId: number; readonly error: ServiceError }
  /** An Init without a call ended. */
  | { readonly event: "environment initialized"; readonly environmentId: number; readonly succeeded: boolean }
  /** Its caller has the answer; the runtime has still to ask for its next event, and extensions where there are any. */
  | { readonly event: "call answered"; readonly environmentId: number; readonly hasExtensions: boolean }
  /** Runtime and extensions are done with the call; `intact` unless the environment was reset. */
  | { readonly event: "call concluded"; readonly environmentId: number; readonly intact: boolean }
  /** Ended, as ordered or by itself, and nothing of it is left. */
  | { readonly event: "environment gone"; readonly environmentId: number }
  /** No call goes to these environments any more: an update, a deletion (SVC-226, SVC-42). */
  | { readonly event: "pool retired"; readonly pool: FunctionVersion }
  | { readonly event: "allocations set"; readonly allocations: readonly Omit<Allocation, "failed">[] }
  /** One environment of the pool is to be initialized without a call: for a snapshot (LIFE-117). */
  | { readonly event: "initialization wanted"; readonly pool: FunctionVersion }
  /** A developer ends an idle environment (LIFE-109). */
  | { readonly event: "spin-down wanted"; readonly environmentId: number }
  | { readonly event: "time passed" }
  /** The platform stops (LIFE-80). */
  | { readonly event: "stop wanted" };

export type FleetEffect =
  /** Make the sandbox; nothing runs in it yet. */
  | { readonly effect: "make environment"; readonly environment: PooledEnvironment }
  | { readonly effect: "initialize environment"; readonly environmentId: number }
  | {
      readonly effect: "invoke";
      readonly environmentId: number;
      readonly callId: string;
      readonly concurrency: Concurrency;
    }
  | { readonly effect: "throttle call"; readonly callId: string; readonly reason: ThrottleReason }
  /** The code it was resolved to is of the past, and no environment took it yet (SVC-174). */
  | { readonly effect: "resolve call again"; readonly callId: string }
  /** A failure of the service itself (SVC-150). */
  | { readonly effect: "fail call"; readonly callId: string; readonly error: ServiceError }
  /** `interrupt`: a running call is not waited for (LIFE-80). */
  | { readonly effect: "end environment"; readonly environmentId: number; readonly interrupt: boolean }
  | { readonly effect: "allocation progressed"; readonly allocation: AllocationKey };

/** SVC-199 */
export type ThrottleReason = "ReservedFunctionConcurrentInvocationLimitExceeded" | "ConcurrentInvocationLimitExceeded";

/** Which environment a call got, for the metrics of OBS-49. */
export type Concurrency = "provisioned" | "spilled over" | "on demand";
