import { expect, test } from "vitest";
import { maxDocumentBytes, readSegment } from "./segment-document.ts";

const segment = {
  id: "53995c3f42cd8ad8",
  name: "orders",
  trace_id: "1-5759e988-bd862e3fe1be46a994272793",
  start_time: 1_465_510_280.5,
  end_time: 1_465_510_281,
};
const read = (changes: object) => readSegment(JSON.stringify({ ...segment, ...changes }));

test("a whole segment is taken as it was sent", () => {
  expect(read({})).toEqual({
    kind: "segment",
    segment: {
      traceId: segment.trace_id,
      id: segment.id,
      from: "function",
      inProgress: false,
      startedAt: 1_465_510_280_500,
      document: JSON.stringify(segment),
    },
  });
});

test("[OBS-83] one in progress needs no end", () => {
  expect(read({ in_progress: true, end_time: undefined })).toMatchObject({ segment: { inProgress: true } });
});

test.each([
  ["MissingId", { id: undefined }],
  ["InvalidId", { id: "123" }],
  ["MissingName", { name: undefined }],
  ["InvalidName", { name: "a<b>" }],
  ["InvalidName", { name: "x".repeat(201) }],
  ["MissingTraceId", { trace_id: undefined }],
  ["InvalidTraceId", { trace_id: "1-2-3" }],
  ["MissingStartTime", { start_time: undefined }],
  ["InvalidStartTime", { start_time: "now" }],
  ["MissingEndTime", { end_time: undefined }],
  ["InvalidEndTime", { end_time: "now" }],
])("X-Ray's error code for what is wrong: %s", (errorCode, changes) => {
  expect(read(changes)).toMatchObject({ errorCode, message: `Invalid segment. ErrorCode: ${errorCode}` });
});

test("a subsegment that stands by itself needs a parent", () => {
  expect(read({ type: "subsegment" })).toMatchObject({
    id: segment.id,
    message: "Invalid subsegment. ErrorCode: MissingParentId",
  });
  expect(read({ type: "subsegment", parent_id: "0f1e2d3c4b5a6978" }).kind).toBe("segment");
});

test.each(["", "[]", "null", "1", "{", "text"])("what is no object is no segment: %j", (text) => {
  expect(readSegment(text)).toMatchObject({ kind: "refused", errorCode: "ParseError" });
});

test("[OBS-77] a document has 64 KiB at most", () => {
  const empty = Buffer.byteLength(JSON.stringify({ ...segment, user: "" }));
  expect(read({ user: "x".repeat(maxDocumentBytes - empty) }).kind).toBe("segment");
  expect(read({ user: "x".repeat(maxDocumentBytes - empty + 1) })).toMatchObject({ errorCode: "SegmentTooLarge" });
});
