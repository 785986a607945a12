import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { PhaseSnapshot } from "../testing/snapshot.ts";
import type { TimelineEntry } from "../testing/timeline.ts";
import { timelineLines } from "./timeline-text.ts";

const plain = { columns: undefined, colour: false };

const entry = (atMs: number, kind: TimelineEntry["kind"], who: string, what: string): TimelineEntry => ({
  atMs,
  kind,
  who,
  what,
});

const life: readonly TimelineEntry[] = [
  entry(0, "begin", "platform", "Init"),
  entry(5.04, "step", "spy", "is launched"),
  entry(100, "end", "platform", "Init ended: success after 100.0 ms"),
  entry(100, "begin", "platform", "Invoke 1, request r1"),
  entry(101.25, "delivery", "spy", "gets 2 records, 300 bytes: answers 200 after 1.0 ms"),
  entry(102, "problem", "runtime", "exits with status 1"),
  entry(110, "mark", "platform", "Freeze"),
];

const phases: readonly PhaseSnapshot[] = [
  { phase: "init", startMs: 0, durationMs: 100, status: "success" },
  { phase: "invoke", startMs: 100, durationMs: 100, status: "failure", errorType: "Runtime.ExitError" },
];

test("shows the phases as bars, then what each party did, in columns", () => {
  expect(timelineLines({ title: "Timeline of f", phases, entries: life }, { ...plain })).toEqual([
    "Timeline of f",
    "",
    `  Init        0.0 ms  100.0 ms  success                    ${"█".repeat(21)}`,
    `  Invoke 1  100.0 ms  100.0 ms  failure Runtime.ExitError  ${" ".repeat(21)}${"█".repeat(20)}`,
    "",
    "  0.0 ms  Init",
    "  5.0 ms    spy      is launched",
    "100.0 ms  Init ended: success after 100.0 ms",
    "100.0 ms  Invoke 1, request r1",
    "101.3 ms    spy      gets 2 records, 300 bytes: answers 200 after 1.0 ms",
    "102.0 ms    runtime  exits with status 1",
    "110.0 ms  Freeze",
  ]);
});

test("says that nothing was started", () => {
  expect(timelineLines({ title: "Timeline of f", phases: [], entries: [] }, plain)).toEqual([
    "Timeline of f: nothing was started.",
  ]);
});

test.each([60, 80, 120])("stays within %i columns", (columns) => {
  const long = entry(103, "notice", "lambdarium", "a notice of many words ".repeat(12).trim());
  const lines = timelineLines({ title: "Timeline of f", phases, entries: [...life, long] }, { columns, colour: false });
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  const words = lines.join(" ").match(/notice of many words/gu);
  expect(words?.length).toBeGreaterThan(0);
});

test("shortens a name that would leave no room", () => {
  const entries = [entry(0, "step", "x".repeat(64), "is launched")];
  const [line] = timelineLines({ title: "", phases: [], entries }, plain).slice(-1);
  expect(line).toBe(`0.0 ms    ${"x".repeat(23)}…  is launched`);
});

test("is coloured when asked for, and the text is the same", () => {
  const shown = { title: "Timeline of f", phases, entries: life };
  const coloured = timelineLines(shown, { columns: undefined, colour: true }).join("\n");
  expect(coloured).toContain("\u001B[1mTimeline of f\u001B[22m");
  expect(stripVTControlCharacters(coloured)).toBe(timelineLines(shown, plain).join("\n"));
});

describe("many invocations", () => {
  const invocations = (count: number, problemAt?: number): TimelineEntry[] =>
    Array.from({ length: count }, (_, index) => [
      entry(index, "begin", "platform", `Invoke ${index + 1}, request r`),
      entry(index, index === problemAt ? "problem" : "step", "runtime", "answers"),
    ]).flat();

  const shown = (entries: readonly TimelineEntry[]): string[] =>
    timelineLines({ title: "", phases: [], entries }, plain).flatMap(
      (line) => /Invoke \d+|\d+ invocations like.*/u.exec(line)?.[0] ?? [],
    );

  test("up to eleven are all shown", () => {
    expect(shown(invocations(11))).toHaveLength(11);
  });

  test("of those that went well only the first and the last are", () => {
    expect(shown(invocations(1000))).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((number) => `Invoke ${number}`),
      "991 invocations like these are not shown",
      ...[998, 999, 1000].map((number) => `Invoke ${number}`),
    ]);
  });

  test("a quarter of a million are not too many", () => {
    expect(shown(invocations(250_000))).toHaveLength(10);
  });

  test("one with a problem is always shown", () => {
    expect(shown(invocations(1000, 499))).toContain("Invoke 500");
  });

  test("the bars of the phases leave out the same", () => {
    const many = Array.from({ length: 100 }, (_, index): PhaseSnapshot => ({
      phase: "invoke",
      startMs: index,
      durationMs: 1,
      status: "success",
    }));
    const lines = timelineLines({ title: "", phases: many, entries: life }, plain);
    expect(lines.filter((line) => line.includes("█"))).toHaveLength(13);
    expect(lines).toContain("  (87 more)");
  });
});

test("every bar is seen, however short its phase was", () => {
  const short: readonly PhaseSnapshot[] = [
    { phase: "init", startMs: 0, durationMs: 0, status: "success" },
    { phase: "invoke", startMs: 0, durationMs: 10_000, status: "success" },
    { phase: "shutdown", startMs: 10_000, durationMs: 0, status: "success" },
  ];
  const lines = timelineLines({ title: "", phases: short, entries: life }, plain).slice(2, 5);
  expect(lines.map((line) => line.match(/█/gu)?.length)).toEqual([1, expect.any(Number), 1]);
});
