/** Everything an environment's telemetry is: subscriptions, the history of Init, and a delivery for each subscriber. */
import type { SubscriptionAnswer } from "../protocol/telemetry-answers.ts";
import type { SubscriptionApi } from "../protocol/subscription-api.ts";
import { isLogLine } from "../protocol/telemetry-event-text.ts";
import type { EpochMs, LogFormat, SubscriptionReport, TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { DeliveryCounters } from "./delivery-counters.ts";
import type { SubscriptionId, TelemetryEffect, TelemetryEvent, TelemetryTimer } from "./delivery-effects.ts";
import { Delivery, type DeliveryConditions } from "./delivery.ts";
import { InitHistory } from "./init-history.ts";
import { RecordedEvent } from "./recorded-event.ts";
import type { RunningSha256 } from "./sequence-id.ts";
import { judgeSubscription, type SubscriptionRequest } from "./subscribing.ts";
import type { Destination, Subscription } from "./subscription.ts";

export interface TelemetryHubOptions {
  readonly newSha256: () => RunningSha256;
  /** From 0 up to 1, like `Math.random` (DLV-33). */
  readonly random: () => number;
  /** Default `Text` (CAP-38). */
  readonly logFormat?: LogFormat;
  /** How many times its batch limits a backlog may hold; default 4 (DLV-45). */
  readonly backlogFactor?: number;
}

export interface Subscribing {
  readonly answer: SubscriptionAnswer;
  readonly effects: readonly TelemetryEffect[];
}

/** A subscription as the inspection interface shows it (DLV-57). */
export interface SubscriptionStatus {
  readonly id: SubscriptionId;
  readonly extensionName: string;
  readonly api: SubscriptionApi;
  readonly destination: Destination;
  readonly subscription: Subscription;
  readonly counters: DeliveryCounters;
}

const nothing: readonly TelemetryEffect[] = [];
/** DLV-72 */
const lateFlushAfterMs = 100;

/**
 * Every call takes `now`, epoch milliseconds of a clock that never goes back, and gives the effects to carry out, in
 * order. It lives as long as its environment, resets included (DLV-68).
 */
export class TelemetryHub {
  readonly #conditions: DeliveryConditions;
  readonly #history = new InitHistory();
  readonly #deliveries: Delivery[] = [];
  #effects: TelemetryEffect[] = [];
  #alive = false;
  #frozen = false;
  #destroyed = false;
  #flushing = false;

  constructor({ newSha256, random, logFormat = "Text", backlogFactor = 4 }: TelemetryHubOptions) {
    this.#conditions = {
      open: false,
      prompt: false,
      backlogFactor,
      logFormat,
      random,
      newSha256,
      emit: (effect) => this.#effects.push(effect),
    };
  }

  /** Takes a record as the platform accepted it; the order of calls is the order of delivery (DLV-37). */
  accept(record: TelemetryRecord, now: EpochMs): readonly TelemetryEffect[] {
    this.#accept(record, now);
    return this.#takeEffects();
  }

  /** A subscription request the environment let through (TEL-64): its answer, and what follows from it. */
  subscribe(request: SubscriptionRequest, now: EpochMs): Subscribing {
    const judgement = judgeSubscription(
      request,
      this.#deliveries.map(({ subscription }) => subscription),
    );
    if (judgement.kind === "refused") return { answer: judgement.answer, effects: nothing };
    const { subscription, answer } = judgement;
    if (judgement.kind === "subscribed") this.#add(subscription, now);
    const report = subscriptionRecord(subscription, judgement.kind);
    this.#accept({ time: now, ...report }, now);
    this.#effects.push({ effect: "write system record", record: { time: now, ...report } });
    return { answer, effects: this.#takeEffects() };
  }

  handle(event: TelemetryEvent, now: EpochMs): readonly TelemetryEffect[] {
    if (!this.#destroyed) this.#handle(event, now);
    return this.#takeEffects();
  }

  /** Readable at any time, also after `destroyed` (DLV-57). */
  status(): readonly SubscriptionStatus[] {
    return this.#deliveries.map((delivery) => {
      const { id, subscription } = delivery;
      const { extensionName, api, destination } = subscription;
      return { id, extensionName, api, destination, subscription, counters: delivery.counters() };
    });
  }

  #accept(record: TelemetryRecord, now: EpochMs): void {
    if (this.#destroyed) return;
    const event = new RecordedEvent(record, this.#conditions.logFormat);
    this.#history.keep(event);
    for (const delivery of this.#deliveries) {
      const { types, schemaVersion } = delivery.subscription;
      if (!types.includes(event.telemetryType)) continue;
      if (isLogLine(record)) delivery.offer(event.line(record, schemaVersion), now);
      else for (const projected of event.in(schemaVersion)) delivery.offer(projected, now);
    }
  }

  /** The replay, then live events: nothing is in both, nothing in neither (TEL-87, TEL-89). */
  #add(subscription: Subscription, now: EpochMs): void {
    const delivery = new Delivery(this.#deliveries.length + 1, subscription, this.#conditions);
    const { types, schemaVersion } = subscription;
    const matching = this.#history.events.filter((event) => types.includes(event.telemetryType));
    const events = matching.flatMap((event) => event.in(schemaVersion));
    delivery.replay(events, this.#history.missing(types, schemaVersion), now);
    this.#deliveries.push(delivery);
  }

  #handle(event: TelemetryEvent, now: EpochMs): void {
    switch (event.event) {
      case "init began":
        this.#history.begin();
        this.#alive = true;
        this.#frozen = false;
        this.#conditions.prompt = false;
        return this.#reopen(now);
      case "window closed":
        return this.#history.discard();
      case "frozen":
        this.#frozen = true;
        return this.#close(now);
      case "thawed":
        this.#frozen = false;
        return this.#reopen(now);
      case "freeze lengthened":
        return this.#each((delivery) => delivery.lengthenFreeze(event.byMs));
      case "stream ended":
        return this.#each((delivery) => delivery.hasten(now));
      case "flush requested":
        return this.#flush(event.withinMs, now);
      case "shutdown delivered":
        this.#conditions.prompt = true;
        this.#each((delivery) => delivery.hasten(now));
        this.#effects.push({ effect: "set timer", timer: "late flush", at: now + lateFlushAfterMs });
        return;
      case "generation ended":
        return this.#end(now);
      case "timer fired":
        return this.#timerFired(event.timer, now);
      case "batch acknowledged":
        this.#delivery(event.subscription)?.acknowledged(event.attempt, now);
        return this.#concludeFlush(false);
      case "batch failed":
        this.#delivery(event.subscription)?.failed(event.attempt, now);
        return;
      case "destroyed":
        this.#end(now);
        this.#destroyed = true;
        return;
      default:
        return event satisfies never;
    }
  }

  #timerFired(timer: TelemetryTimer, now: EpochMs): void {
    if (timer === "flush") this.#concludeFlush(true);
    else if (timer === "late flush") this.#each((delivery) => delivery.flush(now));
    else this.#delivery(timer)?.timerFired(now);
  }

  #flush(withinMs: number, now: EpochMs): void {
    this.#conditions.prompt = true;
    this.#flushing = true;
    this.#each((delivery) => delivery.flush(now));
    this.#effects.push({ effect: "set timer", timer: "flush", at: now + withinMs });
    this.#concludeFlush(!this.#conditions.open);
  }

  /** The flush is over when nothing waits any more, or when it must be. */
  #concludeFlush(must: boolean): void {
    const complete = this.#deliveries.every(({ drained }) => drained);
    if (!this.#flushing || !(complete || must)) return;
    this.#flushing = false;
    this.#effects.push({ effect: "clear timer", timer: "flush" }, { effect: "telemetry flushed", complete });
  }

  #end(now: EpochMs): void {
    this.#alive = false;
    this.#history.discard();
    this.#close(now);
    this.#each((delivery) => delivery.disconnect());
    this.#effects.push({ effect: "clear timer", timer: "late flush" });
    this.#concludeFlush(true);
  }

  #close(now: EpochMs): void {
    this.#conditions.open = false;
    this.#each((delivery) => delivery.pause(now));
  }

  #reopen(now: EpochMs): void {
    this.#conditions.open = this.#alive && !this.#frozen;
    if (this.#conditions.open) this.#each((delivery) => delivery.resume(now));
  }

  #each(what: (delivery: Delivery) => void): void {
    for (const delivery of this.#deliveries) what(delivery);
  }

  #delivery(id: SubscriptionId): Delivery | undefined {
    return this.#deliveries[id - 1];
  }

  #takeEffects(): readonly TelemetryEffect[] {
    if (this.#effects.length === 0) return nothing;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

/** TEL-39, LGS-12 */
const subscriptionRecord = (
  { api, extensionName, types }: Subscription,
  kind: "subscribed" | "already subscribed",
): SubscriptionReport => ({
  type: api === "telemetry" ? "platform.telemetrySubscription" : "platform.logsSubscription",
  name: extensionName,
  state: kind === "subscribed" ? "Subscribed" : "Already subscribed",
  types,
});
