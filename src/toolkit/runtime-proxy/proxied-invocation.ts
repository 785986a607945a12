/** What the proxy knows of an invocation, from the headers that pass through it. */
import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";

export interface ProxiedInvocation {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly invokedFunctionArn: string | undefined;
  /** The trace header, as the runtime gets it. */
  readonly traceId: string | undefined;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
}

export interface ProxiedAnswer {
  /** True when the runtime streams its response. */
  readonly streaming: boolean;
  readonly contentType: string | undefined;
  /** The error's type, where the runtime names it in a header; many say it in the body only. */
  readonly errorType: string | undefined;
}

/** Each gives what the body passes through, or nothing to let it pass as it is. What they throw lets it pass too. */
export interface ProxyHooks {
  /** The event, on its way to the runtime. */
  readonly onEvent?: (invocation: ProxiedInvocation) => Transform | undefined | void;
  /** The response, on its way to the platform. */
  readonly onResponse?: (
    invocation: ProxiedInvocation | undefined,
    answer: ProxiedAnswer,
  ) => Transform | undefined | void;
  /** The error of an invocation or of Init (`invocation` undefined), on its way to the platform. */
  readonly onError?: (invocation: ProxiedInvocation | undefined, answer: ProxiedAnswer) => Transform | undefined | void;
}

const firstOf = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** Undefined for an answer that hands out no invocation. */
export function invocationIn(headers: IncomingHttpHeaders): ProxiedInvocation | undefined {
  const requestId = firstOf(headers["lambda-runtime-aws-request-id"]);
  if (requestId === undefined) return undefined;
  return {
    requestId,
    deadlineMs: Number(firstOf(headers["lambda-runtime-deadline-ms"]) ?? 0),
    invokedFunctionArn: firstOf(headers["lambda-runtime-invoked-function-arn"]),
    traceId: firstOf(headers["lambda-runtime-trace-id"]),
    headers,
  };
}

export const answerIn = (headers: IncomingHttpHeaders): ProxiedAnswer => ({
  streaming: firstOf(headers["lambda-runtime-function-response-mode"])?.toLowerCase() === "streaming",
  contentType: headers["content-type"],
  errorType: firstOf(headers["lambda-runtime-function-error-type"]),
});
