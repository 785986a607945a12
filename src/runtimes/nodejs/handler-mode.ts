/** How a handler wants to be called, judged by the function itself and the runtime identifier. */
import { CallbackHandlerDeprecated, MalformedStreamingHandler } from "./error-report.ts";
import type { Handler } from "./load-handler.ts";
import { highWaterMarkKey, streamingKey } from "./streaming-global.ts";

export type HandlerMode =
  /** Up to Node.js 22: promises and callbacks. */
  | { readonly mode: "callback"; readonly isAsync: boolean }
  /** From Node.js 24 on: what it returns, awaited, is the response. */
  | { readonly mode: "promise" }
  | { readonly mode: "streaming"; readonly highWaterMark: number | undefined; readonly knowsCallbacks: boolean };

/** @throws `Runtime.CallbackHandlerDeprecated`, `Runtime.MalformedStreamingHandler` */
export function handlerMode(handler: Handler): HandlerMode {
  const marks = handler as unknown as { [streamingKey]?: unknown; [highWaterMarkKey]?: unknown };
  const knowsCallbacks = runtimeMajor() < 24;
  const streaming = marks[streamingKey];
  if (streaming) {
    if (streaming !== "response") throw new MalformedStreamingHandler("Only response streaming is supported.");
    const highWaterMark = Number(marks[highWaterMarkKey]);
    return { mode: "streaming", highWaterMark: highWaterMark || undefined, knowsCallbacks };
  }
  if (knowsCallbacks) return { mode: "callback", isAsync: handler.constructor.name === "AsyncFunction" };
  if (handler.length >= 3) {
    throw new CallbackHandlerDeprecated(
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. " +
        "You need to modify this function to use a supported handler signature to use Node.js 24 or later. " +
        "For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return { mode: "promise" };
}

/** The function's runtime decides, not the interpreter: `nodejs22.x` keeps callbacks wherever it has to run. */
function runtimeMajor(): number {
  const named = /nodejs(\d+)/.exec(process.env["AWS_EXECUTION_ENV"] ?? "")?.[1];
  return Number(named ?? process.versions.node.split(".")[0]);
}
