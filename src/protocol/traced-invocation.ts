/** What the platform's segments of an invocation are made from (OBS-70 to OBS-76). Times are milliseconds since the epoch. */
import type { TraceHeader } from "./trace-header.ts";

/** OBS-67 */
export type TracingMode = "Active" | "PassThrough";

/** From the front door until the last attempt: an asynchronous event keeps it over its retries (OBS-75). */
export interface RequestTrace {
  readonly header: TraceHeader;
  /** Id of the service segment, 16 hex digits. */
  readonly serviceSegmentId: string;
  /** The `Parent` the caller sent, if it sent one. */
  readonly callerId: string | undefined;
  /** The platform makes segments of it: mode Active, and sampled (OBS-67, OBS-69). */
  readonly segments: boolean;
  /** When the request came. */
  readonly startedAt: number;
  /** What the caller is answered: 200, or 202 for an asynchronous event. */
  readonly httpStatus: number;
}

/** One attempt at a traced request; ids are 16 hex digits. */
export interface TracedAttempt {
  readonly request: RequestTrace;
  readonly functionSegmentId: string;
  /** Of the `Invocation` subsegment: what the function sends goes below it. */
  readonly invocationId: string;
}

/** An attempt that is over. */
export interface TracedInvocation {
  readonly attempt: TracedAttempt;
  /** Of the function segment: what `Duration` counts. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** When the runtime was given the event; absent when it never was. */
  readonly releasedAt?: number;
  /** When the response was complete; absent when there was none. */
  readonly respondedAt?: number;
  /** The runtime reported an error of the handler (OBS-76). */
  readonly handlerError?: {
    /** JSON text of `Lambda-Runtime-Function-XRay-Error-Cause`, where it was valid (RT-73). */
    readonly cause?: string;
  };
}
