/** The loop: ask for an invocation, answer it, ask again. */
import type { FunctionConsole } from "./function-console.ts";
import { answerWhole } from "./answer-whole.ts";
import { forgetEventLoop } from "./empty-event-loop.ts";
import { fatalErrorsBelongTo, isEnding } from "./fatal-errors.ts";
import type { HandlerMode } from "./handler-mode.ts";
import { publishTrace, tenantOf } from "./invocation-context.ts";
import type { Handler } from "./load-handler.ts";
import type { Answer, RuntimeApi } from "./runtime-api.ts";

export async function answerInvocations(
  api: RuntimeApi,
  handler: Handler,
  mode: HandlerMode,
  log: FunctionConsole,
): Promise<void> {
  // Only functions that stream pay for loading the stream.
  const answer: Answer =
    mode.mode === "streaming"
      ? (await import("./answer-streaming.ts")).answerStreaming(api, handler, mode, log)
      : answerWhole(api, handler, mode, log);

  const next = (): void => {
    forgetEventLoop();
    api.next((invocation) => {
      log.setRequest(invocation.id, tenantOf(invocation.headers));
      fatalErrorsBelongTo(invocation.id);
      publishTrace(invocation.headers);
      answer(invocation, next);
    });
  };

  const begin = process.env["AWS_LAMBDA_INITIALIZATION_TYPE"] === "snap-start" ? () => api.restoreNext(next) : next;
  // A promise that the module's code rejected and left must still count as an error of Init (ENV-118), and Node tells
  // of it only after the current turn.
  setImmediate(() => {
    if (!isEnding()) begin();
  });
}
