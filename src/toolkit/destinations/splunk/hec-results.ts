/** What the collector's answers mean, by the code in them. */
import type { FailedItem, SendResult } from "../destination.ts";
import type { HttpAnswer } from "../http/http-client.ts";
import { excerpt, resultOf, tryLater } from "../http/http-results.ts";

export interface HecAnswer {
  readonly code?: number;
  readonly text?: string;
  /** The place of the event at which it stopped, from 0: those before were taken. */
  readonly "invalid-event-number"?: number;
  readonly ackId?: number;
}

/** Codes for an event that is wrong: its format, no event, a blank one, fields that cannot be indexed. */
const wrongEvent = new Set([6, 12, 13, 15]);

/** A data channel that is missing or wrong, acknowledgements that are off, an index the token may not write to. */
const wrongSettings = new Set([7, 10, 11, 14, 16]);

export function judgeHec(answer: HttpAnswer, events: number): SendResult {
  const said = hecAnswer(answer);
  const { code, text } = said;
  if (answer.status === 200) return { kind: "delivered" };
  if (code === undefined) return resultOf(answer);
  const reason = `status ${answer.status}${excerpt(`${text ?? ""} (code ${code})`)}`;
  if (wrongSettings.has(code)) return { kind: "closed", reason: `${reason}${hints[code] ?? ""}` };
  const stoppedAt = said["invalid-event-number"];
  const known = stoppedAt !== undefined && stoppedAt >= 0 && stoppedAt < events;
  if (wrongEvent.has(code)) return known ? from(stoppedAt, events, reason, false) : { kind: "refused", reason };
  if (answer.status === 429 || answer.status >= 500)
    return known && stoppedAt > 0 ? from(stoppedAt, events, reason, true) : tryLater(answer, reason);
  return resultOf(answer);
}

const hints: Readonly<Record<number, string>> = {
  10: "; this token wants acknowledgement: true",
  14: "; this token wants acknowledgement: false",
};

/** What was not looked at is sent again; so is the one it stopped at, unless that is at fault. */
function from(stoppedAt: number, events: number, reason: string, retryThatOne: boolean): SendResult {
  const failed = Array.from({ length: events - stoppedAt }, (_, at): FailedItem => {
    const retry = at > 0 || retryThatOne;
    return { index: stoppedAt + at, reason, retry };
  });
  return { kind: "partly", failed };
}

export function hecAnswer({ text }: HttpAnswer): HecAnswer {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? said : {};
  } catch {
    return {};
  }
}
