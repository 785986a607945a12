/** The body of an error report: what of it the caller receives. */
import { errorCauseContentType } from "../protocol/runtime-api.ts";
import { isTextList, jsonText, parseJsonObject } from "./json.ts";

export interface ErrorReport {
  /** What the caller receives. */
  readonly body: Uint8Array;
  /** JSON text of the `errorCause` the body carried, unchecked. */
  readonly cause: string | undefined;
}

/** Verbatim (RT-66), but for the content type that carries the X-Ray cause inside the body (RT-72). */
export function readErrorBody(body: Uint8Array, contentType: string | undefined): ErrorReport {
  if (contentType !== errorCauseContentType) return { body, cause: undefined };
  const members = parseJsonObject(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  if (members === undefined) return unreadable();
  const errorMessage = members["errorMessage"] ?? "";
  const errorType = members["errorType"] ?? "";
  const stackTrace = members["stackTrace"] ?? [];
  if (typeof errorMessage !== "string" || typeof errorType !== "string" || !isTextList(stackTrace)) return unreadable();
  const shown = stackTrace.length === 0 ? { errorMessage, errorType } : { errorMessage, errorType, stackTrace };
  return { body: Buffer.from(jsonText(shown)), cause: causeText(members["errorCause"]) };
}

const unreadable = (): ErrorReport => ({ body: Buffer.from('"Invalid error body"'), cause: undefined });

/** A cause nested deeper than the stack is no cause. */
function causeText(cause: unknown): string | undefined {
  try {
    return cause === undefined ? undefined : JSON.stringify(cause);
  } catch {
    return undefined;
  }
}
