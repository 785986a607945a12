/** A request to a function URL as the function sees it: payload format 2.0 (SVC-237 to SVC-240, SVC-251). */
import type { AwsRequest } from "../../aws-api/exchange.ts";
import type { FunctionUrl } from "../directory.ts";
import type { UrlRequest } from "./url-request.ts";

export interface UrlEventFacts {
  readonly request: AwsRequest;
  readonly means: UrlRequest;
  readonly url: FunctionUrl;
  readonly accountId: string;
  readonly body: Uint8Array;
  readonly traceHeader: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function urlEvent(facts: UrlEventFacts): Record<string, unknown> {
  const { request, means, url, body, now } = facts;
  const { query } = request;
  const cookies = (request.headers["cookie"] ?? "").split(";").flatMap((cookie) => cookie.trim() || []);
  const asText = isText(request.headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: means.rawPath,
    rawQueryString: request.rawQuery,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: eventHeaders(facts),
    ...(query.size === 0 ? {} : { queryStringParameters: joined([...query]) }),
    requestContext: requestContext({ request, means, url, now, accountId: facts.accountId }),
    ...(body.length === 0 ? {} : { body: Buffer.from(body).toString(asText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !asText,
  };
}

function requestContext({
  request,
  means,
  url,
  now,
  accountId,
}: Omit<UrlEventFacts, "body" | "traceHeader">): Record<string, unknown> {
  const time = new Date(now);
  const isIam = url.authType === "AWS_IAM";
  return {
    accountId: isIam ? accountId : "anonymous",
    apiId: url.id,
    ...(isIam ? { authorizer: { iam: iam(request, accountId) } } : {}),
    domainName: means.domainName(url.target.region),
    domainPrefix: url.id,
    http: {
      method: request.method,
      path: means.rawPath,
      protocol: "HTTP/1.1",
      sourceIp: request.sourceIp.replace(/^::ffff:/u, ""),
      userAgent: request.headers["user-agent"] ?? "",
    },
    requestId: request.requestId,
    routeKey: "$default",
    stage: "$default",
    time: clockTime(time),
    timeEpoch: Math.floor(now),
  };
}

const iam = ({ scope }: AwsRequest, accountId: string): Record<string, unknown> => ({
  accessKey: scope?.accessKeyId ?? "",
  accountId,
  callerId: accountId,
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: `arn:aws:iam::${accountId}:root`,
  userId: accountId,
});

/** They mean the connection, or are told elsewhere in the event. */
const notPassedOn = new Set([
  "connection",
  "cookie",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** SVC-238 */
function eventHeaders({ request, url, traceHeader }: UrlEventFacts): Record<string, string> {
  const raw =
    request.rawHeaders ?? Object.entries(request.headers).map(([name, value]) => [name, value ?? ""] as const);
  const passed = raw
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !notPassedOn.has(name) && !(url.authType === "AWS_IAM" && name === "authorization"));
  return {
    ...joined(passed),
    "x-amzn-trace-id": traceHeader,
    "x-forwarded-for": request.sourceIp.replace(/^::ffff:/u, ""),
    "x-forwarded-port": /:(\d+)$/u.exec(request.host)?.[1] ?? "80",
    "x-forwarded-proto": "http",
  };
}

function joined(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    values.set(name, known === undefined ? value : `${known},${value}`);
  }
  return Object.fromEntries(values);
}

/** SVC-240 */
const isText = (contentType: string): boolean =>
  /^(?:text\/[^;]+|application\/(?:json|xml|javascript|x-www-form-urlencoded|[^;]+\+(?:json|xml)))\s*(?:;|$)/iu.test(
    contentType.trim(),
  );

/** `15/Sep/2026:11:55:38 +0000` */
function clockTime(time: Date): string {
  const [, day = "", month = "", year = "", clock = ""] =
    /, (\d\d) (\w{3}) (\d{4}) ([\d:]{8})/u.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
