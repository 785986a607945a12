import { expect, test } from "vitest";
import { formatTimeline } from "./format-timeline.ts";
import type { TimelineEntry } from "./timeline.ts";

const entry = (who: string, what: string, kind: TimelineEntry["kind"] = "step"): TimelineEntry => ({
  atMs: Math.random(),
  kind,
  who,
  what,
});

const life = (...between: readonly TimelineEntry[]): { timeline: readonly TimelineEntry[] } => ({
  timeline: [
    entry("platform", "Init", "begin"),
    ...between,
    entry("platform", "Init ended: success after 12.3 ms", "end"),
  ],
});

test("brings what runs at once into an order of its own, each party's lines in their order", () => {
  const one = life(
    entry("b", "is launched"),
    entry("runtime", "is launched"),
    entry("a", "is launched"),
    entry("b", "registers"),
  );
  const other = life(
    entry("a", "is launched"),
    entry("b", "is launched"),
    entry("b", "registers"),
    entry("runtime", "is launched"),
  );
  expect(formatTimeline(one)).toBe(formatTimeline(other));
  expect(formatTimeline(one)).toBe(
    "Init\n  runtime: is launched\n  a: is launched\n  b: is launched\n  b: registers\nInit ended: success",
  );
});

test("keeps phases, freezes and thaws apart", () => {
  const timeline = [
    entry("x", "asks for its next event"),
    entry("platform", "Freeze", "mark"),
    entry("platform", "finds the extensions x"),
  ];
  expect(formatTimeline({ timeline })).toBe("  x: asks for its next event\nFreeze\n  platform: finds the extensions x");
});

test.each([
  ["Invoke 1, request 8d1d1e1a-5a6e-4a43-9a4c-2f2f6a9f0a1b", "Invoke 1"],
  ["Invoke 1 ended: success after 1,234.5 ms, billed 1235 ms", "Invoke 1 ended: success"],
  ["Invoke 1 ended: error, Extension.Crash, after 1.2 ms, billed 2 ms", "Invoke 1 ended: error, Extension.Crash"],
  ["answers, 1,234 bytes", "answers"],
  ["3 telemetry records dropped: too slow", "telemetry records dropped: too slow"],
  [
    "subscribes: platform to http://sandbox.localdomain:4243/x (schema 2022-12-13)",
    "subscribes: platform to http://sandbox.localdomain:<port>/x (schema 2022-12-13)",
  ],
  [
    "cannot be launched: fork/exec /opt/extensions/x: permission denied",
    "cannot be launched: fork/exec /opt/extensions/x: permission denied",
  ],
  ["reads /home/ada/work/x.js and /tmp/ab/c", "reads <path> and <path>"],
  [
    "answers the caller: Error, RequestId: 8d1d1e1a-5a6e-4a43-9a4c-2f2f6a9f0a1b Error: Task timed out after 3.00 seconds",
    "answers the caller: Error, RequestId: <id> Error: Task timed out after 3.00 seconds",
  ],
])("of %j it keeps what is the same in each run", (what, kept) => {
  expect(formatTimeline({ timeline: [entry("platform", what, "mark")] })).toBe(kept);
});

test("leaves deliveries and notices out, and whom one does not ask for", () => {
  const told = life(
    entry("x", "gets 3 records, 1,200 bytes: answers 200 after 1.0 ms", "delivery"),
    entry("x", "gets 1 record, 20 bytes, attempt 2: failed after 1.0 ms, refused", "problem"),
    entry("x", "gets INVOKE"),
    entry("x", "exits with status 1", "problem"),
    entry("y", "gets INVOKE"),
    entry("lambdarium", "inferred", "notice"),
  );
  expect(formatTimeline(told, { who: ["x"] })).toBe(
    "Init\n  x: gets INVOKE\n  x: exits with status 1 (!)\nInit ended: success",
  );
  expect(formatTimeline(told, { who: [], notices: true })).toBe("Init\n  lambdarium: inferred\nInit ended: success");
});
