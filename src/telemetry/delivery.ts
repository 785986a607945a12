/** One subscription's way from accepted events to acknowledged batches, as a state machine (DLV-20 to DLV-70). */
import { droppedReason } from "../protocol/telemetry-api.ts";
import type { EpochMs, LogFormat, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { Backlog, type Gap } from "./backlog.ts";
import type { OutgoingBatch, SubscriptionId, TelemetryEffect } from "./delivery-effects.ts";
import { composeBatch } from "./outgoing-batch.ts";
import { RecordedEvent, type ProjectedEvent } from "./recorded-event.ts";
import type { RunningSha256 } from "./sequence-id.ts";
import type { Subscription } from "./subscription.ts";
import { Tally, type Amount, type DeliveryCounters } from "./delivery-counters.ts";

/** DLV-29 */
const answerLimitMs = 5000;
/** DLV-33 */
const retryWaitsMs = [25, 50, 100, 200, 400, 800];
const longestRetryWaitMs = 1000;

/** What all deliveries of an environment have in common; the hub changes it. */
export interface DeliveryConditions {
  /** Processes live and are not frozen (DLV-60, DLV-69). */
  open: boolean;
  /** Nothing waits for its batch to fill (DLV-72). */
  prompt: boolean;
  readonly backlogFactor: number;
  readonly logFormat: LogFormat;
  /** From 0 up to 1, for the spread of DLV-33. */
  readonly random: () => number;
  readonly newSha256: () => RunningSha256;
  readonly emit: (effect: TelemetryEffect) => void;
}

/** The batch that was tried at least once: it neither grows nor changes until it is acknowledged (DLV-12, DLV-32). */
interface Head {
  readonly batch: OutgoingBatch;
  readonly size: Amount;
  attempts: number;
}

export class Delivery {
  readonly id: SubscriptionId;
  readonly subscription: Subscription;
  readonly #conditions: DeliveryConditions;
  readonly #backlog: Backlog;
  readonly #hash: RunningSha256;
  readonly #tally = new Tally();
  #head: Head | undefined;
  /** The attempt under way; attempts of all batches are counted on. */
  #attempt: number | undefined;
  #attempts = 0;
  #failures = 0;
  #retryAt: EpochMs = 0;
  /** What is left of the answer limit while frozen (DLV-81). */
  #answerLeftMs = answerLimitMs;
  #timerAt: EpochMs | undefined;

  constructor(id: SubscriptionId, subscription: Subscription, conditions: DeliveryConditions) {
    this.id = id;
    this.subscription = subscription;
    this.#conditions = conditions;
    this.#backlog = new Backlog(subscription.buffering, conditions.backlogFactor);
    this.#hash = conditions.newSha256();
  }

  counters(): DeliveryCounters {
    const head = this.#head?.size;
    const queued = {
      events: this.#backlog.events + (head?.events ?? 0),
      bytes: this.#backlog.bytes + (head?.bytes ?? 0),
    };
    return this.#tally.counters(queued, this.#attempt === undefined ? undefined : head);
  }

  get drained(): boolean {
    return this.#head === undefined && this.#backlog.events === 0;
  }

  /** Puts a live event behind what waits, or drops it. */
  offer(event: ProjectedEvent, now: EpochMs): void {
    this.#tally.produced(1, event.bytes);
    const idle = this.#head === undefined;
    if (!this.#backlog.takes(event.bytes, idle, idle && this.#conditions.open)) {
      this.#backlog.drop(event.bytes);
      this.#tally.dropped(1, event.bytes);
      return;
    }
    const reported = this.#reportGap(now);
    const placing = this.#backlog.add(event, now, false);
    if (idle && (reported || placing !== "gathered" || this.#conditions.prompt)) this.#pump(now);
  }

  /** The history comes first and at once, as batches of its own (TEL-88, DLV-25). */
  replay(events: readonly ProjectedEvent[], missing: Gap, now: EpochMs): void {
    for (const event of events) this.#place(event, now);
    if (missing.records > 0) {
      this.#tally.produced(missing.records, missing.bytes);
      this.#tally.dropped(missing.records, missing.bytes);
      this.#report(missing, now);
    }
    this.#backlog.seal();
    this.#pump(now);
  }

  /** The timer of this subscription fired, perhaps late, perhaps for a reason that is gone. */
  timerFired(now: EpochMs): void {
    const at = this.#timerAt;
    if (at === undefined) return;
    this.#timerAt = undefined;
    // Timers of real clocks fire a little early at times.
    if (now < at) {
      this.#arm(at);
      return;
    }
    if (this.#attempt === undefined) {
      this.#pump(now);
      return;
    }
    this.#abort("no answer in time");
    this.#failed(now);
  }

  acknowledged(attempt: number, now: EpochMs): void {
    if (attempt !== this.#attempt || this.#head === undefined) return;
    this.#tally.acknowledged(this.#head.size);
    this.#head = undefined;
    this.#attempt = undefined;
    this.#failures = 0;
    this.#backlog.spaceFreed();
    this.#pump(now);
  }

  failed(attempt: number, now: EpochMs): void {
    if (attempt === this.#attempt) this.#failed(now);
  }

  /** Sends what gathers without waiting for its time (DLV-26). */
  hasten(now: EpochMs): void {
    this.#backlog.hasten();
    this.#pump(now);
  }

  /** A flush: reports what was dropped (DLV-53), tries the head at once (DLV-34), sends everything (DLV-71). */
  flush(now: EpochMs): void {
    this.#reportGap(now);
    this.#backlog.hasten();
    this.resume(now);
  }

  /** Nothing is sent from now on; an attempt under way keeps the rest of its time (DLV-81). */
  pause(now: EpochMs): void {
    if (this.#attempt !== undefined && this.#timerAt !== undefined) this.#answerLeftMs = this.#timerAt - now;
    this.#disarm();
  }

  /** A thaw or a new generation: the listener's situation has changed, so the head is tried at once (DLV-34). */
  resume(now: EpochMs): void {
    if (!this.#conditions.open) return;
    if (this.#attempt !== undefined) {
      if (this.#timerAt === undefined) this.#armAnswerLimit(now, this.#answerLeftMs);
      return;
    }
    this.#failures = 0;
    this.#retryAt = now;
    this.#pump(now);
  }

  /** Batches have gathered longer by so much; the limit of an attempt does not run while frozen (DLV-81). */
  lengthenFreeze(byMs: number): void {
    this.#backlog.age(byMs);
  }

  /** The listener's process is gone; what it did not acknowledge waits for the next one (DLV-68). */
  disconnect(): void {
    this.#abort("generation ended");
    this.#disarm();
    this.#conditions.emit({ effect: "close connection", subscription: this.id });
  }

  /** Does the next thing that is due, or arms the timer for it. */
  #pump(now: EpochMs): void {
    if (!this.#conditions.open || this.#attempt !== undefined) return;
    if (this.#head === undefined) this.#head = this.#takeHead(now);
    if (this.#head === undefined) {
      this.#arm(this.#backlog.dueAt);
      return;
    }
    if (this.#head.attempts > 0 && now < this.#retryAt) this.#arm(this.#retryAt);
    else this.#send(this.#head, now);
  }

  #takeHead(now: EpochMs): Head | undefined {
    const taken = this.#backlog.take(now, this.#conditions.prompt);
    if (taken === undefined) return undefined;
    const { destination } = this.subscription;
    return {
      batch: composeBatch(destination, taken.events, taken.bytes, this.#hash),
      size: { events: taken.events.length, bytes: taken.bytes },
      attempts: 0,
    };
  }

  #send(head: Head, now: EpochMs): void {
    if (head.attempts++ > 0) this.#tally.retried();
    this.#attempt = ++this.#attempts;
    this.#conditions.emit({
      effect: "send batch",
      subscription: this.id,
      attempt: this.#attempt,
      batch: head.batch,
    });
    this.#armAnswerLimit(now, answerLimitMs);
  }

  /** A TCP listener that reads slowly gives no answer that could be late (DLV-16, DLV-18). */
  #armAnswerLimit(now: EpochMs, leftMs: number): void {
    if (this.subscription.destination.protocol === "HTTP") this.#arm(now + leftMs);
    else this.#disarm();
  }

  #abort(why: Extract<TelemetryEffect, { effect: "abort attempt" }>["why"]): void {
    if (this.#attempt === undefined) return;
    this.#conditions.emit({ effect: "abort attempt", subscription: this.id, attempt: this.#attempt, why });
    this.#attempt = undefined;
  }

  #failed(now: EpochMs): void {
    this.#attempt = undefined;
    const waitMs = retryWaitsMs[this.#failures++] ?? longestRetryWaitMs;
    this.#retryAt = now + waitMs * (0.8 + 0.4 * this.#conditions.random());
    this.#disarm();
    this.#pump(now);
  }

  /** Places the report of the gap where it is: behind the last event that was kept (DLV-48). */
  #reportGap(now: EpochMs): boolean {
    const { gap } = this.#backlog;
    if (gap === undefined) return false;
    this.#backlog.closeGap();
    this.#conditions.emit({ effect: "write system record", record: dropRecord(gap, now) });
    this.#report(gap, now);
    return true;
  }

  /** DLV-51: without the type `platform` only the counters show it. */
  #report(gap: Gap, now: EpochMs): void {
    if (!this.subscription.types.includes("platform")) return;
    const report = new RecordedEvent(dropRecord(gap, now), this.#conditions.logFormat);
    for (const event of report.in(this.subscription.schemaVersion)) this.#place(event, now);
  }

  #place(event: ProjectedEvent, now: EpochMs): void {
    this.#tally.produced(1, event.bytes);
    this.#backlog.add(event, now, true);
  }

  #arm(at: EpochMs | undefined): void {
    if (at === undefined) {
      this.#disarm();
      return;
    }
    if (at === this.#timerAt) return;
    this.#timerAt = at;
    this.#conditions.emit({ effect: "set timer", timer: this.id, at });
  }

  #disarm(): void {
    if (this.#timerAt === undefined) return;
    this.#timerAt = undefined;
    this.#conditions.emit({ effect: "clear timer", timer: this.id });
  }
}

const dropRecord = (gap: Gap, time: EpochMs): TelemetryRecord => ({
  time,
  type: "platform.logsDropped",
  reason: droppedReason,
  droppedRecords: gap.records,
  droppedBytes: gap.bytes,
});
