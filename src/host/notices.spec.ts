import { expect, test } from "vitest";
import type { Effect } from "../environment/effects.ts";
import { noticeOf, Notices } from "./notices.ts";

const refused = (who: string): Effect => ({
  effect: "answer call",
  callId: 1,
  outcome: { kind: "refused", refusal: { status: 403, errorType: "Some.Type", errorMessage: "Not now" } },
  refused: { who, call: "event next", state: "InitError" },
});

test.each([
  [
    "runtime",
    "The runtime was refused GET /2020-01-01/extension/event/next in state InitError: 403 Some.Type, Not now",
  ],
  [
    "watcher",
    "The extension watcher was refused GET /2020-01-01/extension/event/next in state InitError: 403 Some.Type, Not now",
  ],
])("[EXT-102] tells whose call was refused, which, in which state, and with what answer: %s", (who, text) => {
  expect(noticeOf(refused(who))).toBe(text);
});

test("[LIFE-33] names who held Init to its limit", () => {
  expect(noticeOf({ effect: "name the missing", runtime: true, extensions: ["a", "b"] })).toBe(
    "Init reached its limit: the runtime never asked for its next invocation; the extension a never asked for its next event; the extension b never asked for its next event.",
  );
});

test("says nothing of what is in order", () => {
  expect(noticeOf({ effect: "freeze" })).toBeUndefined();
  expect(noticeOf({ effect: "answer call", callId: 1, outcome: { kind: "accepted" } })).toBeUndefined();
});

test("keeps the newest thousand, with their times, and tells listeners until they stop", () => {
  let now = 0;
  const notices = new Notices(() => ++now);
  const heard: string[] = [];
  const stop = notices.listen(({ text }) => heard.push(text));
  notices.add("first");
  stop();
  for (let i = 2; i <= 1001; i++) notices.add(String(i));
  expect(notices.kept).toHaveLength(1000);
  expect(notices.kept[0]).toEqual({ at: 2, text: "2" });
  expect(heard).toEqual(["first"]);
});
