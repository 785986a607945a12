/** What the host tells the telemetry hub, and what the hub wants done. */
import type { EpochMs, TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { Destination } from "./subscription.ts";

/** Names a subscription within its environment: 1, 2, … in the order they were made. */
export type SubscriptionId = number;

/** One timer a subscription, one for each of the two flushes of a shutdown (DLV-71, DLV-72). */
export type TelemetryTimer = SubscriptionId | "flush" | "late flush";

export type TelemetryEvent =
  /** An Init or re-init starts; processes that listen may come up from now on (DLV-69, TEL-93). */
  | { readonly event: "init began" }
  /** Init is over: nobody can subscribe any more (TEL-72, TEL-93). */
  | { readonly event: "window closed" }
  /** All have asked for their next event: nothing is sent until the thaw (DLV-60). Leave out for DLV-65. */
  | { readonly event: "frozen" }
  | { readonly event: "thawed" }
  /** The freeze counts as longer by so much than it was: what gathers has gathered longer (DLV-64). */
  | { readonly event: "freeze lengthened"; readonly byMs: number }
  /** A runtime or extension process exited and its output was read to the end (DLV-26). */
  | { readonly event: "stream ended" }
  /** Before SHUTDOWN is handed out (DLV-71); answered by the effect `telemetry flushed`. */
  | { readonly event: "flush requested"; readonly withinMs: number }
  /** SHUTDOWN was handed to the extensions (DLV-72). */
  | { readonly event: "shutdown delivered" }
  /** All processes of the generation are gone (DLV-69). */
  | { readonly event: "generation ended" }
  | { readonly event: "timer fired"; readonly timer: TelemetryTimer }
  /** HTTP: complete answer below 400 (DLV-28). TCP: every byte accepted by the socket (DLV-16). */
  | { readonly event: "batch acknowledged"; readonly subscription: SubscriptionId; readonly attempt: number }
  /** DLV-29, DLV-17 */
  | { readonly event: "batch failed"; readonly subscription: SubscriptionId; readonly attempt: number }
  /** The environment is gone: nothing is accepted or sent after it (DLV-74). */
  | { readonly event: "destroyed" };

/** The same object, body and sequence-id for every attempt (DLV-12). */
export interface OutgoingBatch {
  readonly destination: Destination;
  /** HTTP: a JSON array (DLV-09). TCP: a line for each event (DLV-14). */
  readonly body: string;
  /** `body` in UTF-8. */
  readonly bodyBytes: number;
  /** 43 characters; of no use to TCP (DLV-08). */
  readonly sequenceId: string;
  readonly events: number;
}

export type TelemetryEffect =
  | {
      readonly effect: "send batch";
      readonly subscription: SubscriptionId;
      /** Names this attempt in the event that tells its end. */
      readonly attempt: number;
      readonly batch: OutgoingBatch;
    }
  /** Give the attempt up and close its connection; its end need not be told. */
  | {
      readonly effect: "abort attempt";
      readonly subscription: SubscriptionId;
      readonly attempt: number;
      readonly why: "no answer in time" | "generation ended";
    }
  /** Nobody is at the other end any more (DLV-19); harmless when nothing is open. */
  | { readonly effect: "close connection"; readonly subscription: SubscriptionId }
  /** Replaces a timer of the same name. */
  | { readonly effect: "set timer"; readonly timer: TelemetryTimer; readonly at: EpochMs }
  | { readonly effect: "clear timer"; readonly timer: TelemetryTimer }
  /** For the log and the invoke tail (OBS-17, DLV-54); subscribers have it already. */
  | { readonly effect: "write system record"; readonly record: TelemetryRecord }
  /** Every subscriber has all that was queued, or the time is over. */
  | { readonly effect: "telemetry flushed"; readonly complete: boolean };
