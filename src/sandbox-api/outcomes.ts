/** What an environment says, as an answer. */
import type { InvocationEvent, Outcome } from "../environment/calls.ts";
import { extensionHeaders } from "../protocol/extensions-api.ts";
import { internalServerError } from "../protocol/refusals.ts";
import { runtimeHeaders } from "../protocol/runtime-api.ts";
import { accepted, answer, jsonAnswer, refusalAnswer, restored, switchedOff, textAnswer } from "./answers.ts";
import { headerText, type Answer } from "./exchange.ts";
import { jsonText } from "./json.ts";
import type { EnvironmentPort } from "./port.ts";

/** What answers say that no outcome tells. */
export type AnswerFacts = Pick<
  EnvironmentPort,
  "functionName" | "functionVersion" | "handler" | "accountId" | "newIdentifier"
>;

/** The answer for an outcome; `wantsAccountId` matters to a registration only (EXT-26). */
export function renderOutcome(outcome: Outcome, facts: AnswerFacts, wantsAccountId = false): Answer {
  switch (outcome.kind) {
    case "invocation":
      return renderInvocation(outcome.event);
    case "accepted":
      return accepted;
    case "invoke event":
      return renderInvokeEvent(outcome, facts);
    case "shutdown event":
      return renderShutdownEvent(outcome);
    case "registered":
      return renderRegistered(outcome.identifier, facts, wantsAccountId);
    case "restored":
      return restored;
    case "switched off":
      return switchedOff;
    case "refused":
      return refusalAnswer(outcome.refusal);
    // These two lead to a further question and never to an answer.
    case "read body":
    case "may subscribe":
      return refusalAnswer(internalServerError);
    default:
      return outcome satisfies never;
  }
}

/** RT-16 to RT-27 */
function renderInvocation(event: InvocationEvent): Answer {
  const { payload, clientContext, cognitoIdentity, tenantId } = event;
  const headers = [
    "Content-Type",
    headerText(event.contentType),
    runtimeHeaders.requestId,
    event.requestId,
    runtimeHeaders.invocationId,
    event.invocationId,
    runtimeHeaders.deadlineMs,
    String(Math.trunc(event.deadlineMs)),
    runtimeHeaders.invokedFunctionArn,
    event.invokedFunctionArn,
    runtimeHeaders.traceId,
    headerText(event.traceHeader),
  ];
  if (clientContext !== undefined) headers.push(runtimeHeaders.clientContext, headerText(clientContext));
  if (cognitoIdentity !== undefined) {
    const { identityId: cognitoIdentityId, identityPoolId: cognitoIdentityPoolId } = cognitoIdentity;
    headers.push(runtimeHeaders.cognitoIdentity, headerText(jsonText({ cognitoIdentityId, cognitoIdentityPoolId })));
  }
  if (tenantId !== undefined) headers.push(runtimeHeaders.tenantId, headerText(tenantId));
  return answer(200, headers, payload.byteLength === 0 ? "{}" : payload);
}

/** EXT-52, EXT-53: a list of members in this order, no line feed. */
function renderInvokeEvent(
  { deadlineMs, requestId, invokedFunctionArn, traceHeader }: Extract<Outcome, { kind: "invoke event" }>,
  facts: AnswerFacts,
): Answer {
  const event = {
    eventType: "INVOKE",
    deadlineMs: Math.trunc(deadlineMs),
    requestId,
    invokedFunctionArn,
    tracing: { type: "X-Amzn-Trace-Id", value: traceHeader },
  };
  const headers = ["Content-Type", "application/json", extensionHeaders.eventIdentifier, facts.newIdentifier()];
  return answer(200, headers, jsonText(event));
}

/** EXT-59, EXT-60: real Lambda sends this one as plain text. */
function renderShutdownEvent({ deadlineMs, reason }: Extract<Outcome, { kind: "shutdown event" }>): Answer {
  const event = { eventType: "SHUTDOWN", deadlineMs: Math.trunc(deadlineMs), shutdownReason: reason };
  return textAnswer(200, jsonText(event));
}

/** EXT-23 to EXT-27 */
function renderRegistered(identifier: string, facts: AnswerFacts, wantsAccountId: boolean): Answer {
  const { functionName, functionVersion, handler, accountId } = facts;
  const about = { functionName, functionVersion, handler };
  const { status, headers, body } = jsonAnswer(200, `${jsonText(wantsAccountId ? { accountId, ...about } : about)}\n`);
  return { status, headers: [...headers, extensionHeaders.identifier, identifier], body };
}
