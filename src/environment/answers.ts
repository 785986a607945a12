/** The one answer to the caller. */
import type { Upload } from "./calls.ts";
import { fatalPayload } from "./exits.ts";
import type { Fatal, Invocation, InvocationAnswer } from "./invocation.ts";
import type { Turn } from "./turn.ts";

export const answerInvocation = (turn: Turn, { requestId }: Invocation, answer: InvocationAnswer): void => {
  turn.effects.push({ effect: "answer caller", requestId, answer });
};

/** What is the platform's own fault is an error of the Invoke API, not of the function (SVC-150). */
export const failureAnswer = ({ requestId }: Invocation, fatal: Fatal): InvocationAnswer =>
  fatal.status === "failure"
    ? { kind: "service error", exception: "ServiceException", status: 500, message: fatal.text }
    : { kind: "platform error", payload: fatalPayload(requestId, fatal) };

/** The bytes are with the caller already; what is left to say is whether they are all. */
export const streamedAnswer = (failure: string | undefined): InvocationAnswer => ({
  kind: "streamed response",
  ...(failure === undefined ? {} : { failure }),
});

export const fatalJson = ({ requestId }: Invocation, fatal: Fatal): string =>
  JSON.stringify(fatalPayload(requestId, fatal));

/** RT-60: the runtime's own JSON, or what is known without it. */
export function errorInTrailers({ trailers }: Extract<Upload, { kind: "complete" }>): string | undefined {
  if (trailers === undefined) return undefined;
  const { errorType = "Runtime.Unknown", errorBody } = trailers;
  return errorBody === undefined ? JSON.stringify({ errorType }) : Buffer.from(errorBody, "base64").toString("utf8");
}
