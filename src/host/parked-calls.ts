/** The calls that wait for an outcome: the only place where a promise to a process inside is held. */
import type { Call, CallId, Outcome } from "../environment/calls.ts";
import type { EnvironmentEvent } from "../environment/events.ts";
import type { Caller } from "../sandbox-api/port.ts";

export class ParkedCalls {
  readonly #waiting = new Map<CallId, (outcome: Outcome) => void>();
  readonly #dispatch: (event: EnvironmentEvent) => void;
  #lastId = 0;

  constructor(dispatch: (event: EnvironmentEvent) => void) {
    this.#dispatch = dispatch;
  }

  /** The environment may answer within the dispatch, before this returns. */
  ask(call: Call, caller: Caller): Promise<Outcome> {
    const callId = ++this.#lastId;
    const { promise, resolve } = withResolvers<Outcome>();
    this.#waiting.set(callId, resolve);
    this.#dispatch({ event: "called", callId, call });
    if (this.#waiting.has(callId)) caller.whenLost(() => this.#abandon(callId));
    return promise;
  }

  answer(callId: CallId, outcome: Outcome): void {
    this.#waiting.get(callId)?.(outcome);
    this.#waiting.delete(callId);
  }

  #abandon(callId: CallId): void {
    this.#waiting.delete(callId);
    this.#dispatch({ event: "call abandoned", callId });
  }
}

/** `Promise.withResolvers` needs Node.js 22. */
export function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
