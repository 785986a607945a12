/** What became of the records: nothing is lost without being counted. */
import type { DropReason } from "../telemetry-records.ts";

/** At any moment: accepted = delivered + leftOut + dropped + pending. */
export interface DeliveryCounts {
  /** Records taken for this destination, the toolkit's own reports of drops included. */
  readonly accepted: number;
  readonly delivered: number;
  /** Records of no interest to the destination. */
  readonly leftOut: number;
  readonly dropped: number;
  readonly droppedFor: Readonly<Partial<Record<DropReason, number>>>;
  /** Not delivered yet: in the spool, or in memory where there is none. */
  readonly pending: number;
}

export class Counts {
  #accepted = 0;
  #delivered = 0;
  #leftOut = 0;
  #dropped = 0;
  readonly #droppedFor = new Map<DropReason, number>();

  accepted(records: number): void {
    this.#accepted += records;
  }

  delivered(records: number): void {
    this.#delivered += records;
  }

  leftOut(records: number): void {
    this.#leftOut += records;
  }

  dropped(records: number, reason: DropReason): void {
    this.#dropped += records;
    this.#droppedFor.set(reason, (this.#droppedFor.get(reason) ?? 0) + records);
  }

  get pending(): number {
    return this.#accepted - this.#delivered - this.#leftOut - this.#dropped;
  }

  read(): DeliveryCounts {
    return {
      accepted: this.#accepted,
      delivered: this.#delivered,
      leftOut: this.#leftOut,
      dropped: this.#dropped,
      droppedFor: Object.fromEntries(this.#droppedFor),
      pending: this.pending,
    };
  }
}
