/** Runs the state machine: one event at a time, its effects carried out in order before the next one. */
import type { EnvironmentConfiguration } from "../environment/configuration.ts";
import type { Effect } from "../environment/effects.ts";
import type { Environment } from "../environment/environment.ts";
import type { EnvironmentEvent } from "../environment/events.ts";
import { createEnvironment, step } from "../environment/step.ts";
import type { Clock } from "./clock.ts";
import { History } from "./history.ts";

export class Machine {
  readonly history: History;
  readonly #clock: Clock;
  readonly #carryOut: (effect: Effect, now: number) => void;
  readonly #settled: () => void;
  readonly #waiting: EnvironmentEvent[] = [];
  #environment: Environment;
  #running = false;

  /** `settled` is called whenever no event waits any more. */
  constructor(
    configuration: EnvironmentConfiguration,
    clock: Clock,
    carryOut: (effect: Effect, now: number) => void,
    settled: () => void,
    history = new History(),
  ) {
    this.history = history;
    this.#environment = createEnvironment(configuration);
    this.#clock = clock;
    this.#carryOut = carryOut;
    this.#settled = settled;
  }

  get environment(): Environment {
    return this.#environment;
  }

  /** An event that an effect brings about waits until all effects of the step are carried out. */
  readonly dispatch = (event: EnvironmentEvent): void => {
    this.#waiting.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#step(next);
    } finally {
      this.#running = false;
    }
    this.#settled();
  };

  #step(event: EnvironmentEvent): void {
    const now = this.#clock.now();
    const { environment, effects } = step(this.#environment, event, now);
    this.#environment = environment;
    this.history.add(now, event, effects, environment);
    for (const effect of effects) this.#carryOut(effect, now);
  }
}
