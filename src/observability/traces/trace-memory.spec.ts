import { expect, test } from "vitest";
import type { KeptSegment } from "./segment-document.ts";
import { TraceMemory } from "./trace-memory.ts";

const segment = (traceId: string, id: string, more: object = {}): KeptSegment => ({
  traceId,
  id,
  from: "function",
  inProgress: "in_progress" in more,
  startedAt: 1000,
  document: JSON.stringify({ id, name: id, trace_id: traceId, start_time: 1, ...more }),
});
const namesIn = (memory: TraceMemory) =>
  memory.traces.map(({ id, nodes }) => [id, ...nodes.map(({ document }) => document.name)]);

test("[OBS-85] documents are grouped by their trace", () => {
  const memory = new TraceMemory();
  for (const kept of [segment("t1", "a"), segment("t2", "b"), segment("t1", "c")]) memory.keep(kept);
  expect(namesIn(memory)).toEqual([
    ["t1", "a", "c"],
    ["t2", "b"],
  ]);
});

test("[OBS-83] one in progress is replaced by a later document of its id, and never replaces a complete one", () => {
  const memory = new TraceMemory();
  const [open, done] = [segment("t", "a", { name: "open", in_progress: true }), segment("t", "a", { name: "done" })];
  memory.keep(open);
  expect(namesIn(memory)).toEqual([["t", "open"]]);
  memory.keep(done);
  memory.keep(open);
  expect(namesIn(memory)).toEqual([["t", "done"]]);
});

test("the oldest traces are forgotten when there are too many", () => {
  const memory = new TraceMemory(1000);
  for (let i = 0; i < 100; i++) memory.keep(segment(`t${i}`, "a"));
  const kept = memory.traces.map(({ id }) => id);
  expect(kept.at(-1)).toBe("t99");
  expect(kept.length).toBeLessThan(20);
});

test("of one trace that never ends the oldest segments are forgotten", () => {
  const memory = new TraceMemory(1000);
  for (let i = 0; i < 100; i++) memory.keep(segment("t", `s${i}`));
  const [names = []] = namesIn(memory);
  expect(names.at(-1)).toBe("s99");
  expect(names.length).toBeLessThan(20);
});
