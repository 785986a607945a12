/** Carries telemetry to its subscribers: does what the hub decides, on real timers and sockets. */
import { createHash } from "node:crypto";
import type { LogFormat, TelemetryRecord } from "../protocol/telemetry-records.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { TelemetryEffect, TelemetryEvent, TelemetryTimer } from "../telemetry/delivery-effects.ts";
import { type SubscriptionStatus, TelemetryHub } from "../telemetry/telemetry-hub.ts";
import type { SubscriptionRequest } from "../telemetry/subscribing.ts";
import type { BatchLog } from "./batch-log.ts";
import type { Clock } from "./clock.ts";
import type { Notices } from "./notices.ts";
import { type SendResult, connectSubscriber, type SubscriberConnection } from "./subscriber-connection.ts";
import { SubscriberNotices } from "./subscriber-notices.ts";

export interface DeliveryOptions {
  readonly logFormat: LogFormat;
  /** DLV-65 */
  readonly deliverWhileFrozen: boolean;
  /** For the log and the invoke tail: records about subscriptions and drops (OBS-17, DLV-54). */
  readonly writeSystemRecord: (record: TelemetryRecord) => void;
  readonly batches: BatchLog;
  readonly notices: Notices;
}

type Sending = Extract<TelemetryEffect, { effect: "send batch" }> & { readonly sentAt: number };

export class TelemetryDelivery {
  readonly #hub: TelemetryHub;
  readonly #clock: Clock;
  readonly #sandbox: Sandbox;
  readonly #options: DeliveryOptions;
  readonly #timers = new Map<TelemetryTimer, () => void>();
  readonly #connections = new Map<number, SubscriberConnection>();
  readonly #sending = new Map<number, Sending>();
  readonly #notices: SubscriberNotices;
  #flushed: () => void = () => undefined;

  constructor(sandbox: Sandbox, clock: Clock, options: DeliveryOptions) {
    this.#sandbox = sandbox;
    this.#clock = clock;
    this.#options = options;
    this.#notices = new SubscriberNotices(options.notices);
    this.#hub = new TelemetryHub({
      newSha256: () => createHash("sha256"),
      random: Math.random,
      logFormat: options.logFormat,
    });
  }

  accept(record: TelemetryRecord): void {
    this.#notices.accepted(record);
    this.#carryOut(this.#hub.accept(record, this.#clock.now()));
  }

  subscribe(request: SubscriptionRequest): { readonly status: number; readonly body: string } {
    const { answer, effects } = this.#hub.subscribe(request, this.#clock.now());
    this.#notices.subscribed(this.#hub.status());
    this.#carryOut(effects);
    return answer;
  }

  tell(event: TelemetryEvent): void {
    if (event.event === "shutdown delivered" || event.event === "generation ended")
      this.#notices.expectListeners(false);
    else if (event.event === "window closed") this.#notices.expectListeners(true);
    this.#carryOut(this.#hub.handle(event, this.#clock.now()));
  }

  freeze(): void {
    this.#notices.frozen();
    if (!this.#options.deliverWhileFrozen) this.tell({ event: "frozen" });
  }

  flush(withinMs: number, flushed: () => void): void {
    this.#flushed = flushed;
    this.tell({ event: "flush requested", withinMs });
  }

  status(): readonly SubscriptionStatus[] {
    return this.#hub.status();
  }

  /** DLV-74 */
  destroy(): void {
    this.tell({ event: "destroyed" });
    for (const callOff of this.#timers.values()) callOff();
    for (const connection of this.#connections.values()) connection.close();
    this.#timers.clear();
    this.#connections.clear();
  }

  #carryOut(effects: readonly TelemetryEffect[]): void {
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: TelemetryEffect): void {
    switch (effect.effect) {
      case "send batch":
        return this.#send(effect);
      case "abort attempt":
        return this.#abort(effect);
      case "close connection":
        this.#connections.get(effect.subscription)?.close();
        this.#connections.delete(effect.subscription);
        return;
      case "set timer":
        return this.#setTimer(effect.timer, effect.at);
      case "clear timer":
        this.#timers.get(effect.timer)?.();
        this.#timers.delete(effect.timer);
        return;
      case "write system record":
        return this.#options.writeSystemRecord(effect.record);
      case "telemetry flushed":
        return this.#flushed();
      default:
        return effect satisfies never;
    }
  }

  #send(effect: Extract<TelemetryEffect, { effect: "send batch" }>): void {
    const { subscription, attempt, batch } = effect;
    let connection = this.#connections.get(subscription);
    if (connection === undefined) {
      connection = connectSubscriber(this.#sandbox, batch.destination);
      this.#connections.set(subscription, connection);
    }
    this.#sending.set(subscription, { ...effect, sentAt: this.#clock.now() });
    connection.send(batch, (result) => {
      this.#note(subscription, result);
      const event = result.kind === "acknowledged" ? "batch acknowledged" : "batch failed";
      this.tell({ event, subscription, attempt });
    });
  }

  #abort({ subscription, why }: Extract<TelemetryEffect, { effect: "abort attempt" }>): void {
    const connection = this.#connections.get(subscription);
    if (connection === undefined) return;
    connection.abort();
    const { address } = connection;
    const ended = why === "generation ended";
    const what = ended ? `the processes ended before ${address} answered` : `no complete answer from ${address} in 5 s`;
    this.#note(subscription, { kind: "failed", why: what });
  }

  #note(subscription: number, result: SendResult): void {
    const sending = this.#sending.get(subscription);
    if (sending === undefined) return;
    this.#sending.delete(subscription);
    this.#options.batches.add({ ...sending, result });
    if (result.kind === "acknowledged") this.#notices.acknowledged(subscription);
    else this.#notices.failed(subscription, result.why);
  }

  #setTimer(timer: TelemetryTimer, at: number): void {
    this.#timers.get(timer)?.();
    const callOff = this.#clock.at(at, () => {
      this.#timers.delete(timer);
      this.tell({ event: "timer fired", timer });
    });
    this.#timers.set(timer, callOff);
  }
}
