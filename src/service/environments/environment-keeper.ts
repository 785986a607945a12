/** The environments of the service: carries out what the fleet decides, and tells it what happens. */
import type { InvocationInFlight } from "../../host/callers.ts";
import type { Clock } from "../../host/clock.ts";
import type { HostSettings } from "../../host/hosted-function.ts";
import { runEnvironment } from "../../host/run-environment.ts";
import type { InitOutcome, RunningEnvironment } from "../../host/running-environment.ts";
import type { Call, Fleet, FleetSettings, PooledEnvironment } from "../pool/fleet.ts";
import { createFleet } from "../pool/fleet.ts";
import type { Concurrency, FleetEffect, FleetEvent, ThrottleReason } from "../pool/fleet-events.ts";
import { stepFleet } from "../pool/fleet-step.ts";
import { nextDue } from "../pool/fleet-time.ts";
import type { ServiceError } from "../service-error.ts";
import { hostedVersion, notMadeError } from "./hosted-version.ts";

/** What became of a call. */
export type Placement =
  | { readonly kind: "begun"; readonly inFlight: InvocationInFlight; readonly concurrency: Concurrency }
  | { readonly kind: "throttled"; readonly reason: ThrottleReason }
  /** Its code was replaced while it waited for a place. */
  | { readonly kind: "resolve again" }
  | { readonly kind: "failed"; readonly error: ServiceError };

export interface KeeperOptions {
  readonly fleet: FleetSettings;
  /** How environments of the function are run. */
  readonly hostOf: (functionName: string) => HostSettings;
  /** Told of each environment as soon as it can be listened to. */
  readonly made?: (running: RunningEnvironment) => void;
  /** Of ages, idle times and waits; what runs inside environments has the machine's own time. */
  readonly clock: Clock;
  readonly initialized?: (environment: PooledEnvironment, outcome: InitOutcome) => void;
  /** Told after every step. */
  readonly changed?: (fleet: Fleet) => void;
}

interface PendingCall {
  readonly begin: (running: RunningEnvironment) => InvocationInFlight;
  readonly placed: (placement: Placement) => void;
}

export class EnvironmentKeeper {
  readonly #options: KeeperOptions;
  #fleet: Fleet;
  readonly #running = new Map<number, RunningEnvironment>();
  readonly #pending = new Map<string, PendingCall>();
  readonly #events: FleetEvent[] = [];
  #stepping = false;
  #timer: { readonly at: number; readonly callOff: () => void } | undefined;
  readonly #waitForEmpty: (() => void)[] = [];

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#fleet = createFleet(options.fleet);
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Nothing while its sandbox is made. */
  running(environmentId: number): RunningEnvironment | undefined {
    return this.#running.get(environmentId);
  }

  /** `begin` is called, at once, with the environment that has been found or made. */
  place(call: Call, begin: PendingCall["begin"]): Promise<Placement> {
    return new Promise((placed) => {
      this.#pending.set(call.callId, { begin, placed });
      this.dispatch({ event: "call arrived", call });
    });
  }

  /** Ends everything, running calls included (LIFE-80); fulfilled when nothing is left. */
  async stop(): Promise<void> {
    this.dispatch({ event: "stop wanted" });
    this.#timer?.callOff();
    if (this.#fleet.environments.length > 0) await new Promise<void>((emptied) => this.#waitForEmpty.push(emptied));
  }

  /** Skips the budgets of those that end (LIFE-80, second signal). */
  async kill(): Promise<void> {
    const stopped = this.stop();
    for (const running of this.#running.values()) void running.kill();
    await stopped;
  }

  /** An event that an effect brings about waits until all effects of the step are carried out. */
  readonly dispatch = (event: FleetEvent): void => {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#step(next);
    this.#stepping = false;
    this.#setTimer();
    this.#options.changed?.(this.#fleet);
    if (this.#fleet.environments.length === 0) for (const emptied of this.#waitForEmpty.splice(0)) emptied();
  };

  #step(event: FleetEvent): void {
    const { fleet, effects } = stepFleet(this.#fleet, event, this.#options.clock.now());
    this.#fleet = fleet;
    for (const effect of effects) this.#carryOut(effect);
  }

  /** A timer that fires too early is harmless, so that a busy pool need not set one with each call. */
  #setTimer(): void {
    const due = this.#fleet.stopping ? undefined : nextDue(this.#fleet, this.#options.clock.now());
    if (due === undefined || (this.#timer !== undefined && this.#timer.at <= due)) return;
    this.#timer?.callOff();
    const callOff = this.#options.clock.at(due, () => {
      this.#timer = undefined;
      this.dispatch({ event: "time passed" });
    });
    this.#timer = { at: due, callOff };
  }

  #carryOut(effect: FleetEffect): void {
    switch (effect.effect) {
      case "make environment":
        return void this.#make(effect.environment);
      case "initialize environment":
        return void this.#initialize(effect.environmentId);
      case "invoke":
        return this.#invoke(effect);
      case "throttle call":
        return this.#answer(effect.callId, { kind: "throttled", reason: effect.reason });
      case "resolve call again":
        return this.#answer(effect.callId, { kind: "resolve again" });
      case "fail call":
        return this.#answer(effect.callId, { kind: "failed", error: effect.error });
      case "end environment":
        return this.#end(effect.environmentId, effect.interrupt);
      case "allocation progressed":
        return;
      default:
        return effect satisfies never;
    }
  }

  async #make(environment: PooledEnvironment): Promise<void> {
    const { id } = environment;
    try {
      const hosted = await hostedVersion(environment.pool, environment.initializationType);
      const running = await runEnvironment(hosted, this.#options.hostOf(hosted.functionName));
      this.#options.made?.(running);
      this.#running.set(id, running);
      void running.gone.then(() => this.#gone(id));
      this.dispatch({ event: "environment made", environmentId: id });
    } catch (cause) {
      const error = notMadeError(cause);
      this.dispatch({ event: "environment not made", environmentId: id, error });
      this.#options.initialized?.(environment, { status: "failure", text: error.message });
    }
  }

  async #initialize(environmentId: number): Promise<void> {
    const running = this.#running.get(environmentId);
    const environment = this.#fleet.environments.find(({ id }) => id === environmentId);
    if (running === undefined || environment === undefined) return;
    const outcome = await running.init();
    this.dispatch({ event: "environment initialized", environmentId, succeeded: outcome.status === "success" });
    this.#options.initialized?.(environment, outcome);
  }

  #invoke({ environmentId, callId, concurrency }: Extract<FleetEffect, { effect: "invoke" }>): void {
    const running = this.#running.get(environmentId);
    const pending = this.#pending.get(callId);
    if (running === undefined || pending === undefined) return;
    const inFlight = pending.begin(running);
    this.#answer(callId, { kind: "begun", inFlight, concurrency });
    void inFlight.answered.then(() => {
      const { extensions } = running.environment.generation;
      const hasExtensions = extensions.some(({ events }) => events.includes("INVOKE"));
      this.dispatch({ event: "call answered", environmentId, hasExtensions });
    });
    void inFlight.concluded.then(() => {
      const intact = running.environment.phase !== "empty";
      this.dispatch({ event: "call concluded", environmentId, intact });
    });
  }

  #answer(callId: string, placement: Placement): void {
    this.#pending.get(callId)?.placed(placement);
    this.#pending.delete(callId);
  }

  /** LIFE-79, LIFE-80 */
  #end(environmentId: number, interrupt: boolean): void {
    void this.#running.get(environmentId)?.shutdown(interrupt ? "failure" : "spindown", interrupt);
  }

  #gone(environmentId: number): void {
    this.#running.delete(environmentId);
    this.dispatch({ event: "environment gone", environmentId });
  }
}
