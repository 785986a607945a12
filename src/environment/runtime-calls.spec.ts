import { describe, expect, test } from "vitest";
import type { Call, Outcome } from "./calls.ts";
import {
  errorBegins,
  errorEnds,
  extension,
  initError,
  moves,
  responseBegins,
  responseEnds,
  runtime,
} from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import { recordsOf } from "./told-history.spec-support.ts";

const next: Call = { call: "runtime next" };
const restoreNext: Call = { call: "restore next" };
const restoreError: Call = { call: "restore error", errorType: "Function.Hook", body: new Uint8Array() };

interface Situation {
  readonly environment: SimulatedEnvironment;
  /** Of the invocation that runs or waits. */
  readonly requestId: string;
}

const idle = moves();

function started(): Situation {
  const environment = new SimulatedEnvironment({ runtime: idle });
  const requestId = environment.invoke();
  environment.advance(10);
  return { environment, requestId };
}

/** Init does not end, whatever the runtime does. */
function held(): Situation {
  const environment = new SimulatedEnvironment({
    runtime: idle,
    extensions: { slow: extension("slow", { readyMs: 1_000_000 }) },
    configuration: { initializationType: "snap-start" },
  });
  const requestId = environment.invoke();
  environment.advance(10);
  return { environment, requestId };
}

function running(...calls: readonly ((requestId: string) => Call)[]): Situation {
  const situation = started();
  situation.environment.call(next);
  for (const call of calls) situation.environment.call(call(situation.requestId));
  return situation;
}

function ready(): Situation {
  const environment = new SimulatedEnvironment({ runtime: idle });
  environment.happens({ event: "init requested" });
  environment.advance(10);
  environment.call(next);
  return { environment, requestId: "nobody's" };
}

function snapshotted(): SimulatedEnvironment {
  const environment = new SimulatedEnvironment({ runtime: idle, configuration: { initializationType: "snap-start" } });
  environment.happens({ event: "init requested" });
  environment.advance(10);
  environment.call(restoreNext);
  return environment;
}

function restoring(): Situation {
  const environment = snapshotted();
  const requestId = environment.invoke();
  environment.advance(10);
  return { environment, requestId };
}

const situations: Readonly<Record<string, () => Situation>> = {
  NotStarted: () => {
    const environment = new SimulatedEnvironment({ runtime: idle, extensions: { slow: idle } });
    const requestId = environment.invoke();
    environment.advance(10);
    return { environment, requestId };
  },
  Started: held,
  Ready: ready,
  "Ready, its event lost on the way": () => {
    const situation = started();
    situation.environment.abandon(situation.environment.call(next));
    return situation;
  },
  Running: () => running(),
  InvocationResponse: () => running(responseBegins),
  InvocationErrorResponse: () => running(errorBegins),
  RuntimeResponseSentState: () => {
    const environment = new SimulatedEnvironment({ runtime: idle });
    const requestId = environment.invoke();
    environment.advance(10);
    for (const call of [next, responseBegins(requestId), responseEnds(requestId)]) environment.call(call);
    return { environment, requestId };
  },
  InitError: () => {
    const situation = held();
    situation.environment.call(initError());
    return situation;
  },
  RestoreReady: () => ({ environment: snapshotted(), requestId: "nobody's" }),
  Restoring: restoring,
  RuntimeRestoreErrorState: () => {
    const situation = restoring();
    situation.environment.call(restoreError);
    return { ...situation, requestId: "nobody's" };
  },
};

const calls: Readonly<Record<string, (requestId: string) => Call>> = {
  "runtime next": () => next,
  "restore next": () => restoreNext,
  "response begins": responseBegins,
  "response ends": responseEnds,
  "error begins": errorBegins,
  "error ends": errorEnds,
  "init error": () => initError(),
  "restore error": () => restoreError,
};

const targets: Readonly<Record<string, string>> = {
  "runtime next": "Ready",
  "restore next": "Ready",
  "response begins": "InvocationResponse",
  "response ends": "InvocationResponse",
  "error begins": "InvocationErrorResponse",
  "error ends": "InvocationErrorResponse",
  "init error": "InitError",
  "restore error": "RuntimeRestoreErrorState",
};

/** The state after an allowed call; `400` is the answer to an unknown id, and what is not listed is answered 403. */
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "[RT-12] NotStarted": {},
  "[RT-93] Started": { "runtime next": "Ready", "restore next": "RestoreReady", "init error": "InitError" },
  "[RT-94] Ready": { "runtime next": "Ready", "response begins": "400", "error begins": "400" },
  "[RT-31] Ready, its event lost on the way": { "runtime next": "Running" },
  "[RT-95] Running": {
    "runtime next": "Running",
    "response begins": "InvocationResponse",
    "error begins": "InvocationErrorResponse",
  },
  "[RT-96] InvocationResponse": { "response ends": "RuntimeResponseSentState" },
  "[RT-96] InvocationErrorResponse": { "error ends": "RuntimeResponseSentState" },
  "[RT-97] RuntimeResponseSentState": { "runtime next": "Ready" },
  "[RT-98] InitError": {},
  "[RT-99] RestoreReady": { "response begins": "400", "error begins": "400" },
  "[RT-99, RT-87, RT-90] Restoring": {
    "runtime next": "Running",
    "init error": "RuntimeRestoreErrorState",
    "restore error": "RuntimeRestoreErrorState",
  },
  "[RT-99] RuntimeRestoreErrorState": { "response begins": "400", "error begins": "400" },
};

/** What a call in a situation led to: the state after, or the refusal. */
function ending(situation: Situation, call: Call): { readonly state: string; readonly outcome: Outcome | undefined } {
  const { outcome } = situation.environment.call(call);
  return { state: situation.environment.environment.generation.runtime.state, outcome };
}

const notAllowed = (from: string, call: string) => ({
  kind: "refused",
  refusal: {
    status: 403,
    errorType: "InvalidStateTransition",
    errorMessage: `State transition from ${from} to ${targets[call]} failed for runtime. Error: State transition is not allowed`,
  },
});
const unknownId = {
  kind: "refused",
  refusal: { status: 400, errorType: "InvalidRequestID", errorMessage: "Invalid request ID" },
};

const must = <T>(found: T | undefined): T => {
  if (found === undefined) throw new Error("the table names what does not exist");
  return found;
};

const cells = Object.entries(table).flatMap(([row, allowed]) => {
  const situation = row.replace(/^\[.*\] /, "");
  const state = situation.replace(/,.*/, "");
  return Object.keys(calls).map((call) => {
    const after = allowed[call] ?? "403";
    const refusal = after === "400" ? unknownId : notAllowed(state, call);
    return { row, call, after, refusal, begin: must(situations[situation]), make: must(calls[call]) };
  });
});
const isRefused = ({ after }: { readonly after: string }): boolean => after === "403" || after === "400";

describe("the runtime's calls by its state", () => {
  test("[RT-92] the table holds every state and every call", () => {
    expect(cells).toHaveLength(12 * 8);
    expect(Object.keys(situations)).toEqual(Object.keys(table).map((row) => row.replace(/^\[.*\] /, "")));
  });

  for (const { row, call, after, begin, make } of cells.filter((cell) => !isRefused(cell)))
    test(`${row}: ${call} leads to ${after}`, () => {
      const before = begin();
      const { state, outcome } = ending(before, make(before.requestId));
      expect(state).toBe(after);
      expect(outcome?.kind).not.toBe("refused");
    });

  for (const { row, call, after, refusal, begin, make } of cells.filter(isRefused))
    test(`${row}: ${call} is answered ${after} and changes nothing`, () => {
      const before = begin();
      const { environment } = before.environment;
      const { outcome } = ending(before, make(before.requestId));
      expect(outcome).toEqual(refusal);
      expect(before.environment.environment).toEqual(environment);
    });
});

describe("the id of an invocation", () => {
  test.each([
    ["response", responseBegins("another")],
    ["error", errorBegins("another")],
  ])("[RT-36, RT-67] is checked before the state: a %s for another id is refused with 400", (_, call) => {
    expect(running().environment.call(call).outcome).toEqual(unknownId);
    expect(running(responseBegins).environment.call(call).outcome).toEqual(unknownId);
    expect(ready().environment.call(call).outcome).toEqual(unknownId);
  });

  test("[RT-37, RT-67] a second answer before the following next is refused with 403 and does not alter the result", () => {
    // An extension still works, so that the invocation is not over.
    const { environment, requestId } = running(responseBegins, responseEnds);
    const second = environment.call(responseBegins(requestId));
    const error = environment.call(errorBegins(requestId));
    expect(second.outcome).toEqual(notAllowed("RuntimeResponseSentState", "response begins"));
    expect(error.outcome).toEqual(notAllowed("RuntimeResponseSentState", "error begins"));
    expect(environment.answers).toHaveLength(1);
  });

  test("[RT-38, RT-67] a response for an earlier id, once that invocation is over, is refused with 400", () => {
    const { environment, requestId } = running(responseBegins, responseEnds);
    environment.call(next);
    expect(environment.environment.phase).toBe("ready");
    expect(environment.call(responseBegins(requestId)).outcome).toEqual(unknownId);
    expect(environment.call(errorBegins(requestId)).outcome).toEqual(unknownId);
  });

  test("[LIFE-51, RT-36] a body that ends for another invocation than the one that runs is refused and changes nothing", () => {
    const { environment, requestId } = running(responseBegins);
    const before = environment.environment;
    expect(environment.call(responseEnds("another")).outcome).toEqual(unknownId);
    expect(environment.environment).toEqual(before);
    expect(environment.call(responseEnds(requestId)).outcome).toEqual({ kind: "accepted" });
  });

  test("[RT-41] without the echo only the request id is compared", () => {
    const { environment, requestId } = running();
    expect(environment.call(responseBegins(requestId)).outcome?.kind).toBe("read body");
  });

  test.each([
    ["response", (id: string, attempt: string) => responseBegins(id, undefined, attempt)],
    ["error", (id: string, attempt: string) => errorBegins(id, attempt)],
  ])(
    "[RT-39, RT-40, RT-67] an echo of another attempt is refused for a %s though the request id is equal",
    (_, begins) => {
      const { environment, requestId } = running();
      expect(environment.call(begins(requestId, "attempt-of-yesterday")).outcome).toEqual(unknownId);
      expect(environment.answers).toEqual([]);
    },
  );

  test("[RT-39, RT-40, RT-67, LIFE-51] an echo of a timed-out attempt is refused with 410 and reaches no caller", () => {
    const environment = new SimulatedEnvironment({ runtime: idle });
    environment.invoke({ requestId: "event", invocationId: "first try" });
    environment.advance(10);
    environment.call(next);
    environment.advance(3100);
    expect(environment.environment.phase).toBe("empty");
    environment.invoke({ requestId: "event", invocationId: "second try" });
    environment.advance(10);
    environment.call(next);
    const late = {
      kind: "refused",
      refusal: { status: 410, errorType: "InvokeTimeout", errorMessage: "Invoke timeout" },
    };
    expect(environment.call(responseBegins("event", undefined, "first try")).outcome).toEqual(late);
    expect(environment.call(errorBegins("event", "first try")).outcome).toEqual(late);
    expect(environment.answers).toHaveLength(1);
    expect(environment.call(responseBegins("event", undefined, "second try")).outcome?.kind).toBe("read body");
  });
});

describe("next", () => {
  test("[RT-12] a call before the runtime was started is refused and the invocation goes on", () => {
    const environment = new SimulatedEnvironment({ extensions: { logs: extension("logs") }, runtime: runtime() });
    environment.invoke();
    environment.advance(2);
    expect(environment.call(next).outcome).toEqual(notAllowed("NotStarted", "runtime next"));
    environment.run();
    expect(environment.answers.map(({ answer }) => answer.kind)).toEqual(["response"]);
  });

  test("[RT-13] blocks until an invocation is released", () => {
    const { environment } = ready();
    const parked = environment.made("runtime next");
    environment.advance(60_000);
    expect(parked.outcome).toBeUndefined();
    const requestId = environment.invoke();
    environment.advance(10);
    expect(parked.outcome).toMatchObject({ kind: "invocation", event: { requestId } });
  });

  test("[RT-29] while an invocation runs unanswered, another next gets the same event at once", () => {
    const { environment } = running();
    const again = environment.call(next);
    expect(again.outcome?.kind).toBe("invocation");
    expect(again.outcome).toEqual(environment.made("runtime next").outcome);
  });

  test("[RT-30] of two parked calls one release answers one, and the other waits for the next invocation", () => {
    const { environment } = ready();
    const second = environment.call(next);
    const requestId = environment.invoke();
    environment.advance(10);
    expect(environment.made("runtime next").outcome?.kind).toBe("invocation");
    expect(second.outcome).toBeUndefined();
    environment.call(responseBegins(requestId));
    environment.call(responseEnds(requestId));
    expect(environment.environment.phase).toBe("invoking");
    environment.call(next);
    expect(environment.environment.phase).toBe("ready");
    const later = environment.invoke();
    environment.advance(10);
    expect(second.outcome).toMatchObject({ kind: "invocation", event: { requestId: later } });
  });

  test("[RT-30, RT-94, EVT-50] a call made after the runtime was done waits for the next invocation, though extensions still work", () => {
    const environment = new SimulatedEnvironment({
      extensions: { logs: extension("logs", { workMs: 1000 }) },
      runtime: runtime(),
    });
    environment.invoke();
    environment.advance(500);
    expect(environment.environment.phase).toBe("invoking");
    const more = environment.call(next);
    expect(more.outcome).toBeUndefined();
    expect(recordsOf(environment, "platform.runtimeDone")).toHaveLength(1);
  });

  test("[RT-31] a parked call that is lost costs no event: the next call gets it", () => {
    const { environment } = ready();
    environment.abandon(environment.made("runtime next"));
    const requestId = environment.invoke();
    environment.advance(10);
    expect(environment.call(next).outcome).toMatchObject({ kind: "invocation", event: { requestId } });
  });

  test("[RT-31] an event lost while it was written goes to another parked call", () => {
    const { environment } = ready();
    const second = environment.call(next);
    environment.invoke();
    environment.advance(10);
    environment.abandon(environment.made("runtime next"));
    expect(second.outcome?.kind).toBe("invocation");
  });

  test("[RT-29, RT-31] one of two copies of an event that is lost leaves the invocation with the runtime", () => {
    const { environment, requestId } = running();
    environment.abandon(environment.call(next));
    expect(environment.call(responseBegins(requestId)).outcome?.kind).toBe("read body");
  });

  test("[RT-100] a parked call that can no longer be released is refused as a concurrent modification", () => {
    const { environment } = ready();
    const second = environment.call(next);
    const requestId = environment.invoke();
    environment.advance(10);
    environment.call(responseBegins(requestId, "Streaming"));
    expect(second.outcome).toEqual({
      kind: "refused",
      refusal: {
        status: 403,
        errorType: "InvalidStateTransition",
        errorMessage:
          "State transition from InvocationResponse to Ready failed for runtime. Error: Concurrent state modification",
      },
    });
  });
});
