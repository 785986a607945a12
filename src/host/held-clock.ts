/** A clock that can be stopped: while a debugger has stopped a process, its deadlines wait (LIFE-102). */
import type { Clock } from "./clock.ts";

/** What can be held; as often as it was held it has to be released. */
export interface Holdable {
  readonly hold: () => void;
  readonly release: () => void;
}

interface Appointment {
  readonly at: number;
  readonly callBack: () => void;
  callOff: () => void;
}

/** Runs as the clock below it, later by all the time for which it was held. */
export class HeldClock implements Clock, Holdable {
  readonly #below: Clock;
  readonly #appointments = new Set<Appointment>();
  #holds = 0;
  #heldSince = 0;
  #lateByMs = 0;

  constructor(below: Clock) {
    this.#below = below;
  }

  readonly now = (): number => (this.#holds > 0 ? this.#heldSince : this.#below.now()) - this.#lateByMs;

  readonly at = (epochMs: number, callBack: () => void): (() => void) => {
    const appointment: Appointment = { at: epochMs, callBack, callOff: () => {} };
    this.#appointments.add(appointment);
    if (this.#holds === 0) this.#arrange(appointment);
    return () => {
      appointment.callOff();
      this.#appointments.delete(appointment);
    };
  };

  readonly hold = (): void => {
    this.#holds += 1;
    if (this.#holds > 1) return;
    this.#heldSince = this.#below.now();
    for (const { callOff } of this.#appointments) callOff();
  };

  readonly release = (): void => {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    this.#lateByMs += this.#below.now() - this.#heldSince;
    for (const appointment of this.#appointments) this.#arrange(appointment);
  };

  #arrange(appointment: Appointment): void {
    appointment.callOff = this.#below.at(appointment.at + this.#lateByMs, () => {
      this.#appointments.delete(appointment);
      appointment.callBack();
    });
  }
}
