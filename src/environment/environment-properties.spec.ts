import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Call } from "./calls.ts";
import type { Phase } from "./environment.ts";
import {
  answering,
  type Behaviour,
  byGeneration,
  complete,
  errorBegins,
  errorEnds,
  exitStatus,
  exiting,
  extension,
  failing,
  type Handler,
  identifierOf,
  initError,
  inTurn,
  killed,
  moves,
  responseBegins,
  responseEnds,
  runtime,
  silent,
} from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import { effectsOf, orderOfEmission, recordsOf, reportsOf } from "./told-history.spec-support.ts";

type Command = (environment: SimulatedEnvironment) => void;

const names = ["audit", "logs", "traces"] as const;
const ms = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 50 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4000 }) },
);
const exits = fc.constantFrom(exitStatus(0), exitStatus(1), killed, { ...killed, outOfMemory: true });

const handlers: fc.Arbitrary<Handler> = fc.oneof(
  fc
    .record({ workMs: ms, uploadMs: ms, afterMs: ms, mode: fc.constantFrom(undefined, "streaming", "Streaming") })
    .map((options) => answering(options)),
  fc.constant(failing),
  fc.constant(silent),
  fc.tuple(exits, ms).map(([exit, afterMs]) => exiting(exit, afterMs)),
);

const runtimes: fc.Arbitrary<Behaviour> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        initMs: ms,
        handler: fc.tuple(handlers, handlers).map(([first, second]) => inTurn(first, second)),
        diesAfterMs: fc.constantFrom(5, 200, "never" as const),
      })
      .map((options) => runtime(options)),
  },
  { weight: 1, arbitrary: ms.map((afterMs) => runtime({ restore: { afterMs } })) },
  { weight: 1, arbitrary: fc.constant(moves()) },
);

const extensions: fc.Arbitrary<Record<string, Behaviour | { readonly launchFails: string }>> = fc
  .array(
    fc.record({
      name: fc.constantFrom(...names),
      events: fc.subarray(["INVOKE", "SHUTDOWN"]),
      initMs: ms,
      readyMs: ms,
      workMs: ms,
      shutdownMs: ms,
      launch: fc.constantFrom(...Array<string>(12).fill("works"), "fails", "idle"),
    }),
    { maxLength: 3 },
  )
  .map((list) =>
    Object.fromEntries(
      list.map(({ name, launch, ...options }) => {
        if (launch === "fails") return [name, { launchFails: "fork/exec: permission denied" }];
        return [name, launch === "idle" ? moves() : extension(name, options)];
      }),
    ),
  );

const functions: fc.Arbitrary<SimulatedFunction> = fc.record({
  configuration: fc.record({
    timeoutMs: fc.constantFrom(1000, 3000),
    freeze: fc.boolean(),
    initializationType: fc.constantFrom("on-demand", "provisioned-concurrency", "snap-start"),
  }),
  runtime: fc.oneof(
    { weight: 20, arbitrary: fc.tuple(runtimes, runtimes).map(([first, second]) => byGeneration(first, second)) },
    { weight: 1, arbitrary: fc.constant({ launchFails: { errorType: "Runtime.InvalidEntrypoint", text: "none" } }) },
  ),
  extensions,
  flushMs: fc.integer({ min: 0, max: 1000 }),
  thawMs: fc.integer({ min: 0, max: 20 }),
});

/** The id of the invocation that runs, or one that nobody knows. */
const currentId = ({ environment }: SimulatedEnvironment): string =>
  "invocation" in environment ? (environment.invocation?.requestId ?? "nobody's") : "nobody's";

const runtimeCalls: fc.Arbitrary<(environment: SimulatedEnvironment) => Call> = fc.constantFrom(
  () => ({ call: "runtime next" }) as const,
  () => ({ call: "restore next" }) as const,
  (environment: SimulatedEnvironment) => responseBegins(currentId(environment)),
  (environment: SimulatedEnvironment) => responseBegins(currentId(environment), "streaming"),
  (environment: SimulatedEnvironment) => responseBegins(currentId(environment), "Streaming"),
  (environment: SimulatedEnvironment) => responseEnds(currentId(environment)),
  (environment: SimulatedEnvironment) => responseEnds(currentId(environment), { kind: "truncated" }),
  (environment: SimulatedEnvironment) => responseEnds(currentId(environment), { kind: "too large" }),
  (environment: SimulatedEnvironment) => errorBegins(currentId(environment)),
  (environment: SimulatedEnvironment) => errorEnds(currentId(environment), complete("bad")),
  () => initError(),
  () => ({ call: "restore error", errorType: undefined, body: new Uint8Array() }) as const,
  () => responseBegins("nobody's"),
);

const extensionCalls: fc.Arbitrary<(environment: SimulatedEnvironment) => Call> = fc
  .tuple(
    fc.constantFrom("register", "event next", "extension init error", "extension exit error", "subscribe"),
    fc.constantFrom(...names, "internal"),
    fc.subarray(["INVOKE", "SHUTDOWN", "invoke"]),
  )
  .map(([call, name, events]) => ({ environment }: SimulatedEnvironment): Call => {
    const identifier = identifierOf(name, environment.generation.number);
    if (call === "register") return { call, name, events, freshIdentifier: identifier };
    if (call === "subscribe") return { call, identifier, api: "telemetry" };
    return call === "event next" ? { call, identifier } : { call, identifier, errorType: "Extension.Mine" };
  });

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 24,
    arbitrary: ms.map(
      (length): Command =>
        (environment) =>
          environment.advance(length),
    ),
  },
  {
    weight: 16,
    arbitrary: fc.boolean().map(
      (streaming): Command =>
        (environment) =>
          void environment.invoke({ streaming }),
    ),
  },
  {
    weight: 16,
    arbitrary: runtimeCalls.map(
      (call): Command =>
        (environment) =>
          void environment.call(call(environment)),
    ),
  },
  {
    weight: 16,
    arbitrary: extensionCalls.map(
      (call): Command =>
        (environment) =>
          void environment.call(call(environment)),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.nat(1000).map((pick): Command => (environment) => {
      const open = environment.calls.filter(
        ({ answeredAt }) => answeredAt === undefined || answeredAt === environment.now,
      );
      const made = open[pick % Math.max(1, open.length)];
      if (made !== undefined) environment.abandon(made);
    }),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom("runtime", ...names), exits).map(
      ([name, exit]): Command =>
        (environment) =>
          environment.crash(name, exit),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("init requested", "freeze requested", "thaw requested", "reset requested", "kill requested")
      .map(
        (event): Command =>
          (environment) =>
            environment.happens({ event }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (interrupt): Command =>
        (environment) =>
          environment.happens({ event: "shutdown requested", reason: "spindown", interrupt }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Command>((environment) => environment.happens({ event: "platform failed", text: "broken" })),
  },
);

/** A function, and what happens to it; after that its environment comes to rest and is shut down. */
const stories = fc.record({
  simulated: functions,
  initFirst: fc.boolean(),
  script: fc.array(commands, { maxLength: 25, size: "max" }),
});
type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never;

function told({ simulated, initFirst, script }: Story, afterwards = true): SimulatedEnvironment {
  const environment = new SimulatedEnvironment(simulated);
  if (initFirst) environment.happens({ event: "init requested" });
  environment.advance(initFirst ? 200 : 0);
  environment.invoke();
  for (const command of script) command(environment);
  environment.run();
  if (!afterwards) return environment;
  environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
  return environment.run();
}

const holds = (check: (environment: SimulatedEnvironment) => void, afterwards = true): void =>
  fc.assert(
    fc.property(stories, (story) => check(told(story, afterwards))),
    { numRuns: 600 },
  );

const tokens = (environment: SimulatedEnvironment, wanted: RegExp): string =>
  (orderOfEmission(environment).match(wanted) ?? []).join("");

function overruns({ environment, phases }: SimulatedEnvironment): unknown[] {
  const { timeoutMs, initLimitMs, restoreLimitMs } = environment.configuration;
  const limits: Partial<Record<Phase, number>> = {
    initializing: initLimitMs,
    invoking: timeoutMs,
    restoring: restoreLimitMs,
    // LIFE-82, and a little for the simulated kill.
    ending: 2010,
    thawing: 20,
  };
  return phases.filter(({ at, phase }, index) => (phases[index + 1]?.at ?? at) - at > (limits[phase] ?? Infinity));
}

function accepted(environment: SimulatedEnvironment): string[] {
  const refused = new Set(effectsOf(environment, "refuse invocation").map(({ requestId }) => requestId));
  return environment.invoked.filter((requestId) => !refused.has(requestId));
}

describe("whatever the processes do and whenever", () => {
  test("[LIFE-53, LIFE-127] every accepted invocation is answered exactly once, and no other is answered", () => {
    holds((environment) => {
      const answered = environment.answers.map(({ requestId }) => requestId);
      expect(answered.toSorted()).toEqual(accepted(environment).toSorted());
    }, false);
  });

  test("[EVT-50, EVT-101, LIFE-127] every start is followed by one runtimeDone and one report of the same invocation", () => {
    holds((environment) => {
      const started = recordsOf(environment, "platform.start").map(({ requestId }) => requestId);
      const done = recordsOf(environment, "platform.runtimeDone").map(({ requestId }) => requestId);
      const reported = reportsOf(environment).map(({ requestId }) => requestId);
      expect(new Set(started).size).toBe(started.length);
      expect(done).toEqual(started);
      expect(reported).toEqual(started);
      expect(tokens(environment, /(?<!\w)[SDR](?=[( ]|$)/g)).toMatch(/^(SDR)*$/);
    });
  });

  test("an accepted invocation that was never started is answered by an error of the service", () => {
    holds((environment) => {
      const started = new Set(recordsOf(environment, "platform.start").map(({ requestId }) => requestId));
      const others = environment.answers.filter(({ requestId }) => !started.has(requestId));
      expect(others.map(({ answer }) => answer.kind).filter((kind) => kind !== "service error")).toEqual([]);
    });
  });

  test("[EVT-31, EVT-39, EVT-43] every Init and every Restore that began is reported before the next thing begins", () => {
    holds((environment) => {
      expect(tokens(environment, /(?<!\w)(iS|iR|rS|rR|S)(?=[( ]|$)/g)).toMatch(/^((iSiR|rSrR)*S?)*$/);
    });
  });

  test("no timer fires into nothing, no call is answered twice, nothing is handed out while frozen, nothing is done when gone", () => {
    holds((environment) => {
      expect(environment.violations).toEqual([]);
    });
  });

  test("a shutdown ends every process, and then the environment is destroyed once", () => {
    holds((environment) => {
      expect(environment.environment.phase).toBe("gone");
      expect(environment.living).toEqual([]);
      expect(effectsOf(environment, "destroy")).toHaveLength(1);
    });
  });

  test("[LIFE-17, LIFE-23, LIFE-41, LIFE-85, LIFE-121, LIFE-127] no phase outlives its limit", () => {
    holds((environment) => {
      expect(overruns(environment)).toEqual([]);
    });
  });

  test("an Init that was asked for ends, and is told so exactly once", () => {
    holds((environment) => {
      const attempts = recordsOf(environment, "platform.initStart").filter(({ phase }) => phase === "init");
      expect(effectsOf(environment, "init ended")).toHaveLength(attempts.length);
      expect(attempts.length).toBeLessThanOrEqual(1);
    });
  });

  test("[EVT-23, EVT-24, LIFE-69] an error type accompanies error and failure, and failure means Sandbox", () => {
    holds((environment) => {
      const verdicts = [...recordsOf(environment, "platform.runtimeDone"), ...reportsOf(environment)];
      const forms = verdicts.map(({ status, errorType }) => `${status} ${errorType}`);
      const legal =
        /^(success undefined|timeout undefined|error (Runtime|Function|Extension)\.\w+|failure Sandbox\.\w+)$/;
      expect(forms.filter((form) => !legal.test(form))).toEqual([]);
    });
  });
});

describe("the first fatal event of a generation", () => {
  const types = { runtime: "Runtime.ExitError", audit: "Extension.Crash", logs: "Extension.Crash" };
  const crashes = fc.shuffledSubarray(["runtime", "audit", "logs"] as const, { minLength: 2 });
  const pauses = fc.integer({ min: 0, max: 400 });

  function warm(): SimulatedEnvironment {
    const environment = new SimulatedEnvironment({
      extensions: { audit: extension("audit"), logs: extension("logs", { shutdownMs: 1000 }) },
      runtime: runtime({ handler: inTurn(answering(), silent), diesAfterMs: 200 }),
    });
    environment.invoke();
    return environment.run();
  }

  function crash(environment: SimulatedEnvironment, names: readonly string[], pauseMs: number): void {
    for (const name of names) {
      environment.crash(name, exitStatus(9));
      environment.advance(pauseMs);
    }
  }

  test("[LIFE-67, EVT-26, LIFE-53] during an invocation decides type and answer, whatever ends after it", () => {
    fc.assert(
      fc.property(crashes, pauses, (names, pauseMs) => {
        const environment = warm();
        environment.invoke();
        environment.advance(10);
        crash(environment, names, pauseMs);
        environment.run();
        const errorType = names.map((name) => types[name])[0];
        expect(reportsOf(environment)[1]).toMatchObject({ status: "error", errorType });
        expect(environment.answers[1]?.answer).toMatchObject({ kind: "platform error", payload: { errorType } });
      }),
    );
  });

  test("[LIFE-67, LIFE-63, EVT-26] between invocations decides type and answer of the next", () => {
    fc.assert(
      fc.property(crashes, pauses, (names, pauseMs) => {
        const environment = warm();
        crash(environment, names, pauseMs);
        environment.invoke();
        environment.run();
        const errorType = names.map((name) => types[name])[0];
        expect(reportsOf(environment)[1]).toMatchObject({ status: "error", errorType });
        expect(environment.answers[1]?.answer).toMatchObject({ kind: "platform error", payload: { errorType } });
      }),
    );
  });
});
