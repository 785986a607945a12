/** What the Extensions API tells an extension. */
import type { ShutdownReason } from "../protocol/extensions-api.ts";

/** INVOKE: the function is invoked. It does not contain the invocation's payload. */
export interface InvokeEvent {
  readonly eventType: "INVOKE";
  /** Milliseconds since the epoch: when the invocation times out, this extension's work included. */
  readonly deadlineMs: number;
  readonly requestId: string;
  /** As it was invoked, with its qualifier. */
  readonly invokedFunctionArn: string;
  /** Some emulators leave it out. */
  readonly tracing?: { readonly type: string; readonly value: string };
}

/** SHUTDOWN: everything ends. */
export interface ShutdownEvent {
  readonly eventType: "SHUTDOWN";
  /** Milliseconds since the epoch: when whatever still runs is killed. */
  readonly deadlineMs: number;
  readonly shutdownReason: ShutdownReason;
}

export type LifecycleEvent = InvokeEvent | ShutdownEvent;

/** What Lambda answers a registration with. */
export interface FunctionFacts {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly functionVersion: string;
  readonly handler: string;
  /** 12 digits; emulators may leave it out. */
  readonly accountId?: string;
}
