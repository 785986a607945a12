/** The one answer to the caller. */
import type { Invocation, InvocationAnswer } from "./invocation.ts";
import type { Turn } from "./turn.ts";

export const answerInvocation = (turn: Turn, { requestId }: Invocation, answer: InvocationAnswer): void => {
  turn.effects.push({ effect: "answer caller", requestId, answer });
};

/** LIFE-80: the platform stops before the function could answer. */
export const stoppedAnswer: InvocationAnswer = {
  kind: "service error",
  exception: "ServiceException",
  status: 500,
  message: "The platform was stopped before the invocation ended.",
};
