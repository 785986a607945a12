/** What an HTTP status means for a request, where a destination says nothing else. */
import type { SendResult } from "../destination.ts";
import type { HttpAnswer } from "./http-client.ts";

export function resultOf(answer: HttpAnswer): SendResult {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (status === 413) return { kind: "too large" };
  const reason = `status ${status}${excerpt(answer.text)}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500) return tryLater(answer, reason);
  // The content is at fault; with any other status the address or the key is.
  if (status === 400 || status === 422) return { kind: "refused", reason };
  return { kind: "closed", reason };
}

/** Waits as long as `Retry-After` says, if it does. */
export function tryLater({ headers }: HttpAnswer, reason: string): SendResult {
  const afterMs = retryAfterMs(headers["retry-after"], Date.now());
  return { kind: "try later", reason, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** Nobody is waited for longer than that on its word. */
const longestMs = 300_000;

/** Seconds, or a date. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.min(longestMs, Math.max(0, ms));
}

export const excerpt = (text: string): string => {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line === "" ? "" : `: ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`;
};
