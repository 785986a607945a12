/** What of a request is the event, and what is wrong with it, in AWS's words (SVC-129 to SVC-131, SVC-145). */
import { type AwsRequest, BodyTooLarge } from "../../aws-api/exchange.ts";
import { type ServiceError, serviceError } from "../service-error.ts";

export const maxRequestResponseBytes = 6_291_456;
export const maxEventBytes = 1_048_576;
/** Of the legacy InvokeAsync (SVC-178). */
export const maxInvokeAsyncBytes = 262_144;
const maxClientContextLength = 3583;

export type ReadPayload =
  | { readonly kind: "payload"; readonly payload: Uint8Array }
  | { readonly kind: "refused"; readonly error: ServiceError };

/** An empty body is `{}` (SVC-129). */
export async function readPayload(
  request: AwsRequest,
  type: "RequestResponse" | "Event",
  limitBytes: number,
): Promise<ReadPayload> {
  try {
    const payload = await request.body(limitBytes);
    return payload.length === 0 ? { kind: "payload", payload: emptyEvent } : checkJson(payload);
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error;
    const bytes = request.headers["content-length"] ?? `more than ${limitBytes}`;
    const text = `${bytes} byte payload is too large for the ${type} invocation type (limit ${limitBytes} bytes)`;
    return { kind: "refused", error: serviceError("RequestEntityTooLargeException", text) };
  }
}

const emptyEvent: Uint8Array = Buffer.from("{}");
const utf8 = new TextDecoder("utf-8", { fatal: true });

function checkJson(payload: Uint8Array): ReadPayload {
  try {
    JSON.parse(utf8.decode(payload));
    return { kind: "payload", payload };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `Could not parse request body into json: ${why}`;
    return { kind: "refused", error: serviceError("InvalidRequestContentException", text) };
  }
}

export type ReadClientContext =
  | { readonly kind: "client context"; readonly json: string | undefined }
  | { readonly kind: "refused"; readonly error: ServiceError };

/** SVC-145 */
export function readClientContext(header: string | undefined): ReadClientContext {
  if (header === undefined || header === "") return { kind: "client context", json: undefined };
  const bytes = Buffer.from(header, "base64");
  // Node.js decodes what it can: only what encodes back to itself was base64.
  const isBase64 = bytes.toString("base64").replace(/=+$/u, "") === header.replace(/=+$/u, "");
  const json = isBase64 && header.length <= maxClientContextLength ? jsonObjectText(bytes) : undefined;
  if (json !== undefined) return { kind: "client context", json };
  const text = "Client context must be a valid Base64-encoded JSON object.";
  return { kind: "refused", error: serviceError("InvalidRequestContentException", text) };
}

function jsonObjectText(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? text : undefined;
  } catch {
    return undefined;
  }
}
