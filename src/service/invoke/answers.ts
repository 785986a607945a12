/** How an invocation that began is answered: Invoke's headers and body (SVC-128, SVC-133, SVC-141, SVC-143). */
import type { AwsResponse } from "../../aws-api/exchange.ts";
import type { InvocationInFlight } from "../../host/callers.ts";
import { formatTraceHeader } from "../../protocol/trace-header.ts";
import { errorResponse } from "../error-response.ts";
import { type ServiceError, serviceError, serviceErrors, type ServiceErrorName } from "../service-error.ts";
import type { BegunCall } from "./begin-call.ts";

export type RunningCall = Extract<BegunCall, { kind: "begun" }>;

export type CallAnswer = Awaited<InvocationInFlight["answered"]>;

/** With `tail` once runtime and extensions are done, without it as soon as the runtime has answered (SVC-143). */
export async function invokeResponse(call: RunningCall, tail: boolean): Promise<AwsResponse> {
  const { inFlight } = call;
  const answer = await inFlight.answered;
  if (answer.kind === "service error") return errorResponse(failureOf(answer));
  const logResult = tail ? (await inFlight.concluded).logTail : undefined;
  return {
    status: 200,
    headers: {
      "Content-Type": "application/json",
      ...callHeaders(call),
      ...(isFunctionError(answer) ? { "X-Amz-Function-Error": "Unhandled" } : {}),
      ...(logResult === undefined ? {} : { "X-Amz-Log-Result": logResult }),
    },
    body: inFlight.stream.payload(),
  };
}

export const callHeaders = ({ version, trace }: RunningCall): Record<string, string> => ({
  "X-Amz-Executed-Version": version.version,
  "X-Amzn-Trace-Id": formatTraceHeader(trace.header) ?? "",
});

export const isFunctionError = ({ kind }: CallAnswer): boolean => kind === "posted error" || kind === "platform error";

/** A failure of the service itself: a restore that failed, a stop (SVC-150, SVC-230). */
export function failureOf({ exception, message }: Extract<CallAnswer, { kind: "service error" }>): ServiceError {
  return serviceError(isKnown(exception) ? exception : "ServiceException", message);
}

const isKnown = (name: string): name is ServiceErrorName => name in serviceErrors;
