import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { assembleTrace } from "../observability/traces/assemble-trace.ts";
import type { SegmentDocument } from "../observability/traces/segment-document.ts";
import { traceOf } from "../host/traces.ts";
import { traceLines, traceListLines } from "./trace-text.ts";

const began = Date.parse("2026-04-11T06:20:00.500Z") / 1000;
const documents: readonly Partial<SegmentDocument>[] = [
  { id: "a1", name: "orders", origin: "AWS::Lambda", start_time: began, end_time: began + 0.1 },
  {
    id: "a2",
    parent_id: "a1",
    name: "orders",
    origin: "AWS::Lambda::Function",
    start_time: began + 0.02,
    end_time: began + 0.1,
    fault: true,
    subsegments: [
      {
        id: "a3",
        name: "Invocation",
        start_time: began + 0.02,
        end_time: began + 0.09,
        fault: true,
        cause: { exceptions: [{ type: "RangeError", message: "out of reach" }] },
      },
    ],
  },
  { id: "a4", parent_id: "a3", type: "subsegment", name: "S3", start_time: began + 0.05, annotations: { parcel: 17 } },
];
const trace = traceOf(
  assembleTrace(
    "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c",
    documents.map((document) => ({
      traceId: "t",
      id: String(document.id),
      from: "function" as const,
      inProgress: false,
      startedAt: 0,
      document: JSON.stringify(document),
    })),
  ),
);

test("a trace is a tree with times, how each part ended, a bar, and what the program said", () => {
  expect(traceLines(trace, { columns: 90, colour: false })).toEqual([
    "Trace 1-69d9e8b0-a1b2c3d4e5f60718293a4b5c  2026-04-11T06:20:00.500Z  100.0 ms",
    "  orders (AWS::Lambda)               0.0 ms  100.0 ms  ok           ██████████████████████",
    "    orders (AWS::Lambda::Function)  20.0 ms   80.0 ms  fault            ██████████████████",
    "      Invocation                    20.0 ms   70.0 ms  fault            ████████████████",
    "        RangeError: out of reach",
    "        S3                          50.0 ms         …  in progress             █",
    "          parcel = 17",
  ]);
});

test("a narrow terminal has no bars", () => {
  expect(traceLines(trace, { columns: 60, colour: false }).join("\n")).not.toContain("█");
});

test("colours are all that a terminal with colours has more", () => {
  const coloured = traceLines(trace, { columns: 90, colour: true }).map(stripVTControlCharacters);
  expect(coloured).toEqual(traceLines(trace, { columns: 90, colour: false }));
});

test("a list has a line for each trace", () => {
  expect(traceListLines([trace], { columns: 90, colour: false })).toEqual([
    "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c  2026-04-11T06:20:00.500Z  100.0 ms  fault  orders  4 segments",
  ]);
  const [root] = trace.roots;
  const [line] = traceListLines([{ ...trace, segments: [root!] }], { columns: 90, colour: false });
  expect(line).toMatch(/ {2}1 segment$/);
  expect(traceListLines([], { columns: 90, colour: false })[0]).toContain("No traces");
});
