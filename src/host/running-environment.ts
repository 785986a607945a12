/** One execution environment as its owner sees it: invoke, freeze, thaw, shut down, and look at what happened. */
import type { Effect } from "../environment/effects.ts";
import type { Environment } from "../environment/environment.ts";
import type { Invocation, InvocationAnswer } from "../environment/invocation.ts";
import type { ShutdownReason } from "../protocol/extensions-api.ts";
import type { Verdict } from "../protocol/telemetry-records.ts";
import type { Capabilities, Sandbox } from "../sandbox/sandbox.ts";
import type { SubscriptionStatus } from "../telemetry/telemetry-hub.ts";
import type { BatchLog } from "./batch-log.ts";
import type { Callers, InvocationInFlight } from "./callers.ts";
import type { Clock } from "./clock.ts";
import type { Freezer } from "./freezer.ts";
import type { History } from "./history.ts";
import type { HostedFunction } from "./hosted-function.ts";
import type { Machine } from "./machine.ts";
import type { Notices } from "./notices.ts";
import { withResolvers } from "./parked-calls.ts";
import type { Processes } from "./processes.ts";
import type { Records } from "./records.ts";
import type { TelemetryDelivery } from "./telemetry-delivery.ts";

/** How an Init that was asked for by itself ended. */
export interface InitOutcome extends Verdict {
  /** What went wrong, in AWS's words. */
  readonly text?: string;
}

interface RunningParts {
  readonly id: string;
  readonly hosted: HostedFunction;
  readonly sandbox: Sandbox;
  readonly machine: Machine;
  readonly callers: Callers;
  readonly telemetry: TelemetryDelivery;
  readonly processes: Processes;
  readonly records: Records;
  readonly notices: Notices;
  readonly batches: BatchLog;
  readonly clock: Clock;
  readonly freezer: Freezer;
  /** `host:port` of the sandbox API. */
  readonly endpoint: string;
  readonly logStreamName: string;
  /** Which sandbox driver it is. */
  readonly driverName: string;
  /** What it gives on this machine. */
  readonly capabilities: Capabilities;
}

export class RunningEnvironment {
  readonly parts: RunningParts;
  /** Fulfilled when the environment is gone and nothing of it is left. */
  readonly gone: Promise<void>;
  readonly #gone = withResolvers<void>();
  readonly #queue: Invocation[] = [];
  readonly #initWaiters: ((outcome: InitOutcome) => void)[] = [];
  #initOutcome: InitOutcome | undefined;

  constructor(parts: RunningParts) {
    this.parts = parts;
    this.gone = this.#gone.promise;
  }

  get environment(): Environment {
    return this.parts.machine.environment;
  }

  get history(): History {
    return this.parts.machine.history;
  }

  get subscriptions(): readonly SubscriptionStatus[] {
    return this.parts.telemetry.status();
  }

  /** Runs Init without an invocation; gives the outcome of the one there was when it is over already. */
  init(): Promise<InitOutcome> {
    if (this.#initOutcome !== undefined) return Promise.resolve(this.#initOutcome);
    const { promise, resolve } = withResolvers<InitOutcome>();
    this.#initWaiters.push(resolve);
    this.parts.machine.dispatch({ event: "init requested" });
    return promise;
  }

  /** Invocations wait for one another: an environment runs one at a time (LIFE-34). */
  invoke(invocation: Invocation): InvocationInFlight {
    const inFlight = this.parts.callers.add(invocation);
    this.#queue.push(invocation);
    this.settled();
    return inFlight;
  }

  freeze(): Promise<void> {
    this.parts.machine.dispatch({ event: "freeze requested" });
    return this.parts.freezer.settled;
  }

  thaw(): Promise<void> {
    this.parts.machine.dispatch({ event: "thaw requested" });
    return this.parts.freezer.settled;
  }

  /**
   * Ends a process as a crash does, the environment told of it as of any other; false when there is no such process.
   * What the freezer of control groups holds cannot end in each of its versions: it is thawed for it.
   */
  async crash(name: string): Promise<boolean> {
    const { environment } = this;
    const frozen = this.parts.driverName === "linux" && environment.phase === "ready" && environment.frozen;
    if (frozen) await this.thaw();
    const crashed = await this.parts.processes.crash(name);
    if (frozen) await this.freeze();
    return crashed;
  }

  /** Freezes an idle environment as if for so long; false, and nothing is done, when it is not idle. */
  async freezeFor(ms: number): Promise<boolean> {
    if (this.environment.phase !== "ready") return false;
    await this.freeze();
    this.parts.telemetry.tell({ event: "freeze lengthened", byMs: ms });
    return true;
  }

  reset(): void {
    this.parts.machine.dispatch({ event: "reset requested" });
  }

  shutdown(reason: ShutdownReason, interrupt = false): Promise<void> {
    this.#refuseQueue("the environment is shutting down");
    this.parts.machine.dispatch({ event: "shutdown requested", reason, interrupt });
    return this.gone;
  }

  /** Skips every budget (LIFE-80). */
  kill(): Promise<void> {
    this.#refuseQueue("the environment was killed");
    this.parts.machine.dispatch({ event: "kill requested" });
    return this.gone;
  }

  /** No event waits any more: the next invocation may begin if the environment can take it. */
  readonly settled = (): void => {
    while (this.#queue.length > 0 && canTake(this.environment)) {
      const [next] = this.#queue.splice(0, 1);
      if (next !== undefined) this.parts.machine.dispatch({ event: "invoke requested", invocation: next });
    }
    if (this.environment.phase === "gone") this.#refuseQueue("the environment is gone");
  };

  readonly initEnded = ({ verdict, text }: Extract<Effect, { effect: "init ended" }>): void => {
    this.#initOutcome = text === undefined ? verdict : { ...verdict, text };
    for (const resolve of this.#initWaiters.splice(0)) resolve(this.#initOutcome);
  };

  readonly refused = (requestId: string): void => {
    this.parts.callers.answer(requestId, unavailable("the environment is ending"), () => "");
  };

  readonly isGone = (): void => {
    const text = "the environment is gone";
    this.parts.callers.endAll(unavailable(text));
    for (const resolve of this.#initWaiters.splice(0)) resolve({ status: "failure", text });
    this.#gone.resolve();
  };

  #refuseQueue(why: string): void {
    for (const { requestId } of this.#queue.splice(0)) this.parts.callers.answer(requestId, unavailable(why), () => "");
  }
}

const unavailable = (message: string): InvocationAnswer => ({
  kind: "service error",
  exception: "ServiceException",
  status: 500,
  message,
});

/** Phases in which an invocation is accepted at once (LIFE-34, LIFE-75). */
function canTake(environment: Environment): boolean {
  const { phase } = environment;
  if (phase === "initializing") return environment.invocation === undefined;
  return phase === "created" || phase === "ready" || phase === "empty" || phase === "snapshotted";
}
