/** What happens to an environment: the input of `step`. */
import type { ShutdownReason } from "../protocol/extensions-api.ts";
import type { Call, CallId } from "./calls.ts";
import type { Invocation } from "./invocation.ts";

export type TimerName = "init limit" | "invocation deadline" | "restore limit" | "runtime share" | "shutdown deadline";

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  /** `SIGKILL`, `SIGSEGV`, … */
  readonly signal: string | null;
  readonly outOfMemory: boolean;
}

export type EnvironmentEvent =
  /** Initialize without an invocation: provisioned concurrency, publishing, or a test that wants it. */
  | { readonly event: "init requested" }
  | { readonly event: "invoke requested"; readonly invocation: Invocation }
  | { readonly event: "extensions discovered"; readonly names: readonly string[]; readonly switchedOff: boolean }
  | { readonly event: "extension launched"; readonly name: string }
  /** `text` is the reason in the words of LIFE-05. */
  | { readonly event: "extension launch failed"; readonly name: string; readonly text: string }
  | { readonly event: "runtime launched" }
  | { readonly event: "runtime launch failed"; readonly errorType: string; readonly text: string }
  | { readonly event: "runtime exited"; readonly generation: number; readonly exit: ProcessExit }
  | {
      readonly event: "extension exited";
      readonly generation: number;
      readonly name: string;
      readonly exit: ProcessExit;
    }
  | { readonly event: "called"; readonly callId: CallId; readonly call: Call }
  /** The connection of a call was lost before its answer was written. */
  | { readonly event: "call abandoned"; readonly callId: CallId }
  | { readonly event: "timer fired"; readonly timer: TimerName }
  | { readonly event: "thawed" }
  | { readonly event: "telemetry flushed" }
  /** No process of the generation lives any more. */
  | { readonly event: "swept" }
  /** By a developer (LIFE-109). */
  | { readonly event: "freeze requested" }
  | { readonly event: "thaw requested" }
  | { readonly event: "reset requested" }
  /** With `interrupt`, a running invocation is not waited for (LIFE-80). */
  | { readonly event: "shutdown requested"; readonly reason: ShutdownReason; readonly interrupt: boolean }
  /** Skips every budget (LIFE-80, second signal). */
  | { readonly event: "kill requested" }
  /** Something of ours broke while an effect was carried out (EVT-88). */
  | { readonly event: "platform failed"; readonly text: string };
