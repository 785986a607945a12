/** What AWS's JSON protocols 1.0 and 1.1 have in common: the operation in a header, errors by `__type`. */
import type { Reading, WireAnswer, WireRequest } from "../wire-format.ts";

export const awsJson = (status: number, value: unknown): WireAnswer => ({
  status,
  headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId },
  body: JSON.stringify(value),
});

/** SDKs print it; the same for all, so that output of tests is the same too. */
const requestId = "00000000-0000-4000-8000-000000000000";

/** `PutLogEvents` of `Logs_20140328.PutLogEvents`. */
export const operationOf = ({ headers }: WireRequest): string =>
  (headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";

/** The names AWS's services share (their common errors). Whoever is throttled there is answered 400, not 429. */
export function awsFailure(status: number, why: string): WireAnswer {
  const type = errorTypes[status] ?? (status >= 500 ? "InternalFailure" : "ValidationException");
  return awsJson(status === 429 ? 400 : status, { __type: type, message: why });
}

const errorTypes: Readonly<Record<number, string>> = {
  401: "UnrecognizedClientException",
  403: "ExpiredTokenException",
  429: "ThrottlingException",
  503: "ServiceUnavailableException",
};

export const unknownOperation = (service: string, operation: string): Reading<never> => ({
  kind: "unreadable",
  why: `this fake of ${service} has no operation ${operation === "" ? "without a name in X-Amz-Target" : operation}`,
  answer: awsJson(400, { __type: "UnknownOperationException" }),
});

/** Leads AWS's SDKs to `url`, with keys that open nothing; the function's own are used where it has some. */
export const awsVariables = (service: string, url: string): Readonly<Record<string, string>> => ({
  [`AWS_ENDPOINT_URL_${service}`]: url,
});
