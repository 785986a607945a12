/** What an answer of AWS's SDK means for a request. */
import type { SendResult } from "../../toolkit/destinations/destination.ts";
import { ForwardsToItself } from "./aws-clients.ts";

/** Sends, and judges what is thrown; whoever sends has judged what is not. */
export async function judged(signal: AbortSignal, send: () => Promise<SendResult>): Promise<SendResult> {
  try {
    return await send();
  } catch (error) {
    // Out of time: the sender knows what to say of it.
    if (signal.aborted) throw error;
    return resultOfError(error as SdkError);
  }
}

export interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The content is at fault, in the words of all three services. */
const refusals =
  /^(InvalidParameter|Validation|InvalidRequest|MissingParameter|MissingRequiredParameter|Malformed|Serialization)/;
const passing =
  /Throttl|TooManyRequests|LimitExceeded|ServiceUnavailable|InternalFailure|InternalServer|OperationAborted/;

export function resultOfError(error: SdkError): SendResult {
  const status = error.$metadata?.httpStatusCode;
  const reason = reasonOf(error);
  if (error instanceof ForwardsToItself || /Credentials|Token/.test(error.name)) return { kind: "closed", reason };
  if (status === 413) return { kind: "too large" };
  // Nobody answered, or nothing that could be read.
  if (status === undefined || status === 429 || status >= 500 || passing.test(error.name))
    return { kind: "try later", reason };
  return refusals.test(error.name) ? { kind: "refused", reason } : { kind: "closed", reason };
}

/** Of a connection that nobody takes the message is empty, and the code says all. */
function reasonOf({ name, message, code }: SdkError): string {
  if (message === "") return code ?? name;
  return name === "Error" || message.startsWith(name) ? message : `${name}: ${message}`;
}
