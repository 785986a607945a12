import { describe, expect, test } from "vitest";
import type { Call } from "./calls.ts";
import type { Refusal } from "../protocol/refusals.ts";
import { ask, call, exitStatus, extension, identifierOf, moves, runtime } from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import { recordsOf } from "./told-history.spec-support.ts";

const idle = moves();

const register = (name: string, events: readonly string[] = [], freshIdentifier = `id of ${name}`): Call => ({
  call: "register",
  name,
  events,
  freshIdentifier,
});

/** Launched extensions and a runtime that do nothing; Init is under way. */
function initializing(extensions: SimulatedFunction["extensions"] = { logs: idle }): SimulatedEnvironment {
  const environment = new SimulatedEnvironment({ extensions, runtime: idle });
  environment.happens({ event: "init requested" });
  environment.advance(10);
  return environment;
}

const known = ({ environment }: SimulatedEnvironment): (readonly [string, string, string])[] =>
  environment.generation.extensions.map(({ name, kind, state }) => [name, kind, state]);

const refused = (errorType: string, errorMessage: string): { kind: "refused"; refusal: Refusal } => ({
  kind: "refused",
  refusal: { status: 403, errorType, errorMessage },
});
const unknownType = (event: string) => refused("Extension.InvalidEventType", `${event}: ErrorInvalidEventType`);
const noShutdown = refused("Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension");

describe("who registers", () => {
  test("[EXT-09] the file name of a launched extension is an external extension", () => {
    const environment = initializing({ "logs.sh": idle });
    expect(environment.call(register("logs.sh")).outcome).toEqual({ kind: "registered", identifier: "id of logs.sh" });
    expect(known(environment)).toEqual([["logs.sh", "external", "Registered"]]);
  });

  test.each(["Logs.sh", "logs", "logs.sh ", "other"])(
    "[EXT-10, EXT-09] any other name, as %j, is an internal one",
    (name) => {
      const environment = initializing({ "logs.sh": idle });
      environment.call(register(name));
      expect(known(environment)).toEqual([
        ["logs.sh", "external", "Started"],
        [name, "internal", "Registered"],
      ]);
    },
  );

  test("[EXT-12] the text of the name decides, and not the process that calls", () => {
    const environment = new SimulatedEnvironment({
      extensions: {
        a: {
          *script() {
            yield* ask(register("a"));
            yield* ask(register("b", ["SHUTDOWN"]));
          },
        },
        b: idle,
      },
      runtime: idle,
    });
    environment.happens({ event: "init requested" });
    environment.advance(10);
    expect(known(environment)).toEqual([
      ["a", "external", "Registered"],
      ["b", "external", "Registered"],
    ]);
  });

  test("[EXT-12, EXT-09] a name whose file is launched only later is that of one extension, not of two", () => {
    const environment = new SimulatedEnvironment({ extensions: { logs: idle }, runtime: runtime() });
    environment.happens({ event: "init requested" });
    environment.call(register("logs", ["INVOKE"]));
    environment.advance(10);
    expect(known(environment)).toEqual([["logs", "external", "Registered"]]);
  });

  test("[EXT-14] several internal extensions may register, each with its own identifier", () => {
    const environment = initializing({});
    expect(environment.call(register("first")).outcome).toEqual({ kind: "registered", identifier: "id of first" });
    expect(environment.call(register("second")).outcome).toEqual({ kind: "registered", identifier: "id of second" });
    expect(known(environment)).toEqual([
      ["first", "internal", "Registered"],
      ["second", "internal", "Registered"],
    ]);
  });

  test("[EXT-18] what it subscribes and reports carries its name", () => {
    const environment = initializing();
    environment.call(register("logs"));
    const asked = environment.call({ call: "subscribe", identifier: "id of logs", api: "telemetry" });
    expect(asked.outcome).toEqual({ kind: "may subscribe", extensionName: "logs" });
    environment.happens({ event: "kill requested" });
    expect(recordsOf(environment, "platform.extension")).toMatchObject([{ name: "logs" }]);
  });
});

describe("what it asks for", () => {
  test.each(["a", "with spaces", "ünï çødé", "x".repeat(5000), "../../etc"])(
    "[EXT-13] any name is accepted, as %j",
    (name) => {
      expect(initializing().call(register(name)).outcome?.kind).toBe("registered");
    },
  );

  test("[EXT-20, EXT-62] no events are accepted, and it gets none of any kind", () => {
    const environment = new SimulatedEnvironment({
      extensions: { quiet: extension("quiet", { events: [] }) },
      runtime: runtime(),
    });
    environment.invoke();
    environment.run();
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.run();
    expect(environment.made("register").outcome?.kind).toBe("registered");
    expect(environment.made("event next").outcome).toBeUndefined();
  });

  test("[EXT-22, EVT-68] duplicates count once, and INVOKE stands before SHUTDOWN", () => {
    const environment = initializing();
    environment.call(register("logs", ["SHUTDOWN", "INVOKE", "SHUTDOWN"]));
    expect(environment.environment.generation.extensions[0]?.events).toEqual(["INVOKE", "SHUTDOWN"]);
  });

  test.each(["invoke", "Shutdown", "START", ""])(
    "[EXT-22, EXT-35] the unknown event %j is refused, also behind valid ones",
    (event) => {
      const environment = initializing();
      expect(environment.call(register("logs", ["INVOKE", event])).outcome).toEqual(unknownType(event));
      expect(environment.call(register("inside", ["INVOKE", event])).outcome).toEqual(unknownType(event));
    },
  );

  test("[EXT-21, EXT-36] an internal extension may ask for INVOKE and not for SHUTDOWN", () => {
    const environment = initializing({});
    expect(environment.call(register("inside", ["INVOKE", "SHUTDOWN"])).outcome).toEqual(noShutdown);
    expect(environment.call(register("inside", ["INVOKE"])).outcome?.kind).toBe("registered");
  });

  test("[EXT-31, EXT-42] a refused list leaves an external extension unregistered and creates no internal one; a second try succeeds", () => {
    const environment = initializing();
    environment.call(register("logs", ["STOP"]));
    environment.call(register("inside", ["SHUTDOWN"]));
    expect(known(environment)).toEqual([["logs", "external", "Started"]]);
    expect(environment.call(register("logs", ["INVOKE"])).outcome?.kind).toBe("registered");
    expect(environment.call(register("inside", ["INVOKE"])).outcome?.kind).toBe("registered");
  });
});

describe("when it is too late or too much", () => {
  const closed = refused("Extension.RegistrationClosed", "Extension registration closed already");

  test("[EXT-30, RT-14, EXT-39] it is open from the start of Init until the runtime's first next", () => {
    const environment = new SimulatedEnvironment({
      extensions: { logs: extension("logs", { readyMs: 60_000 }) },
      runtime: idle,
    });
    environment.happens({ event: "init requested" });
    expect(environment.call(register("early")).outcome?.kind).toBe("registered");
    environment.call({ call: "event next", identifier: "id of early" });
    environment.advance(100);
    expect(environment.call(register("late")).outcome?.kind).toBe("registered");
    environment.call({ call: "runtime next" });
    expect(environment.environment.phase).toBe("initializing");
    expect(environment.call(register("too late")).outcome).toEqual(closed);
  });

  test("[EXT-30, EXT-39, RT-14] restore/next closes it, too", () => {
    const environment = new SimulatedEnvironment({
      configuration: { initializationType: "snap-start" },
      extensions: { logs: extension("logs", { readyMs: 60_000 }) },
      runtime: idle,
    });
    environment.happens({ event: "init requested" });
    environment.advance(100);
    environment.call({ call: "restore next" });
    expect(environment.call(register("too late")).outcome).toEqual(closed);
  });

  test("[EXT-30, EXT-39] a failed Init closes it, too", () => {
    const environment = initializing({ logs: extension("logs", { shutdownMs: 1000 }) });
    environment.crash("runtime", exitStatus(1));
    expect(environment.environment.phase).toBe("ending");
    expect(environment.call(register("too late")).outcome).toEqual(closed);
  });

  test("[EXT-37] an external extension registers once, in any state", () => {
    const environment = initializing();
    environment.call(register("logs"));
    expect(environment.call(register("logs")).outcome).toEqual(
      refused(
        "Extension.InvalidExtensionState",
        "State transition from Registered to Registered failed for extension logs. Error: State transition is not allowed",
      ),
    );
  });

  test("[EXT-38] an internal name is taken once", () => {
    const environment = initializing({});
    environment.call(register("inside"));
    expect(environment.call(register("inside")).outcome).toEqual(
      refused("Extension.InvalidExtensionState", "Extension with this name already registered"),
    );
  });

  test("[EXT-15, EXT-40] the eleventh is refused, external and internal counted together, and nothing is registered", () => {
    const environment = initializing({ a: idle, b: idle, c: idle });
    for (const name of ["1", "2", "3", "4", "5", "6", "7"])
      expect(environment.call(register(name)).outcome?.kind).toBe("registered");
    expect(environment.call(register("8")).outcome).toEqual(
      refused("Extension.TooManyExtensions", "Extension limit (10) reached"),
    );
    expect(known(environment)).toHaveLength(10);
    expect(environment.call(register("a")).outcome?.kind).toBe("registered");
  });

  test("[EXT-35, EXT-36, EXT-38, EXT-39, EXT-40, EXT-41] of several reasons the first in the order of the checks is named", () => {
    const environment = initializing({ a: idle });
    for (let count = 0; count < 9; count++) environment.call(register(`internal ${count}`));
    expect(environment.call(register("internal 0")).outcome?.kind).toBe("refused");
    expect(environment.call(register("internal 0")).outcome).toEqual(
      refused("Extension.TooManyExtensions", "Extension limit (10) reached"),
    );
    expect(environment.call(register("internal 0", ["SHUTDOWN"])).outcome).toEqual(noShutdown);
    expect(environment.call(register("internal 0", ["SHUTDOWN", "X"])).outcome).toEqual(unknownType("X"));
    environment.call(register("a"));
    expect(environment.call(register("a", ["X"])).outcome).toEqual(unknownType("X"));
    environment.advance(10);
    environment.call({ call: "runtime next" });
    expect(environment.call(register("internal 0")).outcome).toEqual(closed);
    expect(environment.call(register("internal 0", ["SHUTDOWN"])).outcome).toEqual(noShutdown);
  });
});

describe("a registration", () => {
  test("[EXT-29] is answered at once, and neither starts nor ends a phase", () => {
    const environment = initializing({ a: idle, b: idle });
    const made = environment.call(register("a"));
    expect(made.answeredAt).toBe(made.madeAt);
    expect(environment.environment.phase).toBe("initializing");
  });

  test("[TEL-72, TEL-73, TEL-44] opens the window to subscribe, which closes with Init", () => {
    const environment = new SimulatedEnvironment({
      extensions: { logs: moves(call(register("logs"))) },
      runtime: runtime(),
    });
    environment.happens({ event: "init requested" });
    environment.advance(500);
    const asks = (api: "telemetry" | "logs"): Call => ({ call: "subscribe", identifier: "id of logs", api });
    expect(environment.environment.phase).toBe("initializing");
    expect(environment.call(asks("telemetry")).outcome?.kind).toBe("may subscribe");
    environment.call({ call: "event next", identifier: "id of logs" });
    expect(environment.environment.phase).toBe("ready");
    expect(environment.call(asks("telemetry")).outcome).toEqual(
      refused("Telemetry.SubscriptionClosed", "Telemetry API subscription is closed already"),
    );
    expect(environment.call(asks("logs")).outcome).toEqual(
      refused("Logs.SubscriptionClosed", "Logs API subscription is closed already"),
    );
  });

  test("[EXT-101] is known to its own environment only", () => {
    const [one, other] = [initializing(), initializing()];
    one.call(register("logs", [], identifierOf("logs", 1)));
    expect(other.call({ call: "event next", identifier: identifierOf("logs", 1) }).outcome?.kind).toBe("refused");
    expect(known(other)).toEqual([["logs", "external", "Started"]]);
  });
});
