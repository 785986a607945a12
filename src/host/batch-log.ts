/** Each attempt to deliver a batch, for the timeline and for whoever asks why nothing arrives. */
import type { OutgoingBatch } from "../telemetry/delivery-effects.ts";
import type { SubscriptionId } from "../telemetry/delivery-effects.ts";
import type { SendResult } from "./subscriber-connection.ts";

export interface DeliveryAttempt {
  readonly subscription: SubscriptionId;
  readonly attempt: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly sentAt: number;
  readonly endedAt: number;
  readonly events: number;
  readonly bytes: number;
  readonly result: SendResult;
}

/** A long run keeps the newest attempts only. */
const mostAttempts = 10_000;

export class BatchLog {
  readonly #now: () => number;
  #kept: DeliveryAttempt[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(sent: {
    readonly subscription: SubscriptionId;
    readonly attempt: number;
    readonly batch: OutgoingBatch;
    readonly sentAt: number;
    readonly result: SendResult;
  }): void {
    const { subscription, attempt, batch, sentAt, result } = sent;
    if (this.#kept.length >= 2 * mostAttempts) this.#kept = this.#kept.slice(-mostAttempts);
    this.#kept.push({
      subscription,
      attempt,
      sentAt,
      endedAt: this.#now(),
      events: batch.events,
      bytes: batch.bodyBytes,
      result,
    });
  }

  get kept(): readonly DeliveryAttempt[] {
    return this.#kept;
  }
}
