/** What waits for one subscriber: batches, their limits, and what had to be dropped (DLV-20 to DLV-23, DLV-42 to DLV-53). */
import type { EpochMs } from "../protocol/telemetry-records.ts";
import type { ProjectedEvent } from "./recorded-event.ts";
import type { Buffering } from "./subscription.ts";

export interface Batch {
  readonly events: ProjectedEvent[];
  bytes: number;
  /** Events and bytes that the limit of the backlog does not count: reports of drops (DLV-52), and replays. */
  exemptEvents: number;
  exemptBytes: number;
}

/** A run of drops that is not yet reported (DLV-48). */
export interface Gap {
  readonly records: number;
  readonly bytes: number;
}

export type Placing =
  /** Joined a batch that gathers; nobody need do anything. */
  | "gathered"
  /** Is the first of its batch: there is a new `dueAt`. */
  | "began a batch"
  /** Its batch is to be sent at once. */
  | "filled a batch"
  | "dropped";

export class Backlog {
  readonly #limits: Buffering;
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #full: Batch[] = [];
  #gathering: Batch | undefined;
  #dueAt = 0;
  #events = 0;
  #bytes = 0;
  #exemptEvents = 0;
  #exemptBytes = 0;
  #dropping = false;
  #gapRecords = 0;
  #gapBytes = 0;

  /** @param factor times the limits of a batch are the limits of the backlog (DLV-45) */
  constructor(limits: Buffering, factor: number) {
    this.#limits = limits;
    this.#maxEvents = factor * limits.maxItems;
    this.#maxBytes = factor * limits.maxBytes;
  }

  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get gap(): Gap | undefined {
    return this.#gapRecords === 0 ? undefined : { records: this.#gapRecords, bytes: this.#gapBytes };
  }

  /** When the batch that gathers is to be sent, if there is one. */
  get dueAt(): EpochMs | undefined {
    return this.#gathering === undefined ? undefined : this.#dueAt;
  }

  /**
   * Whether an event of this size is kept. Once one was dropped all are, until `spaceFreed`, so that a run of drops is
   * one gap (DLV-46).
   * @param idle nothing is in flight, so no acknowledgement can come to free space
   * @param passing it would be sent at once: then even an event beyond every limit goes through
   */
  takes(bytes: number, idle: boolean, passing: boolean): boolean {
    if (this.#events === 0 && idle) return passing || bytes <= this.#maxBytes;
    return (
      !this.#dropping &&
      this.#events - this.#exemptEvents < this.#maxEvents &&
      this.#bytes - this.#exemptBytes + bytes <= this.#maxBytes
    );
  }

  /** The newest event is lost (DLV-43). */
  drop(bytes: number): void {
    this.#dropping = true;
    this.#gapRecords++;
    this.#gapBytes += bytes;
  }

  /** An acknowledgement has freed space (DLV-46). */
  spaceFreed(): void {
    this.#dropping = false;
  }

  /** The gap is reported, or will never be (DLV-51). */
  closeGap(): void {
    this.#gapRecords = 0;
    this.#gapBytes = 0;
  }

  add(event: ProjectedEvent, now: EpochMs, exempt: boolean): Exclude<Placing, "dropped"> {
    let began = false;
    if (this.#gathering === undefined) {
      this.#gathering = { events: [], bytes: 0, exemptEvents: 0, exemptBytes: 0 };
      this.#dueAt = now + this.#limits.timeoutMs;
      began = true;
    }
    const batch = this.#gathering;
    batch.events.push(event);
    batch.bytes += event.bytes;
    if (exempt) {
      batch.exemptEvents++;
      batch.exemptBytes += event.bytes;
    }
    this.#count(1, event.bytes, exempt ? 1 : 0, exempt ? event.bytes : 0);
    if (batch.events.length >= this.#limits.maxItems || batch.bytes >= this.#limits.maxBytes) {
      this.seal();
      return "filled a batch";
    }
    return began ? "began a batch" : "gathered";
  }

  /** The batch that gathers grows no more and is to be sent at once. */
  seal(): void {
    if (this.#gathering === undefined) return;
    this.#full.push(this.#gathering);
    this.#gathering = undefined;
  }

  /** The batch that gathers is to be sent at once, but may grow while it cannot be. */
  hasten(): void {
    this.#dueAt = 0;
  }

  /** The batch that gathers began so much earlier. */
  age(byMs: number): void {
    this.#dueAt -= byMs;
  }

  /** Takes the next batch that is to be sent; with `evenEarly` whatever there is. */
  take(now: EpochMs, evenEarly: boolean): Batch | undefined {
    const batch = this.#full.shift() ?? (evenEarly || now >= this.#dueAt ? this.#takeGathering() : undefined);
    if (batch !== undefined) {
      this.#count(-batch.events.length, -batch.bytes, -batch.exemptEvents, -batch.exemptBytes);
    }
    return batch;
  }

  #takeGathering(): Batch | undefined {
    const batch = this.#gathering;
    this.#gathering = undefined;
    return batch;
  }

  #count(events: number, bytes: number, exemptEvents: number, exemptBytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
    this.#exemptEvents += exemptEvents;
    this.#exemptBytes += exemptBytes;
  }
}
