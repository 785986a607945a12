/** Function URLs as one of the APIs behind the front door (SVC-235 to SVC-253). */
import { type AwsApi, type AwsRequest, type AwsResponse, BodyTooLarge } from "../../aws-api/exchange.ts";
import type { FunctionDirectory, FunctionUrl } from "../directory.ts";
import { errorResponse } from "../error-response.ts";
import { failureOf, isFunctionError, type RunningCall } from "../invoke/answers.ts";
import type { BegunCall, FunctionCall } from "../invoke/begin-call.ts";
import { maxRequestResponseBytes } from "../invoke/invoke-requests.ts";
import { answerOf, describedAnswer, integrationContentType, internalServerError, splitPrelude } from "./url-answer.ts";
import { isPreflight, preflightHeaders, responseHeaders } from "./url-cors.ts";
import { urlEvent } from "./url-event.ts";
import { type UrlRequest, urlRequest } from "./url-request.ts";
import { streamedAnswer, type UrlStream } from "./url-stream.ts";

export interface FunctionUrlParts {
  readonly directory: Pick<FunctionDirectory, "functionUrl">;
  readonly begin: (call: FunctionCall) => Promise<BegunCall>;
  readonly accountId: string;
  readonly enforcePolicies: boolean;
  /** A root for requests that bring none. */
  readonly newTraceHeader: () => string;
}

/** Web pages may come in here: who may is what CORS and the auth type say. */
export const meansFunctionUrl = (request: AwsRequest): boolean => urlRequest(request) !== undefined;

export const functionUrlApi = (parts: FunctionUrlParts): AwsApi => ({
  service: "lambda-url",
  claims: meansFunctionUrl,
  answer: (request) => answer(request, parts),
});

async function answer(request: AwsRequest, parts: FunctionUrlParts): Promise<AwsResponse> {
  const means = urlRequest(request);
  const url = means === undefined ? undefined : parts.directory.functionUrl(means.id);
  if (means === undefined || url === undefined || !url.targetExists) return forbidden({ Message: null });
  const { cors } = url;
  if (cors !== undefined && isPreflight(request)) return { status: 200, headers: preflightHeaders(request, cors) };
  const refusal = refusalOf(request, url, parts.enforcePolicies);
  if (refusal !== undefined) return refusal;
  const body = await request.body(maxRequestResponseBytes).catch((error: unknown) => {
    if (error instanceof BodyTooLarge) return undefined;
    throw error;
  });
  if (body === undefined) return { status: 413, headers: json, body: '{"Message":"Request Entity Too Large"}' };
  const called = await invoke({ request, means, url, body }, parts);
  return toResponse(request, url, called);
}

interface UrlCall {
  readonly request: AwsRequest;
  readonly means: UrlRequest;
  readonly url: FunctionUrl;
  readonly body: Uint8Array;
}

async function invoke(call: UrlCall, parts: FunctionUrlParts): Promise<UrlStream | AwsResponse> {
  const { request, url } = call;
  const traceHeader = request.headers["x-amzn-trace-id"] ?? parts.newTraceHeader();
  const event = urlEvent({ ...call, accountId: parts.accountId, traceHeader, now: Date.now() });
  const streaming = url.invokeMode === "RESPONSE_STREAM";
  const payload = Buffer.from(JSON.stringify(event));
  const { target } = url;
  const begun = await parts.begin({ target, requestId: request.requestId, payload, traceHeader, streaming });
  if (begun.kind === "refused") return errorResponse(begun.error);
  return streaming ? streamedAnswer(begun) : bufferedAnswer(begun);
}

/** SVC-241 to SVC-243, SVC-246 */
async function bufferedAnswer({ inFlight }: RunningCall): Promise<UrlStream | AwsResponse> {
  const result = await inFlight.answered;
  if (result.kind === "service error") return errorResponse(failureOf(result));
  if (isFunctionError(result)) return internalServerError;
  const bytes = inFlight.stream.payload();
  const contentType = result.kind === "response" ? result.contentType : undefined;
  if (contentType === integrationContentType) {
    const prelude = splitPrelude(Buffer.from(bytes));
    return (prelude && describedAnswer(prelude.description, Buffer.alloc(0))) ?? internalServerError;
  }
  if (contentType === "application/octet-stream")
    return { status: 200, headers: { "content-type": contentType }, cookies: [], body: bytes };
  return answerOf(bytes);
}

function toResponse(request: AwsRequest, { cors }: FunctionUrl, called: UrlStream | AwsResponse): AwsResponse {
  const { status, headers = {}, body } = called;
  const cookies = "cookies" in called ? called.cookies : [];
  const exposed = headers["access-control-expose-headers"];
  const crossOrigin = cors === undefined ? {} : responseHeaders(request, cors, exposed?.toString());
  const own = Object.entries(headers).filter(([name]) => !hasName(crossOrigin, name));
  const isEmpty = request.method === "HEAD" || status === 204 || status === 304;
  return {
    status,
    headers: {
      ...Object.fromEntries(own),
      ...crossOrigin,
      ...(cookies.length === 0 ? {} : { "set-cookie": cookies }),
    },
    // SVC-247
    ...(isEmpty || body === undefined ? {} : { body }),
  };
}

const hasName = (headers: object, name: string): boolean =>
  Object.keys(headers).some((one) => one.toLowerCase() === name.toLowerCase());

/** SVC-251, SVC-252 */
function refusalOf(request: AwsRequest, url: FunctionUrl, enforcePolicies: boolean): AwsResponse | undefined {
  if (url.authType === "AWS_IAM") return request.scope === undefined ? forbidden({ Message: "Forbidden" }) : undefined;
  return enforcePolicies && !url.openToAll ? forbidden({ Message: noStatement }) : undefined;
}

const noStatement =
  "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

const json = { "content-type": "application/json" };

/** SVC-236 */
const forbidden = (body: object): AwsResponse => ({
  status: 403,
  headers: { ...json, "x-amzn-ErrorType": "AccessDeniedException" },
  body: JSON.stringify(body),
});
