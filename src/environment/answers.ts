/** The one answer to the caller. */
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
