/** Cross-origin requests to a function URL (SVC-248, SVC-249). */
import type { AwsRequest } from "../../aws-api/exchange.ts";
import type { FunctionUrlCors } from "../directory.ts";

type Headers = Readonly<Record<string, string>>;

/** A preflight is answered by the service and never by the function. */
export const isPreflight = ({ method, headers }: AwsRequest): boolean =>
  method === "OPTIONS" && headers["origin"] !== undefined && headers["access-control-request-method"] !== undefined;

/** No header unless origin, method and every header are allowed. */
export function preflightHeaders({ headers }: AwsRequest, cors: FunctionUrlCors): Headers {
  const origin = allowedOrigin(headers["origin"], cors);
  const method = headers["access-control-request-method"] ?? "";
  const wanted = list(headers["access-control-request-headers"]);
  if (origin === undefined || !allows(cors.AllowMethods, method)) return {};
  if (!wanted.every((name) => allows(cors.AllowHeaders, name))) return {};
  return {
    ...origin,
    "Access-Control-Allow-Methods": (cors.AllowMethods ?? []).join(","),
    ...(wanted.length === 0 ? {} : { "Access-Control-Allow-Headers": wanted.join(",") }),
    ...(cors.MaxAge === undefined ? {} : { "Access-Control-Max-Age": String(cors.MaxAge) }),
    ...credentials(cors),
  };
}

/** Beside the function's own headers; `exposed` are those it exposes itself. */
export function responseHeaders({ headers }: AwsRequest, cors: FunctionUrlCors, exposed: string | undefined): Headers {
  const origin = allowedOrigin(headers["origin"], cors);
  if (origin === undefined) return {};
  const names = [...new Set([...list(exposed), ...(cors.ExposeHeaders ?? [])])];
  return {
    ...origin,
    ...credentials(cors),
    ...(names.length === 0 ? {} : { "Access-Control-Expose-Headers": names.join(",") }),
  };
}

function allowedOrigin(origin: string | undefined, { AllowOrigins = [] }: FunctionUrlCors): Headers | undefined {
  if (origin === undefined) return undefined;
  if (AllowOrigins.includes("*")) return { "Access-Control-Allow-Origin": "*" };
  return AllowOrigins.includes(origin) ? { "Access-Control-Allow-Origin": origin, Vary: "Origin" } : undefined;
}

const credentials = ({ AllowCredentials }: FunctionUrlCors): Headers =>
  AllowCredentials === true ? { "Access-Control-Allow-Credentials": "true" } : {};

const allows = (allowed: readonly string[] = [], name: string): boolean =>
  allowed.some((one) => one === "*" || one.toLowerCase() === name.toLowerCase());

const list = (text: string | undefined): readonly string[] =>
  (text ?? "").split(",").flatMap((name) => name.trim() || []);
