/** A host for the telemetry hub on simulated time: carries out effects, answers batches, moves the clock. */
import { createHash } from "node:crypto";
import type { SubscriptionApi } from "../../src/protocol/subscription-api.ts";
import type { TelemetryRecord } from "../../src/protocol/telemetry-records.ts";
import type {
  OutgoingBatch,
  SubscriptionId,
  TelemetryEffect,
  TelemetryEvent,
  TelemetryTimer,
} from "../../src/telemetry/delivery-effects.ts";
import { TelemetryHub, type SubscriptionStatus, type TelemetryHubOptions } from "../../src/telemetry/telemetry-hub.ts";

/** How a listener meets an attempt: at once, or not at all. */
export type Meeting = "acknowledge" | "fail" | "stay silent";

export interface Attempt {
  readonly subscription: SubscriptionId;
  readonly attempt: number;
  readonly batch: OutgoingBatch;
  readonly at: number;
}

export interface SubscribeWish {
  readonly name?: string;
  readonly api?: SubscriptionApi;
  readonly schemaVersion?: string;
  readonly types?: readonly string[];
  readonly destination?: object;
  readonly buffering?: object;
}

export class SimulatedHost {
  now = 1_775_888_400_000;
  readonly hub: TelemetryHub;
  /** How the listener of a subscription meets attempts; `acknowledge` unless told. */
  readonly meetings = new Map<SubscriptionId, Meeting>();
  readonly attempts: Attempt[] = [];
  /** Everything but `send batch` and timers, in order. */
  readonly otherEffects: TelemetryEffect[] = [];
  readonly timers = new Map<TelemetryTimer, number>();
  readonly underWay = new Map<SubscriptionId, Attempt>();

  readonly #waiting: TelemetryEffect[] = [];
  /** Subscriptions whose listener has an attempt before it. */
  readonly #met: SubscriptionId[] = [];
  #busy = false;

  constructor(options: Partial<TelemetryHubOptions> = {}) {
    this.hub = new TelemetryHub({ newSha256: () => createHash("sha256"), random: () => 0.5, ...options });
    this.tell({ event: "init began" });
  }

  subscribe(wish: SubscribeWish = {}): string {
    const { name = "forwarder", api = "telemetry", ...body } = wish;
    const defaults = {
      schemaVersion: api === "telemetry" ? "2025-01-29" : "2021-03-18",
      types: ["platform", "function", "extension"],
      destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:4243/" },
    };
    const bytes = Buffer.from(JSON.stringify({ ...defaults, ...body }));
    const { answer, effects } = this.hub.subscribe({ api, extensionName: name, body: bytes }, this.now);
    this.#carryOut(effects);
    return answer.body;
  }

  accept(record: TelemetryRecord): void {
    this.#carryOut(this.hub.accept(record, this.now));
  }

  /** A line of the function, LF added. */
  write(text: string): void {
    this.accept({ time: this.now, type: "function", stream: "stdout", text: `${text}\n` });
  }

  tell(event: TelemetryEvent): void {
    this.#carryOut(this.hub.handle(event, this.now));
  }

  /** Ends the attempt that is under way for a subscription. */
  conclude(subscription: SubscriptionId, how: "acknowledged" | "failed"): void {
    const attempt = this.underWay.get(subscription);
    if (attempt === undefined) throw new Error(`Nothing is under way for subscription ${subscription}`);
    this.underWay.delete(subscription);
    this.tell({ event: `batch ${how}`, subscription, attempt: attempt.attempt });
  }

  /** Ends what is under way now, not what that sets going. */
  concludeAll(how: "acknowledged" | "failed"): void {
    const now = Array.from(this.underWay.keys());
    for (const subscription of now) this.conclude(subscription, how);
  }

  /** Lets time pass; timers fire when they are due, in order. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.timers].filter(([, at]) => at <= end).sort(([, a], [, b]) => a - b);
      if (next === undefined) break;
      this.timers.delete(next[0]);
      this.now = Math.max(this.now, next[1]);
      this.tell({ event: "timer fired", timer: next[0] });
    }
    this.now = end;
  }

  /** The events of a subscription's attempts, attempt by attempt. */
  batches(subscription: SubscriptionId): readonly (readonly DeliveredEvent[])[] {
    return this.attempts.filter((attempt) => attempt.subscription === subscription).map(({ batch }) => eventsOf(batch));
  }

  /** All events sent to a subscription, in order. */
  delivered(subscription: SubscriptionId): readonly DeliveredEvent[] {
    return this.batches(subscription).flat();
  }

  status(subscription: SubscriptionId): SubscriptionStatus {
    const status = this.hub.status()[subscription - 1];
    if (status === undefined) throw new Error(`There is no subscription ${subscription}`);
    return status;
  }

  /** All effects of one event are carried out before the next event is told. */
  #carryOut(effects: readonly TelemetryEffect[]): void {
    this.#waiting.push(...effects);
    if (this.#busy) return;
    this.#busy = true;
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.#carryOutOne(next);
      else if (!this.#meetNext()) break;
    }
    this.#busy = false;
  }

  #meetNext(): boolean {
    const subscription = this.#met.shift();
    if (subscription === undefined) return false;
    const meeting = this.meetings.get(subscription) ?? "acknowledge";
    if (meeting === "stay silent" || !this.underWay.has(subscription)) return true;
    this.conclude(subscription, meeting === "acknowledge" ? "acknowledged" : "failed");
    return true;
  }

  #carryOutOne(effect: TelemetryEffect): void {
    switch (effect.effect) {
      case "set timer":
        this.timers.set(effect.timer, effect.at);
        return;
      case "clear timer":
        this.timers.delete(effect.timer);
        return;
      case "send batch": {
        if (this.underWay.has(effect.subscription)) throw new Error("Two batches are under way (DLV-30)");
        const { subscription, attempt, batch } = effect;
        if (Buffer.byteLength(batch.body) !== batch.bodyBytes) throw new Error("The size of a body is wrong");
        this.attempts.push({ subscription, attempt, batch, at: this.now });
        this.underWay.set(subscription, { subscription, attempt, batch, at: this.now });
        this.#met.push(subscription);
        return;
      }
      case "abort attempt":
        if (this.underWay.get(effect.subscription)?.attempt !== effect.attempt) throw new Error("No such attempt");
        this.underWay.delete(effect.subscription);
        this.otherEffects.push(effect);
        return;
      case "close connection":
      case "write system record":
      case "telemetry flushed":
        this.otherEffects.push(effect);
        return;
      default:
        effect satisfies never;
    }
  }
}

export interface DeliveredEvent {
  readonly time: string;
  readonly type: string;
  readonly record: unknown;
}

export function eventsOf({ destination, body }: OutgoingBatch): readonly DeliveredEvent[] {
  if (destination.protocol === "HTTP") return JSON.parse(body) as DeliveredEvent[];
  return body
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as DeliveredEvent);
}
