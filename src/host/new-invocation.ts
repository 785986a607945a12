/** An invocation as the front door makes it: ids, trace header and ARN (RT-17 to RT-27). */
import { randomBytes, randomUUID } from "node:crypto";
import type { Invocation } from "../environment/invocation.ts";
import { failure } from "../errors.ts";
import { maxSynchronousEventBytes } from "../protocol/runtime-api.ts";
import { continueTrace, formatTraceHeader } from "../protocol/trace-header.ts";
import { functionArn, type HostedFunction } from "./hosted-function.ts";

export interface InvocationRequest {
  /** As the caller sent it; an absent payload becomes `{}` (RT-27). */
  readonly payload?: Uint8Array;
  /** JSON text; what the Invoke API carries base64-encoded (RT-23). */
  readonly clientContext?: string;
  readonly cognitoIdentity?: { readonly identityId: string; readonly identityPoolId: string };
  readonly tenantId?: string;
  /** `X-Amzn-Trace-Id` of the request (RT-22). */
  readonly traceHeader?: string;
  /** Version or alias the caller named. */
  readonly qualifier?: string;
  /** The caller reads the response while it arrives (RT-51). */
  readonly streaming?: boolean;
}

/** @throws LambdariumError `event-too-large`: the front door refuses it with 413 (RT-28). */
export function newInvocation(hosted: HostedFunction, request: InvocationRequest, now: number): Invocation {
  const { payload, clientContext, cognitoIdentity, tenantId, streaming = false } = request;
  if (payload !== undefined && payload.length > maxSynchronousEventBytes)
    throw failure("event-too-large", { bytes: payload.length });
  // One piece of chance for the trace and both segments: to ask for it takes longer than to use it.
  const randomHex = randomBytes(36).toString("hex");
  const fresh = { epochSeconds: Math.floor(now / 1000), randomHex: randomHex.slice(0, 40) };
  const trace = continueTrace(request.traceHeader, fresh);
  const header = formatTraceHeader(trace) ?? "";
  const sampled = trace.sampled === "1";
  return {
    requestId: randomUUID(),
    invocationId: randomUUID(),
    payload: payload === undefined || payload.length === 0 ? emptyEvent : payload,
    contentType: "application/json",
    invokedFunctionArn: functionArn(hosted, request.qualifier),
    runtimeTraceHeader: header,
    extensionTraceHeader: header,
    // EVT-16, EVT-17: `value` without Lineage; the ids of segments are made here, as long as nothing stores them.
    ...(sampled ? { tracing: tracingOf(trace.root, randomHex.slice(40)) } : {}),
    ...(clientContext === undefined ? {} : { clientContext }),
    ...(cognitoIdentity === undefined ? {} : { cognitoIdentity }),
    ...(tenantId === undefined ? {} : { tenantId }),
    streaming,
  };
}

const emptyEvent = Buffer.from("{}");

const tracingOf = (root: string, randomHex: string) => ({
  spanId: randomHex.slice(0, 16),
  value: `Root=${root};Parent=${randomHex.slice(16, 32)};Sampled=1`,
});
