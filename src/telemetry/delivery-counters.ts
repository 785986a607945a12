/** What became of the events of one subscription (DLV-55 to DLV-59). */

export interface Amount {
  readonly events: number;
  /** Sum of event sizes. */
  readonly bytes: number;
}

/** At any moment produced = acknowledged + dropped + queued (DLV-55). */
export interface DeliveryCounters {
  readonly produced: Amount;
  readonly acknowledged: Amount;
  readonly dropped: Amount;
  /** Neither acknowledged nor dropped, the batch in flight included (DLV-59). */
  readonly queued: Amount;
  /** The part of `queued` that an attempt is under way for. */
  readonly inFlight: Amount;
  /** Attempts after the first, of all batches. */
  readonly retries: number;
}

const nothing: Amount = { events: 0, bytes: 0 };

export class Tally {
  #producedEvents = 0;
  #producedBytes = 0;
  #acknowledged = nothing;
  #dropped = nothing;
  #retries = 0;

  produced(events: number, bytes: number): void {
    this.#producedEvents += events;
    this.#producedBytes += bytes;
  }

  acknowledged(size: Amount): void {
    this.#acknowledged = sum(this.#acknowledged, size);
  }

  dropped(events: number, bytes: number): void {
    this.#dropped = sum(this.#dropped, { events, bytes });
  }

  retried(): void {
    this.#retries++;
  }

  counters(queued: Amount, inFlight: Amount | undefined): DeliveryCounters {
    return {
      produced: { events: this.#producedEvents, bytes: this.#producedBytes },
      acknowledged: this.#acknowledged,
      dropped: this.#dropped,
      queued,
      inFlight: inFlight ?? nothing,
      retries: this.#retries,
    };
  }
}

const sum = (one: Amount, other: Amount): Amount => ({
  events: one.events + other.events,
  bytes: one.bytes + other.bytes,
});
