import type { TimerName } from "../environment/events.ts";
import type { Clock } from "./clock.ts";

/** The environment's timers, by name: setting one again replaces it. */
export class Timers {
  readonly #clock: Clock;
  readonly #fire: (timer: TimerName) => void;
  readonly #set = new Map<TimerName, () => void>();

  constructor(clock: Clock, fire: (timer: TimerName) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  set(timer: TimerName, at: number): void {
    this.clear(timer);
    const callOff = this.#clock.at(at, () => {
      this.#set.delete(timer);
      this.#fire(timer);
    });
    this.#set.set(timer, callOff);
  }

  clear(timer: TimerName): void {
    this.#set.get(timer)?.();
    this.#set.delete(timer);
  }

  clearAll(): void {
    for (const callOff of this.#set.values()) callOff();
    this.#set.clear();
  }
}
