/** What a function's result means as an HTTP answer (SVC-241, SVC-242, SVC-245, SVC-246). */
import { validateHeaderName, validateHeaderValue } from "node:http";

export interface UrlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One Set-Cookie each. */
  readonly cookies: readonly string[];
  readonly body: Uint8Array;
}

/** SVC-243 */
export const internalServerError: UrlAnswer = {
  status: 502,
  headers: { "content-type": "application/json" },
  cookies: [],
  body: Buffer.from("Internal Server Error"),
};

const json = { "content-type": "application/json" };

/** The result of a handler that returned: an answer described by an object, or the body itself. */
export function answerOf(result: Uint8Array): UrlAnswer {
  const value = parsed(result);
  if (isObject(value) && "statusCode" in value) return describedAnswer(value, bodyOf(value)) ?? internalServerError;
  const body = typeof value === "string" ? Buffer.from(value) : result;
  return { status: 200, headers: json, cookies: [], body };
}

/** Status, headers and cookies of the description, and a body of its own; nothing when HTTP has no such answer. */
export function describedAnswer(description: object, body: Uint8Array): UrlAnswer | undefined {
  const { statusCode, headers, cookies } = description as Record<string, unknown>;
  const status = typeof statusCode === "string" && statusCode !== "" ? Number(statusCode) : (statusCode ?? 200);
  if (typeof status !== "number" || !Number.isInteger(status) || status < 200 || status > 599) return undefined;
  const named = Object.entries(isObject(headers) ? headers : {})
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => !ofTheConnection.has(name));
  const set = Array.isArray(cookies) ? cookies.map(String) : [];
  if (![...named, ...set.map((cookie) => ["set-cookie", cookie] as const)].every(isValidHeader)) return undefined;
  return { status, headers: { ...json, ...Object.fromEntries(named) }, cookies: set, body };
}

/** The prelude of a streamed answer and what follows it; nothing while the eight NUL bytes have not come (SVC-245). */
export function splitPrelude(bytes: Buffer): { readonly description: object; readonly rest: Buffer } | undefined {
  const end = bytes.indexOf(nuls);
  if (end < 0) return undefined;
  const description = parsed(bytes.subarray(0, end));
  return { description: isObject(description) ? description : {}, rest: bytes.subarray(end + nuls.length) };
}

export const integrationContentType = "application/vnd.awslambda.http-integration-response";

const nuls = Buffer.alloc(8);

/** They are ours to send. */
const ofTheConnection = new Set(["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"]);

function bodyOf(value: object): Uint8Array {
  const { body, isBase64Encoded } = value as Record<string, unknown>;
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body !== "string") return Buffer.from(JSON.stringify(body));
  return Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8");
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isValidHeader([name, value]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
