/** What is to be done: the output of `step`, carried out in order by the host. */
import type { LifeCycleRecord, Verdict } from "../protocol/telemetry-records.ts";
import type { CallId, CallName, Outcome } from "./calls.ts";
import type { TimerName } from "./events.ts";
import type { InvocationAnswer, ReportDraft } from "./invocation.ts";

/** Whose call was refused, in which state: for the developer (EXT-102). */
export interface RefusedCall {
  /** `runtime`, an extension's name, or an identifier nobody has. */
  readonly who: string;
  readonly call: CallName;
  readonly state: string;
}

export type Effect =
  | { readonly effect: "discover extensions" }
  | { readonly effect: "launch extension"; readonly name: string }
  | { readonly effect: "launch runtime" }
  | { readonly effect: "signal runtime"; readonly signal: "SIGTERM" | "SIGKILL" }
  | { readonly effect: "kill extension"; readonly name: string }
  /** End whatever is left of the generation; answered by the event `swept`. */
  | { readonly effect: "sweep" }
  | {
      readonly effect: "answer call";
      readonly callId: CallId;
      readonly outcome: Outcome;
      readonly refused?: RefusedCall;
    }
  | { readonly effect: "answer caller"; readonly requestId: string; readonly answer: InvocationAnswer }
  /** The environment cannot take it; the invocation was not accepted. */
  | { readonly effect: "refuse invocation"; readonly requestId: string; readonly why: "busy" | "ending" | "gone" }
  /** The invocation is over: its report is the last record of it. */
  | { readonly effect: "conclude invocation"; readonly report: ReportDraft }
  /** The Init phase is over, well or not; not sent for a second attempt inside an invocation. */
  | { readonly effect: "init ended"; readonly verdict: Verdict; readonly text?: string }
  | { readonly effect: "set timer"; readonly timer: TimerName; readonly at: number }
  | { readonly effect: "clear timer"; readonly timer: TimerName }
  | { readonly effect: "freeze" }
  /** Answered by the event `thawed`. */
  | { readonly effect: "thaw" }
  | { readonly effect: "emit"; readonly record: Exclude<LifeCycleRecord, { type: "platform.report" }> }
  /** Send what waits for subscribers; answered by the event `telemetry flushed` (DLV-71). */
  | { readonly effect: "flush telemetry"; readonly withinMs: number }
  /** The extensions that asked for SHUTDOWN are handling it, or will at their next call (DLV-72). */
  | { readonly effect: "shutdown delivered" }
  /** At the limit, these had neither asked for their next event nor exited (LIFE-33). */
  | { readonly effect: "name the missing"; readonly runtime: boolean; readonly extensions: readonly string[] }
  | { readonly effect: "destroy" };
