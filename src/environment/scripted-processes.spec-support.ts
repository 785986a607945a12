/** Processes that follow a script: what a runtime or an extension does, well or badly. */
import type { Call, InvocationEvent, Outcome, Upload } from "./calls.ts";
import type { ProcessExit } from "./events.ts";

/** What a process does next. `post` makes a call without waiting for its outcome. */
export type Move =
  | { readonly move: "wait"; readonly ms: number }
  | { readonly move: "call" | "post"; readonly call: Call }
  | { readonly move: "exit"; readonly exit: ProcessExit };

type Script = Generator<Move, void, Outcome | undefined>;

export interface Behaviour {
  readonly script: (generation: number) => Script;
  /** How long it lives on after SIGTERM; by default 5 ms. */
  readonly diesAfterMs?: number | "never";
}

export const killed: ProcessExit = { code: null, signal: "SIGKILL", outOfMemory: false };
export const exitStatus = (code: number): ProcessExit => ({ code, signal: null, outOfMemory: false });

export interface Process {
  /** `runtime`, or an extension's name. */
  readonly name: string;
  readonly kind: "runtime" | "extension";
  readonly generation: number;
  readonly script: Script;
  readonly diesAfterMs: number | "never";
  alive: boolean;
}

export const wait = (ms: number): Move => ({ move: "wait", ms });

type Asking = Generator<Move, Outcome | undefined, Outcome | undefined>;

export function* ask(call: Call): Asking {
  return yield { move: "call", call };
}

export const complete = (text: string): Upload => ({
  kind: "complete",
  body: new TextEncoder().encode(text),
  contentType: "application/json",
});

export const responseBegins = (requestId: string, responseMode?: string, invocationId?: string): Call => ({
  call: "response begins",
  requestId,
  invocationId,
  responseMode,
  contentType: "application/json",
});

export const responseEnds = (requestId: string, upload: Upload = complete("ok"), bytes = 2): Call => ({
  call: "response ends",
  requestId,
  upload,
  bytes,
});

export const errorBegins = (requestId: string, invocationId?: string): Call => ({
  call: "error begins",
  requestId,
  invocationId,
});

export const errorEnds = (requestId: string, upload: Upload = complete("bad"), errorType = "Function.Bad"): Call => ({
  call: "error ends",
  requestId,
  upload,
  errorType,
  xrayCause: undefined,
});

export const initError = (text = "no handler", errorType = "Runtime.ImportModuleError"): Call => ({
  call: "init error",
  errorType,
  body: new TextEncoder().encode(text),
});

export type Handler = (event: InvocationEvent, count: number) => Script;

/** Answers every invocation, after `workMs`, in `uploadMs`; then takes `afterMs` to ask for the next. */
export const answering = ({
  workMs = 30,
  uploadMs = 0,
  afterMs = 0,
  mode = undefined as string | undefined,
} = {}): Handler =>
  function* answer({ requestId }) {
    yield wait(workMs);
    yield* ask(responseBegins(requestId, mode));
    yield wait(uploadMs);
    yield* ask(responseEnds(requestId));
    yield wait(afterMs);
  };

export const failing: Handler = function* fail({ requestId }) {
  yield wait(30);
  yield* ask(errorBegins(requestId));
  yield* ask(errorEnds(requestId));
};

export const exiting = (exit: ProcessExit, afterMs = 30): Handler =>
  function* end() {
    yield wait(afterMs);
    yield { move: "exit", exit };
  };

export const silent: Handler = function* hang() {
  yield wait(1_000_000);
};

/** One handler an invocation; the last one goes on. */
export const inTurn =
  (...handlers: readonly [Handler, ...Handler[]]): Handler =>
  (event, count) =>
    (handlers[count] ?? handlers[handlers.length - 1] ?? silent)(event, count);

interface RuntimeOptions {
  readonly initMs?: number;
  readonly handler?: Handler;
  readonly diesAfterMs?: number | "never";
  readonly restore?: { readonly afterMs: number };
}

/** Asks for invocations and handles them. */
export function runtime({
  initMs = 20,
  handler = answering(),
  diesAfterMs = 5,
  restore,
}: RuntimeOptions = {}): Behaviour {
  return {
    diesAfterMs,
    *script() {
      yield wait(initMs);
      if (restore !== undefined) {
        yield* ask({ call: "restore next" });
        yield wait(restore.afterMs);
      }
      for (let count = 0; ; count++) {
        const outcome = yield* ask({ call: "runtime next" });
        if (outcome?.kind !== "invocation") return;
        yield* handler(outcome.event, count);
      }
    },
  };
}

/** What a process does in each generation, the last for all that follow. */
export const byGeneration = (...behaviours: readonly [Behaviour, ...Behaviour[]]): Behaviour => ({
  script: (generation) =>
    (behaviours[generation - 1] ?? behaviours[behaviours.length - 1] ?? behaviours[0]).script(generation),
});

/** Follows a fixed list of moves, then stays alive and does nothing. */
export const moves = (...list: readonly Move[]): Behaviour => ({
  *script() {
    yield* list;
  },
});

export const after = (ms: number, ...list: readonly Move[]): readonly Move[] => [wait(ms), ...list];
export const exit = (code = 1): Move => ({ move: "exit", exit: exitStatus(code) });
export const call = (made: Call): Move => ({ move: "call", call: made });

interface ExtensionOptions {
  readonly events?: readonly string[];
  readonly initMs?: number;
  /** From registration to the first event/next. */
  readonly readyMs?: number;
  readonly workMs?: number;
  readonly shutdownMs?: number;
  readonly exitCode?: number;
}

/** Registers, asks for events and handles them; on SHUTDOWN it exits. */
export function extension(name: string, options: ExtensionOptions = {}): Behaviour {
  const { events = ["INVOKE", "SHUTDOWN"], initMs = 5, readyMs = 0, workMs = 10 } = options;
  const { shutdownMs = 10, exitCode = 0 } = options;
  return {
    *script(generation) {
      yield wait(initMs);
      const identifier = identifierOf(name, generation);
      yield* ask({ call: "register", name, events, freshIdentifier: identifier });
      yield wait(readyMs);
      for (;;) {
        const outcome = yield* ask({ call: "event next", identifier });
        if (outcome?.kind === "refused") return;
        if (outcome?.kind === "shutdown event") break;
        yield wait(workMs);
      }
      yield wait(shutdownMs);
      yield exit(exitCode);
    },
  };
}

export const identifierOf = (name: string, generation: number): string => `${name}-of-generation-${generation}`;
