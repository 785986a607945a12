/** What becomes of an event: another attempt, and when, or the end, and why (SVC-170 to SVC-175, SVC-186 to SVC-188, SVC-203). */
import type { EventInvokeSettings } from "../directory.ts";
import type { AttemptOutcome, EventEnd, QueuedEvent } from "./queued-event.ts";

export type Verdict =
  | { readonly kind: "again"; readonly event: QueuedEvent }
  | { readonly kind: "over"; readonly end: EventEnd };

const firstPutBackMs = 1000;
const longestPutBackMs = 300_000;

/** The delays before the second and the third attempt; the last one counts for all that follow. */
export function afterAttempt(
  event: QueuedEvent,
  outcome: AttemptOutcome,
  settings: EventInvokeSettings,
  retryDelaysMs: readonly number[],
  now: number,
): Verdict {
  switch (outcome.kind) {
    case "success":
      return over({ condition: "Success", approximateInvokeCount: 1, response: outcome.response });
    case "failure": {
      const attempts = event.attempts + 1;
      const end = { approximateInvokeCount: attempts, response: outcome.response };
      if (attempts > (settings.maximumRetryAttempts ?? 2)) return over({ condition: "RetriesExhausted", ...end });
      const dueAt = now + (retryDelaysMs[attempts - 1] ?? retryDelaysMs.at(-1) ?? 0);
      if (dueAt > expiryOf(event, settings)) return over({ condition: "EventAgeExceeded", ...end });
      return { kind: "again", event: { ...event, attempts, putBacks: 0, dueAt, last: outcome.response } };
    }
    case "put back": {
      const waitMs = Math.min(firstPutBackMs * 2 ** event.putBacks, longestPutBackMs);
      // Nobody waits longer than until the event is dropped.
      const dueAt = Math.min(now + waitMs, expiryOf(event, settings));
      return { kind: "again", event: { ...event, putBacks: event.putBacks + 1, dueAt } };
    }
    case "never":
      return over({ condition: "ZeroReservedConcurrency", approximateInvokeCount: event.attempts });
    default:
      return outcome satisfies never;
  }
}

/** One that was kept by a process whose clock may have been moved ahead: it waits no longer than any attempt does. */
export function afterRestart(event: QueuedEvent, retryDelaysMs: readonly number[], now: number): QueuedEvent {
  const longestWaitMs = Math.max(longestPutBackMs, ...retryDelaysMs);
  return {
    ...event,
    acceptedAt: Math.min(event.acceptedAt, now),
    dueAt: Math.min(event.dueAt, now + longestWaitMs),
  };
}

/** An event that is too old ends before its next attempt; one that never ran was throttled all its life (SVC-173, SVC-188). */
export function tooOld(event: QueuedEvent, settings: EventInvokeSettings, now: number): EventEnd | undefined {
  if (now < expiryOf(event, settings)) return undefined;
  const response = event.last ?? { statusCode: 429 };
  return { condition: "EventAgeExceeded", approximateInvokeCount: event.attempts, response };
}

export const expiryOf = (
  { acceptedAt }: QueuedEvent,
  { maximumEventAgeSeconds = 21_600 }: EventInvokeSettings,
): number => acceptedAt + maximumEventAgeSeconds * 1000;

const over = (end: EventEnd): Verdict => ({ kind: "over", end });
