import * as fc from "fast-check";
import { expect, test } from "vitest";
import { assembleTrace, type TraceNode } from "./assemble-trace.ts";
import type { KeptSegment, SegmentDocument } from "./segment-document.ts";

const traceId = "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c";
const kept = (document: Partial<SegmentDocument>, from: KeptSegment["from"] = "function"): KeptSegment => ({
  traceId,
  id: String(document.id),
  from,
  inProgress: document.end_time === undefined,
  startedAt: 0,
  document: JSON.stringify({ name: document.id, trace_id: traceId, start_time: 1, end_time: 2, ...document }),
});

const service = kept({ id: "service", name: "service", start_time: 0, end_time: 9 }, "platform");
const invoked = kept(
  {
    id: "function",
    parent_id: "service",
    start_time: 1,
    end_time: 8,
    subsegments: [{ id: "invocation", name: "Invocation", start_time: 2, end_time: 7 }],
  },
  "platform",
);
const sub = (id: string, parent_id: string, more: Partial<SegmentDocument> = {}) =>
  kept({ id, parent_id, type: "subsegment", ...more });

/** `a(b c(d))` */
const shape = (nodes: readonly TraceNode[]): string =>
  nodes.map(({ id, children }) => (children.length === 0 ? id : `${id}(${shape(children)})`)).join(" ");
const shapeOf = (...segments: KeptSegment[]): string => shape(assembleTrace(traceId, segments).roots);

test("[OBS-81] subsegments of the function join below Invocation, and theirs below them", () => {
  expect(shapeOf(service, invoked, sub("handler", "invocation"), sub("call", "handler"))).toBe(
    "service(function(invocation(handler(call))))",
  );
});

test("[OBS-81] the order of arrival does not matter", () => {
  const all = [
    service,
    invoked,
    sub("handler", "invocation"),
    sub("call", "handler"),
    sub("other", "invocation", { start_time: 5 }),
  ];
  const expected = shapeOf(...all);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
      expect(shapeOf(...shuffled)).toBe(expected);
    }),
  );
});

test("[OBS-81] what has a parent that nobody sent is there all the same", () => {
  expect(shapeOf(service, sub("lost", "nobody"))).toBe("service lost");
});

test("[OBS-82] a document with the id of the function segment, or of a part of it, is ignored", () => {
  const forged = [kept({ id: "function", name: "forged" }), kept({ id: "invocation", name: "forged" })];
  for (const segments of [
    [service, invoked, ...forged],
    [...forged, service, invoked],
  ]) {
    const { nodes } = assembleTrace(traceId, segments);
    expect(nodes.map(({ document }) => document.name)).toEqual(["service", "function", "Invocation"]);
  }
});

test("documents that name one another as parents lead to no circle", () => {
  expect(shapeOf(sub("a", "b"), sub("b", "a"))).toBe("b(a)");
  expect(shapeOf(sub("a", "a"))).toBe("a");
});

test.each([
  ["downwards", (all: KeptSegment[]) => all],
  ["upwards", (all: KeptSegment[]) => all.toReversed()],
])("a chain of any length, sent %s, is shown in parts", (_, order) => {
  const chain = Array.from({ length: 20_000 }, (_each, n) => sub(`n${n}`, `n${n - 1}`));
  const { roots, nodes } = assembleTrace(traceId, order(chain));
  expect(nodes).toHaveLength(20_000);
  expect(roots).toHaveLength(Math.ceil(20_000 / 201));
});

test("a trace lasts from its first start to its last end, whatever is still in progress", () => {
  const trace = assembleTrace(traceId, [service, sub("open", "service", { start_time: 3, in_progress: true })]);
  expect(trace).toMatchObject({ startTime: 0, endTime: 9 });
});
