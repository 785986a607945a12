/** A plan on simulated time: its timers fire when the clock is moved, and a destination behaves as it is told. */
import { newPlan, type PassOver, type Plan, type PlanEffect, type PlanEvent, type PlanSettings, step } from "./plan.ts";

const standard: PlanSettings = {
  strategy: "end",
  intervalMs: 20_000,
  holdMs: 2000,
  reserveMs: 500,
  reportWaitMs: 250,
  flushBytes: 1_000_000,
};

/** How the destination behaves from now on: it takes everything after so long, or refuses after so long. */
export interface Behaviour {
  readonly takesMs: number;
  readonly works: boolean;
  readonly afterMs?: number;
}

export class SimulatedDelivery {
  now = 0;
  plan: Plan;
  /** What the plan wanted, with the time. */
  readonly log: { readonly at: number; readonly effect: PlanEffect["effect"] }[] = [];
  behaviour: Behaviour = { takesMs: 10, works: true };
  #pending = { records: 0, bytes: 0 };
  #timerAt: number | undefined;
  #passOverAt: number | undefined;

  constructor(settings: Partial<PlanSettings> = {}, pending = 0) {
    this.#pending = { records: pending, bytes: pending * 100 };
    this.plan = newPlan({ ...standard, ...settings }, this.#pending);
  }

  get pending(): number {
    return this.#pending.records;
  }

  event(event: PlanEvent): this {
    const { plan, effects } = step(this.plan, event, this.now);
    this.plan = plan;
    this.#timerAt = undefined;
    for (const effect of effects) {
      if (effect.effect === "set timer") this.#timerAt = effect.at;
      else this.log.push({ at: this.now, effect: effect.effect });
      if (effect.effect === "send") this.#passOverAt = this.now + this.behaviour.takesMs;
      if (effect.effect === "give up sending") this.#passOverAt = undefined;
    }
    return this;
  }

  accept(records: number): this {
    this.#pending = { records: this.#pending.records + records, bytes: this.#pending.bytes + records * 100 };
    return this.event({ event: "accepted", pending: this.#pending });
  }

  /** A batch that ends an invocation, as the platform sends it. */
  runtimeDone(requestId: string): this {
    return this.accept(2).event({ event: "runtime done", requestId });
  }

  invoke(requestId: string, timeoutMs = 3000): this {
    return this.event({ event: "invoke", requestId, deadlineMs: this.now + timeoutMs });
  }

  shutdown(reason = "spindown"): this {
    return this.event({ event: "shutdown", deadlineMs: this.now + 2000, reason });
  }

  /** Moves the clock, through everything that is due on the way. */
  advance(ms: number): this {
    const until = this.now + ms;
    for (;;) {
      const next = Math.min(this.#timerAt ?? Infinity, this.#passOverAt ?? Infinity);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      if (this.#passOverAt !== undefined && this.#passOverAt <= this.now) this.#endPass();
      else this.event({ event: "time" });
    }
    this.now = until;
    return this;
  }

  /** When each effect of this kind came. */
  times(kind: PlanEffect["effect"]): readonly number[] {
    return this.log.filter(({ effect }) => effect === kind).map(({ at }) => at);
  }

  #endPass(): void {
    this.#passOverAt = undefined;
    const { works, afterMs } = this.behaviour;
    const outcome: PassOver = works
      ? { kind: "sent" }
      : { kind: "failed", moved: false, chance: 0.5, ...(afterMs === undefined ? {} : { afterMs }) };
    if (works) this.#pending = { records: 0, bytes: 0 };
    this.event({ event: "pass over", outcome, pending: this.#pending });
  }
}

export const hearing = (settings: Partial<PlanSettings> = {}, pending = 0): SimulatedDelivery =>
  new SimulatedDelivery(settings, pending).event({ event: "subscribed" });
