/** What Loki's answers mean: it may have taken most of what it answers 400 to. */
import type { FailedItem, Item, SendResult } from "../destination.ts";
import type { HttpAnswer } from "../http/http-client.ts";
import { excerpt, resultOf } from "../http/http-results.ts";

export function judgeLoki(answer: HttpAnswer, items: readonly Item[]): SendResult {
  if (answer.status !== 400) return resultOf(answer);
  const reason = `status 400${excerpt(answer.text)}`;
  const tooOld = latest(answer.text, /oldest acceptable timestamp is: (\S+?)'?,?(?:\s|$)/g);
  const failed = items.flatMap(({ timeMs }, index): FailedItem[] =>
    timeMs < tooOld ? [{ index, reason, retry: false }] : [],
  );
  if (failed.length > 0) return { kind: "partly", failed };
  // A line that is too new or too long, or something Loki cannot read: halves find it. What was taken is sent again with
  // the same times, and Loki keeps it once.
  return { kind: "refused", reason };
}

/** The time in the text before which lines were left out; of several the latest: each stream has its own. */
function latest(text: string, pattern: RegExp): number {
  const times = Array.from(text.matchAll(pattern), ([, time]) => Date.parse(time ?? "")).filter(
    (ms) => !Number.isNaN(ms),
  );
  return Math.max(-Infinity, ...times);
}
