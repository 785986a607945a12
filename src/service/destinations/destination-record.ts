/** What a destination and a dead-letter target are sent (SVC-185 to SVC-189, SVC-193). */
import type { AttemptResponse, EventEnd, QueuedEvent } from "../events/queued-event.ts";

/** `functionArn` with the requested qualifier, `$LATEST` when there was none. */
export function destinationRecord(event: QueuedEvent, end: EventEnd, functionArn: string, now: number): string {
  const { condition, approximateInvokeCount, response } = end;
  const requestPayload = parsed(event.payload);
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date(now).toISOString(),
    requestContext: { requestId: event.requestId, functionArn, condition, approximateInvokeCount },
    ...(requestPayload.kind === "json" ? { requestPayload: requestPayload.value } : {}),
    ...(response === undefined ? {} : responseMembers(response)),
  });
}

function responseMembers({ statusCode, executedVersion, functionError, payload }: AttemptResponse): object {
  const answer = payload === undefined ? undefined : parsed(payload);
  return {
    responseContext: {
      statusCode,
      ...(executedVersion === undefined ? {} : { executedVersion }),
      ...(functionError === undefined ? {} : { functionError }),
    },
    ...(answer?.kind === "json" ? { responsePayload: answer.value } : {}),
    ...(answer?.kind === "other" ? { deliveryError: notJson } : {}),
  };
}

/** SVC-189 */
const notJson = {
  statusCode: 400,
  errorCode: "InvalidRequestContentException",
  errorMessage: "The response payload is not valid JSON.",
};

type Parsed = { readonly kind: "json"; readonly value: unknown } | { readonly kind: "other" };

function parsed(bytes: Uint8Array): Parsed {
  try {
    return { kind: "json", value: JSON.parse(Buffer.from(bytes).toString("utf8")) };
  } catch {
    return { kind: "other" };
  }
}

/** Message attributes as SQS and SNS have them. */
export interface MessageAttributes {
  readonly [name: string]: { readonly type: "String" | "Number"; readonly value: string };
}

/** SVC-193; without a code when the function may never run (SVC-203). */
export function deadLetterAttributes({ requestId }: QueuedEvent, { condition, response }: EventEnd): MessageAttributes {
  return {
    RequestID: { type: "String", value: requestId },
    ...(response === undefined ? {} : { ErrorCode: { type: "Number", value: String(response.statusCode) } }),
    ErrorMessage: { type: "String", value: firstBytes(errorMessage(condition, response), maxErrorMessageBytes) },
  };
}

const maxErrorMessageBytes = 1024;

function errorMessage(condition: EventEnd["condition"], response: AttemptResponse | undefined): string {
  const answer = response?.payload === undefined ? undefined : parsed(response.payload);
  const value = answer?.kind === "json" ? answer.value : undefined;
  const isError = typeof value === "object" && value !== null && "errorMessage" in value;
  // An attribute may not be empty.
  return (isError ? String(value.errorMessage) : "") || condition;
}

function firstBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  // No character is cut in two.
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.subarray(0, end).toString("utf8");
}
