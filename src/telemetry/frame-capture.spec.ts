import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogLine, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { FrameCapture } from "./frame-capture.ts";

const micros = 1_775_888_400_540_999n;
const millis = 1_775_888_400_540;

function frame(type: number, payload: string | Uint8Array, time = micros): Buffer {
  const body = Buffer.from(payload as string);
  const header = Buffer.alloc(16);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(body.length, 4);
  header.writeBigUInt64BE(time, 8);
  return Buffer.concat([header, body]);
}

function olderFrame(payload: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(0xa55a0001, 0);
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function capture(maxRecordBytes = 262_118) {
  const records: (TelemetryRecord & LogLine)[] = [];
  const source = { type: "function", stream: "log" } as const;
  const stage = new FrameCapture({ source, maxRecordBytes, emit: (record) => records.push(record) });
  return { stage, records, texts: () => records.map(({ text }) => text) };
}

const textInfo = 0xa55a000f;

test("[CAP-24, CAP-29, CAP-35] a frame is one record of type function with the frame's time in milliseconds", () => {
  const { stage, records } = capture();
  stage.accept(frame(0xa55a0003, "hello"), 7);
  expect(records).toEqual([{ time: millis, type: "function", stream: "log", text: "hello" }]);
});

test.each([
  [0xa55a0002, undefined],
  [0xa55a0003, undefined],
  [0xa55a0006, "TRACE"],
  [0xa55a0007, "TRACE"],
  [0xa55a000a, "DEBUG"],
  [0xa55a000b, "DEBUG"],
  [0xa55a000e, "INFO"],
  [0xa55a000f, "INFO"],
  [0xa55a0012, "WARN"],
  [0xa55a0013, "WARN"],
  [0xa55a0016, "ERROR"],
  [0xa55a0017, "ERROR"],
  [0xa55a001a, "FATAL"],
  [0xa55a001b, "FATAL"],
])("[CAP-25] type %i has level %s", (type, level) => {
  const { stage, records } = capture();
  stage.accept(frame(type, "x"), 0);
  expect(records.map(({ text, frameLevel }) => [text, frameLevel])).toEqual([["x", level]]);
});

test("[CAP-27, CAP-66] line feeds inside a frame separate nothing, and none is added", () => {
  const { stage, texts } = capture();
  stage.accept(frame(textInfo, "[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n\u00a0 File"), 0);
  expect(texts()).toEqual(["[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n\u00a0 File"]);
});

test("[CAP-30] the older header is understood, its time is that of reading", () => {
  const { stage, records } = capture();
  stage.accept(Buffer.concat([olderFrame("old"), frame(textInfo, "new")]), 42);
  expect(records.map(({ text, time }) => [text, time])).toEqual([
    ["old", 42],
    ["new", millis],
  ]);
});

test("[CAP-31] an empty frame gives no record", () => {
  const { stage, texts } = capture();
  stage.accept(Buffer.concat([frame(textInfo, ""), frame(textInfo, "x")]), 0);
  expect(texts()).toEqual(["x"]);
});

describe("[CAP-32] bytes that are no frame", () => {
  test.each([
    ["text up to its LF", [Buffer.from("plain\n"), frame(textInfo, "f")], ["plain\n", "f"]],
    ["text up to the next frame", [Buffer.from("plain"), frame(textInfo, "f")], ["plain", "f"]],
    ["an unknown type", [Buffer.from([0xa5, 0x5a, 0x00, 0xff]), frame(textInfo, "f")], ["\ufffdZ\u0000\ufffd", "f"]],
    ["a lone first byte of a mark", [Buffer.from([0xa5, 0x0a]), frame(textInfo, "f")], ["\ufffd\n", "f"]],
  ])("%s: reading goes on", (_what, pieces, expected) => {
    const { stage, texts } = capture();
    stage.accept(Buffer.concat(pieces), 0);
    expect(texts()).toEqual(expected);
  });

  test("text without an end is cut like any line, not held for ever", () => {
    const { stage, texts } = capture(100);
    stage.accept(Buffer.from("x".repeat(350)), 0);
    expect(texts().map((text) => text.length)).toEqual([100, 100, 100]);
    stage.close(0);
    expect(texts().join("")).toBe("x".repeat(350));
  });
});

test("[CAP-33] a length above 16 MiB counts as an unknown type", () => {
  const { stage, texts } = capture();
  const broken = frame(textInfo, "text\n");
  broken.writeUInt32BE(16 * 1024 * 1024 + 1, 4);
  stage.accept(Buffer.concat([broken, frame(textInfo, "f")]), 0);
  expect(texts().join("")).toContain("text\n");
  expect(texts().at(-1)).toBe("f");
});

test("[CAP-33] a length of 16 MiB is a frame", () => {
  const { stage, records } = capture();
  const all = frame(textInfo, Buffer.alloc(16 * 1024 * 1024, 0x78));
  for (let at = 0; at < all.length; at += 65_536) stage.accept(all.subarray(at, at + 65_536), 0);
  expect(records.reduce((sum, { text }) => sum + text.length, 0)).toBe(16 * 1024 * 1024);
});

test("[CAP-34] when the writer closes inside a frame, the part received becomes a record", () => {
  const { stage, records } = capture();
  stage.accept(frame(textInfo, "half of it").subarray(0, 20), 0);
  stage.close(9);
  expect(records).toEqual([{ time: millis, type: "function", stream: "log", text: "half", frameLevel: "INFO" }]);
});

test("[CAP-22] a frame above the limit is cut, each piece keeping its time and level", () => {
  const { stage, records } = capture(10);
  stage.accept(frame(textInfo, "é".repeat(8)), 0);
  expect(records.map(({ text, time, frameLevel, cut }) => [text, time, frameLevel, cut])).toEqual([
    ["ééééé", millis, "INFO", true],
    ["ééé", millis, "INFO", true],
  ]);
});

test("[CAP-12] invalid UTF-8 in a frame is replaced and does not reach the next one", () => {
  const { stage, texts } = capture();
  stage.accept(Buffer.concat([frame(textInfo, Uint8Array.from([0x41, 0xe2, 0x82])), frame(textInfo, "b")]), 0);
  expect(texts()).toEqual(["A\ufffd", "b"]);
});

test("a frame whose time cannot be written has the time of reading", () => {
  const { stage, records } = capture();
  stage.accept(frame(textInfo, "x", 2n ** 64n - 1n), 33);
  expect(records.map(({ time }) => time)).toEqual([33]);
});

test("[CAP-26] however frames and text are cut into reads, the records are the same", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => frame(textInfo, text)),
    fc.constantFrom("plain\n", "a", "\n", "é\n").map((text) => Buffer.from(text)),
    fc.constantFrom([0xa5], [0xa5, 0x5a], [0xa5, 0x5a, 0x00, 0xff]).map((bytes) => Buffer.from(bytes)),
    fc.constant(olderFrame("old")),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (pieces, steps) => {
        const all = Buffer.concat(pieces);
        const [whole, torn] = [capture(), capture()];
        whole.stage.accept(all, 0);
        for (let at = 0, i = 0; at < all.length; i++) {
          const step = steps[i % steps.length] as number;
          torn.stage.accept(all.subarray(at, at + step), 0);
          at += step;
        }
        whole.stage.close(0);
        torn.stage.close(0);
        expect(torn.records).toEqual(whole.records);
      },
    ),
    { numRuns: 500 },
  );
});
