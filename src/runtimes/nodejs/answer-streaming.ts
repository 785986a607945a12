/** Answers an invocation through a stream that the handler writes (ENV-122 to ENV-126). */
import { Agent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { whenEventLoopIsEmpty } from "./empty-event-loop.ts";
import { reportOf, headerSafe, xrayCauseOf } from "./error-report.ts";
import type { FunctionConsole } from "./function-console.ts";
import type { HandlerMode } from "./handler-mode.ts";
import { addContext } from "./invocation-context.ts";
import type { Handler } from "./load-handler.ts";
import { responseStream } from "./response-stream.ts";
import { echo, pathOf, runtimeBasePath, type Answer, type InvocationRequest, type RuntimeApi } from "./runtime-api.ts";

// Apart from the connection that waits for invocations; no time limits here either.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

type StreamingMode = Extract<HandlerMode, { readonly mode: "streaming" }>;

export function answerStreaming(api: RuntimeApi, handler: Handler, mode: StreamingMode, log: FunctionConsole): Answer {
  return (invocation, done) => {
    let event: unknown;
    let context: { callbackWaitsForEmptyEventLoop?: boolean };
    try {
      context = addContext(mode.knowsCallbacks ? { callbackWaitsForEmptyEventLoop: true } : {}, invocation);
      event = JSON.parse(invocation.eventText);
    } catch (error) {
      // No stream is open yet, so this failure still has the usual way (ENV-126).
      log.logError("Invoke Error", error);
      api.postError(invocation, JSON.stringify(reportOf(error)), xrayCauseOf(error), done);
      return;
    }
    const request = openStream(api, invocation, mode.highWaterMark);
    const answered = answerOf(request);
    const proceed = (): void => {
      if (context.callbackWaitsForEmptyEventLoop) whenEventLoopIsEmpty(done);
      else done();
    };
    const fail = (thrown: unknown): void => {
      log.logError("Invoke Error", thrown);
      endWithError(request, thrown);
      void answered.then(proceed, proceed);
    };
    void runHandler(handler, mode, event, request, context, answered).then(proceed, fail);
  };
}

/** Nothing is sent before the handler's first write. */
function openStream(
  { host, port }: RuntimeApi,
  invocation: InvocationRequest,
  highWaterMark: number | undefined,
): ClientRequest {
  return httpRequest({
    host,
    port,
    agent,
    ...(highWaterMark === undefined ? {} : { highWaterMark }),
    method: "POST",
    path: runtimeBasePath + pathOf(invocation, "response"),
    headers: {
      ...echo(invocation),
      "Content-Type": "application/octet-stream",
      "Transfer-Encoding": "chunked",
      "Lambda-Runtime-Function-Response-Mode": "streaming",
      Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    },
  });
}

async function runHandler(
  handler: Handler,
  mode: StreamingMode,
  event: unknown,
  request: ClientRequest,
  context: object,
  answered: Promise<void>,
): Promise<void> {
  const result = handler(event, responseStream(request), context);
  if (typeof (result as { then?: unknown } | undefined)?.then !== "function") {
    const text = "Streaming does not support non-async handlers.";
    // The older client throws the bare text, whose error type is then `string`.
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
    throw mode.knowsCallbacks ? text : new Error(text);
  }
  if ((await result) !== undefined) console.warn("Streaming handlers ignore return values.");
  // The handler may return before its stream has ended: the invocation is over when the platform has all of it.
  await answered;
}

/** Settles when the platform has taken the whole response. */
function answerOf(request: ClientRequest): Promise<void> {
  const answered = new Promise<void>((resolve, reject) => {
    request.on("response", (answer: IncomingMessage) => {
      answer.resume();
      answer.on("end", resolve);
    });
    request.on("error", reject);
  });
  // A handler that is still writing must not turn a lost connection into an unhandled rejection.
  answered.catch(() => {});
  return answered;
}

/** The error follows the bytes already sent, in trailers (RT-60). */
function endWithError(request: ClientRequest, thrown: unknown): void {
  if (request.writableEnded || request.destroyed) return;
  const report = reportOf(thrown);
  request.addTrailers({
    "Lambda-Runtime-Function-Error-Type": headerSafe(report.errorType),
    "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(report)).toString("base64"),
  });
  request.end();
}
