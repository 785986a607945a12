/** The service's clock: the machine's, and whatever it was moved on by (LIFE-109's idea for time: nobody waits ten minutes for a test). */
import { type Clock, systemClock } from "../host/clock.ts";

interface Waiting {
  readonly at: number;
  readonly callBack: () => void;
  callOff: () => void;
}

/** Ages, idle times, retries and waits go by it; what runs inside environments has the machine's time. */
export class MovableClock implements Clock {
  readonly #base: Clock;
  readonly #waiting = new Set<Waiting>();
  #movedMs = 0;

  constructor(base: Clock = systemClock) {
    this.#base = base;
  }

  readonly now = (): number => this.#base.now() + this.#movedMs;

  readonly at = (epochMs: number, callBack: () => void): (() => void) => {
    const waiting: Waiting = { at: epochMs, callBack, callOff: () => {} };
    this.#waiting.add(waiting);
    this.#wait(waiting);
    return () => {
      waiting.callOff();
      this.#waiting.delete(waiting);
    };
  };

  /** By how much it is ahead of the machine's, in milliseconds. */
  get movedMs(): number {
    return this.#movedMs;
  }

  /**
   * Moves on by `ms`, 0 or more. Whatever becomes due on the way is called back at its own time, in the order of those
   * times, so that what one call-back sets for the time on the way is called back on the way too.
   */
  advance(ms: number): void {
    const until = this.#movedMs + ms;
    for (let next = this.#nextWithin(until); next !== undefined; next = this.#nextWithin(until)) {
      this.#movedMs = Math.max(this.#movedMs, Math.min(next.at - this.#base.now(), until));
      this.#fire(next);
    }
    this.#movedMs = until;
    for (const waiting of this.#waiting) {
      waiting.callOff();
      this.#wait(waiting);
    }
  }

  #nextWithin(movedMs: number): Waiting | undefined {
    const limit = this.#base.now() + movedMs;
    let first: Waiting | undefined;
    for (const waiting of this.#waiting)
      if (waiting.at <= limit && (first === undefined || waiting.at < first.at)) first = waiting;
    return first;
  }

  #wait(waiting: Waiting): void {
    waiting.callOff = this.#base.at(waiting.at - this.#movedMs, () => this.#fire(waiting));
  }

  #fire(waiting: Waiting): void {
    waiting.callOff();
    if (this.#waiting.delete(waiting)) waiting.callBack();
  }
}

/** Milliseconds of 90, `90`, `250ms`, `30s`, `6m`, `2h` or `1d`; nothing for anything else, or more than a year. */
export function durationMs(given: unknown): number | undefined {
  const ms = typeof given === "string" ? textMs(given) : given;
  // Further away dates are none, and whatever is due every minute would be called back for hours.
  return typeof ms === "number" && ms >= 0 && ms <= longestMs ? ms : undefined;
}

function textMs(text: string): number | undefined {
  const [, number = "", unit = "ms"] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/u.exec(text.trim()) ?? [];
  return number === "" ? undefined : Number(number) * (unitMs[unit] ?? 1);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const longestMs = 366 * 86_400_000;
