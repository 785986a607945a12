/** Requests of the Runtime API that carry more than their path. */
import { runtimeHeaders } from "../protocol/runtime-api.ts";
import { methodNotAllowed, notFound } from "./answers.ts";
import { headerOf, textHeaderOf, type RequestHead } from "./exchange.ts";
import type { Plan } from "./plan.ts";

const invocationId = runtimeHeaders.invocationId.toLowerCase();
const responseMode = runtimeHeaders.responseMode.toLowerCase();
const functionErrorType = runtimeHeaders.functionErrorType.toLowerCase();
const xrayErrorCause = runtimeHeaders.xrayErrorCause.toLowerCase();

/** `{id}/response` and `{id}/error`; `rest` is what follows `/runtime/invocation/`. */
export function planResult(head: RequestHead, rest: string): Plan {
  const slash = rest.indexOf("/");
  if (slash <= 0) return { plan: "answer", answer: notFound };
  const requestId = rest.slice(0, slash);
  const what = rest.slice(slash + 1);
  if (what !== "response" && what !== "error") return { plan: "answer", answer: notFound };
  if (head.method !== "POST") return { plan: "answer", answer: methodNotAllowed };
  return what === "response" ? planResponse(head, requestId) : planError(head, requestId);
}

const planResponse = (head: RequestHead, requestId: string): Plan => ({
  plan: "response",
  requestId,
  invocationId: headerOf(head, invocationId),
  responseMode: headerOf(head, responseMode),
  contentType: headerOf(head, "content-type"),
});

const planError = (head: RequestHead, requestId: string): Plan => ({
  plan: "error",
  requestId,
  invocationId: headerOf(head, invocationId),
  errorType: textHeaderOf(head, functionErrorType),
  xrayCause: textHeaderOf(head, xrayErrorCause),
  contentType: headerOf(head, "content-type"),
});

/** `init/error` and `restore/error`. */
export const planPhaseError = (head: RequestHead, phase: "init" | "restore"): Plan => ({
  plan: "phase error",
  phase,
  errorType: textHeaderOf(head, functionErrorType),
});
