/** One turn of the machine: what time it is, and the effects gathered so far. */
import type { CallId, CallName, Outcome } from "./calls.ts";
import type { Effect } from "./effects.ts";
import type { Refusal } from "../protocol/refusals.ts";

export interface Turn {
  /** Milliseconds since the epoch, with fractions. */
  readonly now: number;
  readonly effects: Effect[];
}

export const answerCall = (turn: Turn, callId: CallId, outcome: Outcome): void => {
  turn.effects.push({ effect: "answer call", callId, outcome });
};

/** EXT-102: every refusal says whose call it was, and in which state. */
export const refuseCall = (
  turn: Turn,
  callId: CallId,
  refusal: Refusal,
  about: { readonly who: string; readonly call: CallName; readonly state: string },
): void => {
  turn.effects.push({ effect: "answer call", callId, outcome: { kind: "refused", refusal }, refused: about });
};

/** A length in milliseconds, cut to microseconds (EVT-07). */
export const elapsedMs = (from: number, to: number): number =>
  Math.max(0, Math.floor((to - from) * 1000 + 0.001) / 1000);
