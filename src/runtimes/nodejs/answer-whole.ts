/** Answers an invocation with one value: from a promise, a callback, or the end of the event loop. */
import { forgetEventLoop, whenEventLoopIsEmpty } from "./empty-event-loop.ts";
import { JSONStringifyError, NodeJsExit, reportOf, xrayCauseOf } from "./error-report.ts";
import type { FunctionConsole } from "./function-console.ts";
import type { HandlerMode } from "./handler-mode.ts";
import { addContext } from "./invocation-context.ts";
import type { Handler } from "./load-handler.ts";
import type { Answer, InvocationRequest, RuntimeApi } from "./runtime-api.ts";

type WholeMode = Exclude<HandlerMode, { readonly mode: "streaming" }>;

interface Outlets {
  readonly succeed: (value: unknown) => void;
  readonly fail: (thrown: unknown) => void;
}

export function answerWhole(api: RuntimeApi, handler: Handler, mode: WholeMode, log: FunctionConsole): Answer {
  return (invocation, done) => {
    let finished = false;
    const fail = (thrown: unknown): void => {
      if (finished) return;
      finished = true;
      forgetEventLoop();
      reportFailure(api, log, invocation, thrown, done);
    };
    const succeed = (value: unknown): void => {
      if (finished) return;
      const body = toJson(value);
      if (body === undefined) {
        // A type of its own it has from Node.js 24 on only.
        const Unsaid = mode.mode === "promise" ? JSONStringifyError : Error;
        return fail(new Unsaid("Unable to stringify response body"));
      }
      finished = true;
      forgetEventLoop();
      api.respond(invocation, body, done);
    };
    const outlets: Outlets = { succeed, fail };
    try {
      if (mode.mode === "callback") callWithCallback(handler, mode.isAsync, invocation, outlets);
      else callForPromise(handler, invocation, outlets);
    } catch (error) {
      fail(error);
    }
  };
}

/** From Node.js 24 on there is no callback to wait for: a value is an answer, whatever it is. */
function callForPromise(handler: Handler, invocation: InvocationRequest, { succeed, fail }: Outlets): void {
  const context = addContext({}, invocation);
  whenEventLoopIsEmpty(() => failAndExit(fail));
  const result = handler(JSON.parse(invocation.eventText), context);
  if (isThenable(result)) result.then(succeed, fail);
  else succeed(result);
}

function callWithCallback(handler: Handler, isAsync: boolean, invocation: InvocationRequest, outlets: Outlets): void {
  let waitsForEmptyEventLoop = true;
  let answered = false;
  const once =
    (outlet: (...parameters: unknown[]) => void) =>
    (...parameters: unknown[]): void => {
      if (answered) return;
      answered = true;
      outlet(...parameters);
    };
  const succeed = once(outlets.succeed);
  const fail = once((thrown) => outlets.fail(thrown ?? "handled"));
  const done = once((error, value) => (isGiven(error) ? outlets.fail(error) : outlets.succeed(value)));
  const callback = once((error, value) => {
    if (isGiven(error)) outlets.fail(error);
    else if (!waitsForEmptyEventLoop) outlets.succeed(value);
    else whenEventLoopIsEmpty(() => outlets.succeed(value));
  });
  const context = addContext(
    {
      get callbackWaitsForEmptyEventLoop(): boolean {
        return waitsForEmptyEventLoop;
      },
      set callbackWaitsForEmptyEventLoop(value: boolean) {
        waitsForEmptyEventLoop = value;
      },
      succeed,
      fail,
      done,
    },
    invocation,
  );
  // A plain function that forgot its callback gets `null` (ENV-113), an async one is stuck for good (ENV-114).
  whenEventLoopIsEmpty(() => (isAsync ? failAndExit(outlets.fail) : outlets.succeed(null)));
  const result = handler(JSON.parse(invocation.eventText), context, callback);
  if (isThenable(result)) result.then(succeed, fail);
}

const isGiven = (error: unknown): boolean => error !== undefined && error !== null;

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/** `undefined` when the value cannot be said in JSON: circular, a BigInt, or a `toJSON` that throws. */
function toJson(value: unknown): string | undefined {
  try {
    // A function or symbol has no JSON text; like `undefined` it becomes `null`.
    return JSON.stringify(value) ?? "null";
  } catch {
    return undefined;
  }
}

function reportFailure(
  api: RuntimeApi,
  log: FunctionConsole,
  invocation: InvocationRequest,
  thrown: unknown,
  done: () => void,
): void {
  log.logError("Invoke Error", thrown);
  api.postError(invocation, JSON.stringify(reportOf(thrown)), xrayCauseOf(thrown), () => {
    if (thrown instanceof NodeJsExit) process.exit(unsettledTopLevelAwait);
    done();
  });
}

/** Node's own status for a promise that nothing can settle any more. */
const unsettledTopLevelAwait = 13;

function failAndExit(fail: (thrown: unknown) => void): void {
  fail(
    new NodeJsExit(
      "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise " +
        "that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
    ),
  );
}
