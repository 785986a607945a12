/** An event on its way to a function that nobody waits for. */
import type { RequestTrace } from "../../protocol/traced-invocation.ts";
import type { FunctionTarget } from "../directory.ts";

export interface QueuedEvent {
  /** The one the caller was told; the same in all attempts (SVC-169). */
  readonly requestId: string;
  readonly target: FunctionTarget;
  /** As the caller sent it. */
  readonly payload: Uint8Array;
  /** As the caller sent it (SVC-177). */
  readonly traceHeader?: string;
  /** What the first attempt began. */
  readonly trace?: RequestTrace;
  readonly acceptedAt: number;
  /** How often the function ran, or would have run if it existed. */
  readonly attempts: number;
  /** How often in a row there was no room for it (SVC-172). */
  readonly putBacks: number;
  /** The next attempt is not before that. */
  readonly dueAt: number;
  /** What the last attempt came to. */
  readonly last?: AttemptResponse;
}

/** What a record tells of an attempt. */
export interface AttemptResponse {
  readonly statusCode: number;
  readonly executedVersion?: string;
  readonly functionError?: "Unhandled";
  /** Bytes of the function's answer. */
  readonly payload?: Uint8Array;
  /** Of the version that ran (SVC-194). */
  readonly deadLetterTargetArn?: string;
}

export type AttemptOutcome =
  | { readonly kind: "success"; readonly response: AttemptResponse }
  /** The function's own failure, or a function that is gone (SVC-170, SVC-175). */
  | { readonly kind: "failure"; readonly response: AttemptResponse }
  /** A throttle or a failure of the service: no attempt (SVC-172). */
  | { readonly kind: "put back" }
  /** SVC-203 */
  | { readonly kind: "never" };

/** AWS's words for how an event ended. */
type Condition = "Success" | "RetriesExhausted" | "EventAgeExceeded" | "ZeroReservedConcurrency";

export interface EventEnd {
  readonly condition: Condition;
  readonly approximateInvokeCount: number;
  readonly response?: AttemptResponse;
}
