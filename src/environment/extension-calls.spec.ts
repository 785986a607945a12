import { describe, expect, test } from "vitest";
import type { Call } from "./calls.ts";
import type { ExtensionState } from "./participants.ts";
import { type Behaviour, exitStatus, killed, moves, runtime } from "./scripted-processes.spec-support.ts";
import { SimulatedEnvironment } from "./simulated-environment.spec-support.ts";
import type { SimulatedFunction } from "./simulated-function.spec-support.ts";
import { refusedCalls } from "./told-history.spec-support.ts";

const id = "11111111-1111-4111-8111-111111111111";
const register = (name: string, events: readonly string[] = ["INVOKE", "SHUTDOWN"], freshIdentifier = id): Call => ({
  call: "register",
  name,
  events,
  freshIdentifier,
});
const next: Call = { call: "event next", identifier: id };
const initError: Call = { call: "extension init error", identifier: id, errorType: "Extension.Mine" };
const exitError: Call = { call: "extension exit error", identifier: id, errorType: "Extension.Mine" };

const idle = moves();
/** A second extension, which keeps a shutdown going. */
const other = "22222222-2222-4222-8222-222222222222";

function initializing(extensions: SimulatedFunction["extensions"] = { logs: idle }, runs: Behaviour = runtime()) {
  const environment = new SimulatedEnvironment({ extensions, runtime: runs });
  environment.happens({ event: "init requested" });
  environment.advance(5);
  return environment;
}

const after = (environment: SimulatedEnvironment, ...calls: readonly Call[]): SimulatedEnvironment => {
  for (const call of calls) environment.call(call);
  return environment;
};

/** Registered, initialized and idle. */
function ready(events?: readonly string[]): SimulatedEnvironment {
  const environment = after(initializing(), register("logs", events), next);
  environment.advance(100);
  return environment;
}

function invoked(): SimulatedEnvironment {
  const environment = ready();
  environment.invoke();
  environment.advance(5);
  return environment;
}

function ended(how: typeof killed): SimulatedEnvironment {
  const environment = initializing({ logs: idle, other: idle });
  after(environment, register("logs"), next, register("other", ["SHUTDOWN"], other));
  after(environment, { call: "event next", identifier: other });
  environment.advance(100);
  environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
  environment.advance(100);
  environment.crash("logs", how);
  return environment;
}

/** The runtime does not ask for its first event, so that registration stays open. */
const internal = (...calls: readonly Call[]) => after(initializing({}, idle), register("logs", ["INVOKE"]), ...calls);

const calls: Readonly<Record<string, Call>> = {
  register: register("logs", ["INVOKE"]),
  "event next": next,
  "extension init error": initError,
  "extension exit error": exitError,
};
const targets: Readonly<Record<string, string>> = {
  register: "Registered",
  "event next": "Ready",
  "extension init error": "InitError",
  "extension exit error": "Exited",
};

interface Row {
  readonly title: string;
  readonly state: ExtensionState;
  readonly begin: () => SimulatedEnvironment;
  /** The state after; what is not listed is refused. */
  readonly allowed: Readonly<Record<string, ExtensionState>>;
  /** Before it has an identifier, only its name can be refused. */
  readonly unidentified?: boolean;
  readonly internal?: boolean;
}

const rows: readonly Row[] = [
  {
    title: "[EXT-82] Started",
    state: "Started",
    begin: () => initializing(),
    allowed: { register: "Registered" },
    unidentified: true,
  },
  {
    title: "[EXT-82, EXT-88] LaunchError",
    state: "LaunchError",
    begin: () => initializing({ logs: { launchFails: "fork/exec /opt/extensions/logs: permission denied" } }),
    allowed: {},
    unidentified: true,
  },
  {
    title: "[EXT-83, EXT-72] Registered",
    state: "Registered",
    begin: () => after(initializing(), register("logs")),
    allowed: { "event next": "Ready", "extension init error": "InitError", "extension exit error": "ExitError" },
  },
  {
    title: "[EXT-84, EXT-64, EXT-75] Ready",
    state: "Ready",
    begin: () => ready(),
    allowed: { "extension exit error": "ExitError" },
  },
  {
    title: "[EXT-85, EXT-75] Running",
    state: "Running",
    begin: invoked,
    allowed: { "event next": "Ready", "extension exit error": "ExitError" },
  },
  {
    title: "[EXT-86, EXT-72, EXT-74] InitError",
    state: "InitError",
    begin: () => after(initializing(), register("logs"), initError),
    allowed: { "extension init error": "InitError" },
  },
  {
    title: "[EXT-86, EXT-75, EXT-77] ExitError",
    state: "ExitError",
    begin: () => after(initializing(), register("logs"), exitError),
    allowed: { "extension exit error": "ExitError" },
  },
  {
    title: "[EXT-87, EXT-88] Exited",
    state: "Exited",
    begin: () => ended(exitStatus(0)),
    allowed: {},
  },
  {
    title: "[EXT-87, EXT-88] ShutdownFailed",
    state: "ShutdownFailed",
    begin: () => ended(killed),
    allowed: {},
  },
  {
    title: "[EXT-89, EXT-83] internal, Registered",
    state: "Registered",
    begin: () => internal(),
    allowed: { "event next": "Ready", "extension init error": "InitError", "extension exit error": "ExitError" },
    internal: true,
  },
  {
    title: "[EXT-89, EXT-84] internal, Ready",
    state: "Ready",
    begin: () => internal(next),
    allowed: { "extension exit error": "ExitError" },
    internal: true,
  },
  {
    title: "[EXT-89, EXT-86] internal, InitError",
    state: "InitError",
    begin: () => internal(initError),
    allowed: { "extension init error": "InitError" },
    internal: true,
  },
  {
    title: "[EXT-89, EXT-86] internal, ExitError",
    state: "ExitError",
    begin: () => internal(exitError),
    allowed: { "extension exit error": "ExitError" },
    internal: true,
  },
];

const refused = (errorType: string, errorMessage: string) => ({
  kind: "refused",
  refusal: { status: 403, errorType, errorMessage },
});

/** What the refusal of a call in a row says, written out from EXT-37, EXT-38, EXT-46, EXT-47, EXT-63, EXT-73 and EXT-76. */
function refusalOf(row: Row, call: string) {
  if (row.unidentified === true && call === "event next")
    return refused("Extension.UnknownExtensionIdentifier", `Unknown extension ${id}`);
  if (row.unidentified === true && call !== "register")
    return refused("Extension.UnknownExtensionIdentifier", "Unknown Lambda-Extension-Identifier");
  if (row.internal === true && call === "register")
    return refused("Extension.InvalidExtensionState", "Extension with this name already registered");
  const whom = call === "register" ? "logs" : id;
  return refused(
    "Extension.InvalidExtensionState",
    `State transition from ${row.state} to ${targets[call]} failed for extension ${whom}. Error: State transition is not allowed`,
  );
}

const stateOf = ({ environment }: SimulatedEnvironment, name = "logs"): string | undefined =>
  environment.generation.extensions.find((extension) => extension.name === name)?.state;

describe("an extension's calls by its state", () => {
  for (const row of rows) {
    test(`${row.title}: is the state before`, () => {
      expect(stateOf(row.begin())).toBe(row.state);
    });

    for (const [name, call] of Object.entries(calls).filter(([name]) => row.allowed[name] !== undefined))
      test(`${row.title}: ${name} leads to ${row.allowed[name]}`, () => {
        const environment = row.begin();
        const { outcome } = environment.call(call);
        expect(stateOf(environment)).toBe(row.allowed[name]);
        expect(outcome?.kind).not.toBe("refused");
      });

    for (const [name, call] of Object.entries(calls).filter(([name]) => row.allowed[name] === undefined))
      test(`[EXT-37, EXT-46, EXT-47, EXT-63, EXT-73, EXT-76] ${row.title}: ${name} is refused and changes nothing`, () => {
        const environment = row.begin();
        const before = environment.environment;
        expect(environment.call(call).outcome).toEqual(refusalOf(row, name));
        expect(environment.environment).toEqual(before);
      });
  }

  test("[EXT-89, EXT-85] internal, Running: event/next leads to Ready, exit/error to ExitError", () => {
    const running = () => {
      const environment = internal(next);
      environment.call({ call: "runtime next" });
      environment.advance(5);
      environment.invoke();
      environment.advance(5);
      return environment;
    };
    expect(stateOf(running())).toBe("Running");
    expect(stateOf(after(running(), next))).toBe("Ready");
    expect(stateOf(after(running(), exitError))).toBe("ExitError");
    expect(stateOf(after(running(), initError))).toBe("Running");
  });

  test("[EXT-90, LIFE-91] an internal extension that is alive when the environment ends gets no event and no other state", () => {
    const environment = internal(next);
    environment.call({ call: "runtime next" });
    environment.advance(5);
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.run();
    expect(environment.environment.phase).toBe("gone");
    expect(stateOf(environment)).toBe("Ready");
    expect(environment.made("event next").outcome).toBeUndefined();
  });
});

describe("event/next", () => {
  test("[EXT-64] a second call while one is parked is refused, and the parked one gets the event", () => {
    const environment = ready();
    const parked = environment.made("event next");
    expect(environment.call(next).outcome?.kind).toBe("refused");
    environment.invoke();
    environment.advance(5);
    expect(parked.outcome?.kind).toBe("invoke event");
  });

  test("[EXT-49] blocks until an event is released, and gives exactly one", () => {
    const environment = ready();
    const parked = environment.made("event next");
    environment.advance(60_000);
    expect(parked.outcome).toBeUndefined();
    environment.invoke();
    environment.advance(5);
    expect(parked.outcome?.kind).toBe("invoke event");
    const second = environment.call(next);
    environment.advance(1000);
    expect(second.outcome).toBeUndefined();
  });

  test("[EXT-65] a lost parked call may be replaced, and its event is not lost", () => {
    const environment = ready();
    const parked = environment.made("event next");
    environment.abandon(parked);
    const requestId = environment.invoke();
    environment.advance(5);
    expect(environment.call(next).outcome).toMatchObject({ kind: "invoke event", requestId });
  });

  test("[EXT-65] an event lost while it was written is given again", () => {
    const environment = invoked();
    const parked = environment.made("event next");
    environment.abandon(parked);
    environment.advance(500);
    expect(environment.environment.phase).toBe("invoking");
    expect(environment.call(next).outcome).toEqual(parked.outcome);
    environment.call(next);
    environment.advance(500);
    expect(environment.environment.phase).toBe("ready");
  });

  test("[EXT-65] an event that was lost is not given when its invocation is over", () => {
    const environment = invoked();
    environment.abandon(environment.made("event next"));
    environment.advance(20_000);
    expect(environment.environment.phase).toBe("empty");
    expect(environment.call(next).outcome?.kind).not.toBe("invoke event");
  });

  test("[EXT-65] a SHUTDOWN lost while it was written is given again", () => {
    const environment = ready();
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.advance(50);
    const parked = environment.made("event next");
    environment.abandon(parked);
    expect(parked.outcome?.kind).toBe("shutdown event");
    expect(environment.call(next).outcome).toEqual(parked.outcome);
  });

  test("[EXT-67, EXT-61] after SHUTDOWN a further call stays parked until the process ends", () => {
    const environment = ready();
    environment.happens({ event: "shutdown requested", reason: "spindown", interrupt: false });
    environment.advance(50);
    const further = environment.call(next);
    expect(further.outcome).toBeUndefined();
    environment.run();
    expect(further.outcome).toBeUndefined();
    expect(environment.environment.phase).toBe("gone");
  });

  test("[EXT-81] a call that was parked when exit/error arrived is refused at the release", () => {
    const environment = after(ready(), exitError);
    const parked = environment.made("event next");
    expect(parked.outcome).toBeUndefined();
    environment.invoke();
    environment.advance(5);
    expect(parked.outcome).toEqual(
      refused(
        "Extension.InvalidExtensionState",
        `State transition from ExitError to Ready failed for extension ${id}. Error: Concurrent state modification`,
      ),
    );
  });

  test("[EXT-62, LIFE-37] an extension without INVOKE stays parked through invocations, and nobody waits for it", () => {
    const environment = ready(["SHUTDOWN"]);
    const parked = environment.made("event next");
    environment.invoke();
    environment.advance(1000);
    expect(environment.environment.phase).toBe("ready");
    expect(parked.outcome).toBeUndefined();
  });
});

describe("the identifier", () => {
  test("[EXT-46, TEL-43] an unknown one is refused with its text on event/next and subscribe", () => {
    const unknown = refused("Extension.UnknownExtensionIdentifier", `Unknown extension ${other}`);
    const environment = ready();
    expect(environment.call({ call: "event next", identifier: other }).outcome).toEqual(unknown);
    expect(environment.call({ call: "subscribe", identifier: other, api: "telemetry" }).outcome).toEqual(unknown);
    expect(environment.call({ call: "subscribe", identifier: other, api: "logs" }).outcome).toEqual(unknown);
  });

  test("[EXT-47] an unknown one is refused on init/error and exit/error", () => {
    const unknown = refused("Extension.UnknownExtensionIdentifier", "Unknown Lambda-Extension-Identifier");
    const environment = ready();
    expect(environment.call({ ...initError, identifier: other }).outcome).toEqual(unknown);
    expect(environment.call({ ...exitError, identifier: other }).outcome).toEqual(unknown);
  });

  test("[EXT-17] after a repeated Init those of the earlier generation are unknown", () => {
    const environment = ready();
    environment.happens({ event: "reset requested" });
    environment.run();
    environment.invoke();
    environment.advance(5);
    expect(environment.call(next).outcome).toEqual(
      refused("Extension.UnknownExtensionIdentifier", `Unknown extension ${id}`),
    );
    const anew = environment.call(register("logs", ["INVOKE"], other));
    expect(anew.outcome).toEqual({ kind: "registered", identifier: other });
  });

  test("[EXT-16] the extension gets the one made for its registration, and keeps it", () => {
    const environment = initializing({ logs: idle, other: idle });
    expect(environment.call(register("logs")).outcome).toEqual({ kind: "registered", identifier: id });
    const second = environment.call(register("other", ["SHUTDOWN"], other));
    expect(second.outcome).toEqual({ kind: "registered", identifier: other });
    expect(environment.environment.generation.extensions.map(({ identifier }) => identifier)).toEqual([id, other]);
  });
});

describe("every refusal", () => {
  test("[EXT-102, LIFE-128] is shown with whose call it was, and in which state", () => {
    const environment = ready();
    environment.call(next);
    environment.call({ call: "restore next" });
    environment.call({ call: "event next", identifier: other });
    expect(refusedCalls(environment)).toEqual([
      { who: "logs", call: "event next", state: "Ready" },
      { who: "runtime", call: "restore next", state: "Ready" },
      { who: other, call: "event next", state: "unknown" },
    ]);
  });
});
