/** The queue of asynchronous invocation: accepts events, runs them until they succeed or are given up, tells who wants to know. */
import type { Clock } from "../../host/clock.ts";
import type { FunctionDirectory, FunctionTarget } from "../directory.ts";
import type { Delivery } from "../destinations/delivery.ts";
import type { BegunCall, FunctionCall } from "../invoke/begin-call.ts";
import type { InvocationMetrics, MetricTarget } from "../invoke/invocation-metrics.ts";
import { type ServiceError, serviceError } from "../service-error.ts";
import { afterAttempt, afterRestart, expiryOf, tooOld } from "./after-attempt.ts";
import { type Attempt, attempt } from "./attempt.ts";
import { deliveriesOf } from "./deliveries-of.ts";
import type { EventJournal } from "./event-journal.ts";
import { EventLanes } from "./event-lanes.ts";
import type { EventEnd, QueuedEvent } from "./queued-event.ts";

export interface EventQueueOptions {
  readonly clock: Clock;
  readonly journal: EventJournal;
  readonly metrics: InvocationMetrics;
  readonly directory: Pick<FunctionDirectory, "reservedConcurrency" | "eventInvokeSettings" | "resolve">;
  readonly begin: (call: FunctionCall) => Promise<BegunCall>;
  readonly deliver: (delivery: Delivery) => void;
  readonly accountId: string;
  readonly retryDelaysMs: readonly number[];
  /** How many may run at once. */
  readonly most: number;
  /** Told what failed here and is no function's fault. */
  readonly faulted: (cause: unknown) => void;
}

/** As much as waits at most, so that a function that never ends does not take all memory. */
const mostPayloadBytes = 536_870_912;

export class EventQueue {
  readonly #options: EventQueueOptions;
  readonly #lanes: EventLanes;
  readonly #underWay = new Map<string, QueuedEvent>();
  #timer: (() => void) | undefined;
  #stopped = false;
  #paused = true;

  constructor(options: EventQueueOptions) {
    this.#options = options;
    const { directory, most } = options;
    this.#lanes = new EventLanes(most, ({ region, name }) => {
      const reserved = directory.reservedConcurrency(region, name) ?? most;
      // An event of a function that may never run is taken to be told so (SVC-203).
      return Math.max(reserved, 1);
    });
  }

  /** Those that waited or ran when the process ended, and from now on all others. */
  start(kept: readonly QueuedEvent[]): void {
    const { clock, retryDelaysMs } = this.#options;
    for (const event of kept) this.#lanes.add(afterRestart(event, retryDelaysMs, clock.now()));
    this.#paused = false;
    this.#pump();
  }

  /** The event is on disk, where there is one, when this returns (SVC-168). */
  accept(event: Pick<QueuedEvent, "requestId" | "target" | "payload" | "traceHeader">): ServiceError | undefined {
    if (this.#lanes.payloadBytes + event.payload.length > mostPayloadBytes) return queueFull;
    const now = this.#options.clock.now();
    const queued = { ...event, acceptedAt: now, dueAt: now, attempts: 0, putBacks: 0 };
    this.#options.journal.addEvent(queued);
    this.#options.metrics.asyncEventReceived(metricTarget(event.target), now);
    this.#lanes.add(queued);
    this.#pump();
    return undefined;
  }

  /** Waiting ones and those that run now. */
  events(): readonly { readonly event: QueuedEvent; readonly running: boolean }[] {
    const running = [...this.#underWay.values()].map((event) => ({ event, running: true }));
    return [...running, ...[...this.#lanes].map((event) => ({ event, running: false }))];
  }

  /** Nothing starts any more, and what runs stays queued as if it had not (SVC-230). */
  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** Limits may have changed. */
  readonly changed = (): void => this.#pump();

  #pump(): void {
    if (this.#stopped || this.#paused) return;
    const now = this.#options.clock.now();
    for (const event of this.#lanes.takeReady(now)) {
      this.#underWay.set(event.requestId, event);
      void this.#run(event).catch(this.#options.faulted);
    }
    this.#setTimer();
  }

  async #run(event: QueuedEvent): Promise<void> {
    const { clock, directory, begin, metrics, faulted } = this.#options;
    const expired = tooOld(event, this.#settings(event), clock.now());
    if (expired !== undefined) {
      this.#over(event, expired);
      return this.#free(event);
    }
    metrics.asyncEventAge(metricTarget(event.target), clock.now() - event.acceptedAt, clock.now());
    const result = await attempt(event, directory, begin).catch((cause: unknown): Attempt => {
      faulted(cause);
      return { outcome: { kind: "put back" }, event, concluded: Promise.resolve() };
    });
    // What a stop has ended is not the event's end.
    if (this.#stopped) return;
    const { retryDelaysMs } = this.#options;
    const verdict = afterAttempt(result.event, result.outcome, this.#settings(event), retryDelaysMs, clock.now());
    if (verdict.kind === "over") this.#over(result.event, verdict.end);
    else this.#write(() => this.#options.journal.changeEvent(verdict.event));
    await result.concluded;
    if (verdict.kind === "again") this.#lanes.add(verdict.event);
    this.#free(event);
  }

  #free(event: QueuedEvent): void {
    this.#underWay.delete(event.requestId);
    this.#lanes.ended(event);
    this.#pump();
  }

  #over(event: QueuedEvent, end: EventEnd): void {
    const { clock, accountId, journal, metrics, deliver } = this.#options;
    if (end.condition !== "Success") metrics.asyncEventDropped(metricTarget(event.target), clock.now());
    const deadLetterTargetArn = this.#deadLetterTarget(event, end);
    const facts = { settings: this.#settings(event), accountId, deadLetterTargetArn, now: clock.now() };
    const deliveries = deliveriesOf(event, end, facts);
    this.#write(() => journal.endEvent(event.requestId, deliveries));
    for (const delivery of deliveries) deliver(delivery);
  }

  /** On a full disk the queue goes on from memory; what it could not note runs once more after a restart (SVC-171). */
  #write(note: () => void): void {
    try {
      note();
    } catch (cause) {
      this.#options.faulted(cause);
    }
  }

  /** SVC-194: of the version that ran; of one that never did, what is deployed now. */
  #deadLetterTarget(event: QueuedEvent, { response }: EventEnd): string | undefined {
    if (response?.executedVersion !== undefined) return response.deadLetterTargetArn;
    const resolution = this.#options.directory.resolve(event.target, 0);
    return resolution.kind === "found" ? resolution.version.deadLetterTargetArn : undefined;
  }

  #settings({ target }: QueuedEvent) {
    return this.#options.directory.eventInvokeSettings(target);
  }

  #setTimer(): void {
    this.#timer?.();
    this.#timer = undefined;
    const { clock } = this.#options;
    const expiries = this.#lanes.oldest().map((event) => expiryOf(event, this.#settings(event)));
    const now = clock.now();
    // Who is due already waits for capacity, and is looked at when there is some.
    const due = Math.min(...[this.#lanes.nextDue() ?? 0, ...expiries].filter((at) => at > now));
    if (Number.isFinite(due)) this.#timer = clock.at(due, this.changed);
  }
}

const queueFull: ServiceError = {
  ...serviceError("TooManyRequestsException", "Rate Exceeded."),
  reason: "CallerRateLimitExceeded",
};

const metricTarget = ({ region, name, qualifier }: FunctionTarget): MetricTarget => ({
  region,
  functionName: name,
  ...(qualifier === undefined ? {} : { qualifier }),
});
