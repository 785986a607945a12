/**
 * An environment on simulated time: effects are carried out as a host would, by processes that follow scripts.
 * Nothing here decides what Lambda does; it only lets time pass and keeps what happened.
 */
import type { Call, CallId, Outcome } from "./calls.ts";
import type { Effect } from "./effects.ts";
import type { Environment } from "./environment.ts";
import type { EnvironmentEvent, ProcessExit, TimerName } from "./events.ts";
import type { Invocation, InvocationAnswer } from "./invocation.ts";
import { type Behaviour, killed, type Process } from "./scripted-processes.spec-support.ts";
import { configuration, invocation, type SimulatedFunction } from "./simulated-function.spec-support.ts";
import { SimulatedClock, startOfTime, type Task } from "./simulated-clock.spec-support.ts";
import { createEnvironment, step } from "./step.ts";

/** A call and what came of it; times are in milliseconds since the start. */
export interface MadeCall {
  readonly id: CallId;
  readonly call: Call;
  readonly by: Process | undefined;
  readonly madeAt: number;
  outcome?: Outcome;
  answeredAt?: number;
}

export class SimulatedEnvironment {
  environment: Environment;
  readonly history: { readonly at: number; readonly effect: Effect }[] = [];
  readonly calls: MadeCall[] = [];
  /** Request ids, accepted or not. */
  readonly invoked: string[] = [];
  readonly answers: { readonly at: number; readonly requestId: string; readonly answer: InvocationAnswer }[] = [];
  /** What must never happen, whatever the processes do. */
  readonly violations: string[] = [];
  readonly phases: { readonly at: number; readonly phase: Environment["phase"] }[] = [];
  readonly #function: SimulatedFunction;
  readonly #processes: Process[] = [];
  readonly #timers = new Map<TimerName, Task>();
  readonly #clock = new SimulatedClock();
  #frozen = false;
  #suspended: (() => void)[] = [];

  constructor(simulated: SimulatedFunction = {}) {
    this.#function = simulated;
    this.environment = createEnvironment({ ...configuration, ...simulated.configuration });
  }

  /** Milliseconds since the start. */
  get now(): number {
    return this.#clock.now - startOfTime;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  get living(): readonly string[] {
    return this.#processes.filter(({ alive }) => alive).map(({ name }) => name);
  }

  advance(ms: number): void {
    this.#clock.advance(ms);
  }

  /** Until nothing is due any more, timers included. */
  run(): this {
    this.#clock.run();
    return this;
  }

  happens(event: EnvironmentEvent): void {
    const before = this.environment;
    const { environment, effects } = step(before, event, this.#clock.now);
    this.environment = environment;
    if (environment.phase !== before.phase) this.phases.push({ at: this.now, phase: environment.phase });
    if (before.phase === "gone") this.#checkGone(effects);
    for (const effect of effects) {
      this.history.push({ at: this.now, effect });
      this.#carryOut(effect);
    }
  }

  invoke(change: Partial<Invocation> = {}): string {
    const number = this.invoked.length;
    const asked = { ...invocation(`request-${number}`), invocationId: `attempt-${number}`, ...change };
    this.invoked.push(asked.requestId);
    this.happens({ event: "invoke requested", invocation: asked });
    return asked.requestId;
  }

  call(call: Call, by?: Process): MadeCall {
    const made: MadeCall = { id: this.calls.length, call, by, madeAt: this.now };
    this.calls.push(made);
    this.happens({ event: "called", callId: made.id, call });
    return made;
  }

  /** The first call of this name, or a later one. */
  made(name: Call["call"], index = 0): MadeCall {
    const made = this.calls.filter(({ call }) => call.call === name)[index];
    if (made === undefined) throw new Error(`nobody called ${name}`);
    return made;
  }

  abandon(made: MadeCall): void {
    this.happens({ event: "call abandoned", callId: made.id });
  }

  /** A process ends by itself or by somebody outside. */
  crash(name: string, exit: ProcessExit): void {
    const process = this.#processes.find((candidate) => candidate.name === name && candidate.alive);
    if (process !== undefined) this.#end(process, exit);
  }

  #carryOut(effect: Effect): void {
    switch (effect.effect) {
      case "discover extensions":
        return this.#discover();
      case "launch extension":
        return this.#launchExtension(effect.name);
      case "launch runtime":
        return this.#launchRuntime();
      case "signal runtime":
        return this.#signal(effect.signal);
      case "kill extension":
        return this.#kill((process) => process.kind === "extension" && process.name === effect.name);
      case "sweep":
        this.#kill(() => true);
        return this.#clock.later(2, () => this.happens({ event: "swept" }));
      case "answer call":
        return this.#answer(effect.callId, effect.outcome);
      case "answer caller":
        this.answers.push({ at: this.now, requestId: effect.requestId, answer: effect.answer });
        return;
      case "set timer":
        return this.#setTimer(effect.timer, effect.at);
      case "clear timer":
        return this.#clearTimer(effect.timer);
      case "freeze":
        this.#frozen = true;
        return;
      case "thaw":
        return this.#clock.later(this.#function.thawMs ?? 1, () => this.#thaw());
      case "flush telemetry":
        return this.#clock.later(this.#function.flushMs ?? 1, () => this.happens({ event: "telemetry flushed" }));
      case "destroy":
        if (this.living.length > 0) this.violations.push(`destroyed while ${this.living.join()} lived`);
        return;
      case "refuse invocation":
      case "conclude invocation":
      case "init ended":
      case "emit":
      case "shutdown delivered":
      case "name the missing":
        return;
      default:
        effect satisfies never;
    }
  }

  #discover(): void {
    const switchedOff = this.#function.extensionsSwitchedOff ?? false;
    const names = switchedOff ? [] : Object.keys(this.#function.extensions ?? {}).toSorted();
    this.#clock.later(0, () => this.happens({ event: "extensions discovered", names, switchedOff }));
  }

  #launchExtension(name: string): void {
    const behaviour = this.#function.extensions?.[name];
    if (behaviour === undefined) throw new Error(`no behaviour for ${name}`);
    const process = this.#processOf(name, "extension", behaviour);
    this.#clock.later(1, () => {
      if (!("launchFails" in behaviour)) return this.#start(process, { event: "extension launched", name });
      process.alive = false;
      this.happens({ event: "extension launch failed", name, text: behaviour.launchFails });
    });
  }

  #launchRuntime(): void {
    const behaviour = this.#function.runtime ?? { script: function* idle() {} };
    const process = this.#processOf("runtime", "runtime", behaviour);
    this.#clock.later(1, () => {
      if (!("launchFails" in behaviour)) return this.#start(process, { event: "runtime launched" });
      process.alive = false;
      this.happens({ event: "runtime launch failed", ...behaviour.launchFails });
    });
  }

  #processOf(name: string, kind: Process["kind"], behaviour: Behaviour | { readonly launchFails: unknown }): Process {
    const { number: generation } = this.environment.generation;
    const known: Behaviour = "script" in behaviour ? behaviour : { script: function* none() {} };
    const { diesAfterMs = 5 } = known;
    const process: Process = { name, kind, generation, script: known.script(generation), alive: true, diesAfterMs };
    this.#processes.push(process);
    return process;
  }

  #start(process: Process, launched: EnvironmentEvent): void {
    this.happens(launched);
    this.#resume(process, undefined);
  }

  #resume(process: Process, outcome: Outcome | undefined): void {
    if (!process.alive) return;
    if (this.#frozen) return void this.#suspended.push(() => this.#resume(process, outcome));
    const { done, value } = process.script.next(outcome);
    if (done === true) return;
    switch (value.move) {
      case "wait":
        return this.#clock.later(value.ms, () => this.#resume(process, undefined));
      case "exit":
        return this.#end(process, value.exit);
      case "post":
        this.call(value.call, process);
        return this.#resume(process, undefined);
      case "call":
        this.call(value.call, process);
        return;
      default:
        value satisfies never;
    }
  }

  #answer(callId: CallId, outcome: Outcome): void {
    const made = this.calls[callId];
    if (made === undefined) throw new Error(`nobody made the call ${callId}`);
    if (made.outcome !== undefined) this.violations.push(`answered call ${callId} twice`);
    if (this.#frozen && isEvent(outcome)) this.violations.push(`handed out an ${outcome.kind} while frozen`);
    made.outcome = outcome;
    made.answeredAt = this.now;
    const { by } = made;
    if (by !== undefined) this.#clock.later(0, () => this.#resume(by, outcome));
  }

  #end(process: Process, exit: ProcessExit): void {
    if (!process.alive) return;
    process.alive = false;
    for (const made of this.calls) if (made.by === process && made.outcome === undefined) this.abandon(made);
    const { generation, name } = process;
    this.happens(
      process.kind === "runtime"
        ? { event: "runtime exited", generation, exit }
        : { event: "extension exited", generation, name, exit },
    );
  }

  #signal(signal: "SIGTERM" | "SIGKILL"): void {
    if (signal === "SIGKILL") return this.#kill(({ kind }) => kind === "runtime");
    for (const process of this.#processes) {
      if (!process.alive || process.kind !== "runtime" || process.diesAfterMs === "never") continue;
      this.#clock.later(process.diesAfterMs, () => this.#end(process, { ...killed, signal: "SIGTERM" }));
    }
  }

  #kill(chosen: (process: Process) => boolean): void {
    for (const process of this.#processes)
      if (process.alive && chosen(process)) this.#clock.later(1, () => this.#end(process, killed));
  }

  #thaw(): void {
    this.#frozen = false;
    const suspended = this.#suspended;
    this.#suspended = [];
    for (const resume of suspended) this.#clock.later(0, resume);
    this.happens({ event: "thawed" });
  }

  #setTimer(timer: TimerName, at: number): void {
    if (this.#timers.has(timer)) this.violations.push(`set ${timer} twice`);
    const task = this.#clock.at(at, () => {
      this.#timers.delete(timer);
      const before = this.environment;
      this.happens({ event: "timer fired", timer });
      if (this.environment === before && timer !== "runtime share" && timer !== "shutdown deadline")
        this.violations.push(`${timer} fired into nothing`);
      if (before.phase !== timerPhases[timer]) this.violations.push(`${timer} fired while ${before.phase}`);
    });
    this.#timers.set(timer, task);
  }

  #clearTimer(timer: TimerName): void {
    const task = this.#timers.get(timer);
    this.#timers.delete(timer);
    this.#clock.cancel(task);
  }

  #checkGone(effects: readonly Effect[]): void {
    for (const { effect } of effects)
      if (effect !== "answer call" && effect !== "refuse invocation") this.violations.push(`${effect} while gone`);
  }
}

const isEvent = ({ kind }: Outcome): boolean =>
  kind === "invocation" || kind === "invoke event" || kind === "shutdown event" || kind === "restored";

const timerPhases: Readonly<Record<TimerName, Environment["phase"]>> = {
  "init limit": "initializing",
  "invocation deadline": "invoking",
  "restore limit": "restoring",
  "runtime share": "ending",
  "shutdown deadline": "ending",
};
