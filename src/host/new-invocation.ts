/** An invocation as the front door makes it: ids, trace header and ARN (RT-17 to RT-27). */
import { randomUUID } from "node:crypto";
import type { Invocation } from "../environment/invocation.ts";
import { failure } from "../errors.ts";
import { maxSynchronousEventBytes } from "../protocol/runtime-api.ts";
import { attemptDigits, attemptHeaders, beginTrace, requestTraceDigits } from "../protocol/request-trace.ts";
import type { RequestTrace } from "../protocol/traced-invocation.ts";
import { functionArn, type HostedFunction } from "./hosted-function.ts";
import { randomHex } from "./random-hex.ts";

export interface InvocationRequest {
  /** As the caller sent it; an absent payload becomes `{}` (RT-27). */
  readonly payload?: Uint8Array;
  /** JSON text; what the Invoke API carries base64-encoded (RT-23). */
  readonly clientContext?: string;
  readonly cognitoIdentity?: { readonly identityId: string; readonly identityPoolId: string };
  readonly tenantId?: string;
  /** What the caller was told already; a new one when absent. */
  readonly requestId?: string;
  /** `X-Amzn-Trace-Id` of the request (RT-22). */
  readonly traceHeader?: string;
  /** In place of `traceHeader`: the trace that an earlier attempt at the same event began (OBS-75). */
  readonly trace?: RequestTrace;
  /** Version or alias the caller named. */
  readonly qualifier?: string;
  /** The caller reads the response while it arrives (RT-51). */
  readonly streaming?: boolean;
}

/**
 * `decide` says whether a request is sampled that nobody decided about (OBS-68); asked in mode Active only.
 * @throws LambdariumError `event-too-large`: the front door refuses it with 413 (RT-28).
 */
export function newInvocation(
  hosted: HostedFunction,
  request: InvocationRequest,
  now: number,
  decide: () => boolean = () => false,
): Invocation {
  const { payload, clientContext, cognitoIdentity, tenantId, streaming = false } = request;
  if (payload !== undefined && payload.length > maxSynchronousEventBytes)
    throw failure("event-too-large", { bytes: payload.length });
  const trace = request.trace ?? newTrace(hosted, request, now, decide);
  return {
    requestId: request.requestId ?? randomUUID(),
    invocationId: randomUUID(),
    payload: payload === undefined || payload.length === 0 ? emptyEvent : payload,
    contentType: "application/json",
    invokedFunctionArn: functionArn(hosted, request.qualifier),
    ...attemptHeaders(trace, randomHex(attemptDigits)),
    ...(clientContext === undefined ? {} : { clientContext }),
    ...(cognitoIdentity === undefined ? {} : { cognitoIdentity }),
    ...(tenantId === undefined ? {} : { tenantId }),
    streaming,
  };
}

const newTrace = (
  { tracingMode: mode }: HostedFunction,
  { traceHeader: incoming }: InvocationRequest,
  now: number,
  decide: () => boolean,
): RequestTrace => beginTrace({ incoming, mode, now, randomHex: randomHex(requestTraceDigits), decide });

const emptyEvent = Buffer.from("{}");
