/** An invocation as the library gives it: a promise of the result, with the answer and the stream before it. */
import type { Readable } from "node:stream";
import { failure } from "../errors.ts";
import type { Conclusion, InvocationInFlight } from "../host/callers.ts";
import type { InvocationRequest } from "../host/new-invocation.ts";

export interface InvokeOptions {
  /** Becomes the handler's `context.clientContext`: an object, or its JSON text. */
  readonly clientContext?: unknown;
  readonly cognitoIdentity?: { readonly identityId: string; readonly identityPoolId: string };
  readonly tenantId?: string;
  /** `X-Amzn-Trace-Id` of the request, such as `Root=1-…;Parent=…;Sampled=1`. */
  readonly traceHeader?: string;
  /** Version or alias to name in the ARN. */
  readonly qualifier?: string;
  /** True reads the response while it arrives, as InvokeWithResponseStream does; default false, as Invoke does. */
  readonly streaming?: boolean;
}

export interface InvocationResult {
  readonly requestId: string;
  /** The parsed JSON, or a string where it is not JSON. */
  readonly payload: unknown;
  /** The payload as it was sent. */
  readonly payloadBytes: Uint8Array;
  /** Present when the function failed. */
  readonly functionError?: "Unhandled";
  /** The whole phase, extensions included, in milliseconds (LIFE-43). */
  readonly durationMs: number;
  readonly billedDurationMs: number;
  /** Only of the first invocation after an Init phase that succeeded (EVT-59). */
  readonly initDurationMs?: number;
  /** Whole MB; 0 when the sandbox cannot measure it. */
  readonly maxMemoryUsedMb: number;
  /** The last 4 KB of the invocation's log, REPORT included. */
  readonly logTail: string;
  /** How the environment's phase ended: a handler's error is a success of the environment (LIFE-44). */
  readonly status: "success" | "error" | "failure" | "timeout";
  readonly errorType?: string;
}

/** What the caller of Lambda has as soon as the response is complete, extensions still at work (LIFE-38). */
export interface Answer {
  readonly payload: unknown;
  readonly functionError?: "Unhandled";
}

/** Fulfilled when the invocation's phase is over. */
export interface Invocation extends Promise<InvocationResult> {
  readonly requestId: string;
  /** Fulfilled as soon as the response is complete (RT-33). */
  answered(): Promise<Answer>;
  /** The payload's bytes, while they arrive when `streaming` was asked for. */
  readonly stream: Readable & {
    /** The runtime's content type of a streamed response, once its first byte came (RT-52). */
    readonly contentType: string | undefined;
  };
}

export function toRequest(event: unknown, options: InvokeOptions): InvocationRequest {
  const { clientContext, ...rest } = options;
  return {
    ...rest,
    ...(event === undefined ? {} : { payload: toBytes(event) }),
    ...(clientContext === undefined ? {} : { clientContext: toJsonText(clientContext) }),
  };
}

const toBytes = (event: unknown): Uint8Array =>
  event instanceof Uint8Array ? event : Buffer.from(JSON.stringify(event) ?? "null");

const toJsonText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export function toInvocation(inFlight: InvocationInFlight, streaming: boolean): Invocation {
  const result = inFlight.concluded.then((conclusion) => toResult(inFlight, conclusion, streaming));
  // Whoever asks for the answer or reads the stream need not wait for the result: its failure must not end their process.
  const markHandled = (): void => void result.catch(() => undefined);
  return Object.defineProperties(result, {
    requestId: { value: inFlight.requestId, enumerable: true },
    stream: {
      enumerable: true,
      get() {
        markHandled();
        return inFlight.stream;
      },
    },
    answered: {
      value: async (): Promise<Answer> => {
        markHandled();
        const answer = await inFlight.answered;
        if (answer.kind === "service error") throw failure("service-exception", answer);
        return { payload: parse(inFlight.stream.payload()), ...functionError(answer.kind, streaming) };
      },
    },
  }) as Invocation;
}

function toResult(
  { requestId, stream }: InvocationInFlight,
  { answer, report, logTail }: Conclusion,
  streaming: boolean,
): InvocationResult {
  if (answer.kind === "service error" || report === undefined)
    throw failure("service-exception", answer.kind === "service error" ? answer : unreported);
  const bytes = stream.payload();
  return {
    requestId,
    payload: parse(bytes),
    payloadBytes: bytes,
    ...functionError(answer.kind, streaming),
    durationMs: report.durationMs,
    billedDurationMs: report.billedDurationMs,
    ...(report.initDurationMs === undefined ? {} : { initDurationMs: report.initDurationMs }),
    maxMemoryUsedMb: report.maxMemoryUsedMB,
    logTail: Buffer.from(logTail, "base64").toString("utf8"),
    status: report.status,
    ...(report.errorType === undefined ? {} : { errorType: report.errorType }),
  };
}

const unreported = { exception: "ServiceException" as const, message: "the invocation ended without a report" };

/** RT-62: a stream that ends in a handler's error carries no mark; RT-109: everything else does. */
const functionError = (kind: string, streaming: boolean): { functionError?: "Unhandled" } =>
  kind === "platform error" || (kind === "posted error" && !streaming) ? { functionError: "Unhandled" } : {};

function parse(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
