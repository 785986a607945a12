import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogLine, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { LineCapture } from "./line-capture.ts";

type Line = TelemetryRecord & LogLine;

function capture(maxRecordBytes?: number) {
  const lines: Line[] = [];
  const stage = new LineCapture({
    source: { type: "function", stream: "stdout" },
    emit: (record) => lines.push(record),
    ...(maxRecordBytes === undefined ? {} : { maxRecordBytes }),
  });
  const write = (text: string | readonly number[], now = 0): void =>
    stage.accept(typeof text === "string" ? Buffer.from(text) : Uint8Array.from(text), now);
  return { stage, write, lines, texts: () => lines.map(({ text }) => text) };
}

test("[CAP-06] streams are split by themselves", () => {
  const [stdout, stderr] = [capture(), capture()];
  stderr.write("A ");
  stdout.write("B\n");
  stderr.write("C\n");
  expect([stdout.texts(), stderr.texts()]).toEqual([["B\n"], ["A C\n"]]);
});

test.each([
  ["[CAP-07] a line keeps its LF", ["one\n"], ["one\n"]],
  ["[CAP-08] CR separates nothing", ["a\nb\rc\n"], ["a\n", "b\rc\n"]],
  ["[CAP-09] one write makes several lines", ["a\nb\nc\n"], ["a\n", "b\n", "c\n"]],
  ["[CAP-09] several writes make one line", ["a", "b", "c\n"], ["abc\n"]],
  ["[CAP-13] an empty line is LF alone", ["a\n\n\nb\n"], ["a\n", "\n", "\n", "b\n"]],
  ["[CAP-14] NUL and control characters are kept", ["\u0000\u0007\u001b[0m\n"], ["\u0000\u0007\u001b[0m\n"]],
  ["[CAP-05] a byte order mark is kept", ["\ufeffa\n"], ["\ufeffa\n"]],
])("%s", (_claim, writes, expected) => {
  const { write, texts } = capture();
  for (const text of writes) write(text);
  expect(texts()).toEqual(expected);
});

test("[CAP-10] text without LF is held until its LF arrives", () => {
  const { write, texts } = capture();
  write("half ");
  expect(texts()).toEqual([]);
  write("and half\nnext");
  expect(texts()).toEqual(["half and half\n"]);
});

test("[CAP-11] what is held at the end of the stream becomes a record without LF", () => {
  const { stage, write, lines } = capture();
  write("last words", 5);
  stage.close(9);
  expect(lines).toEqual([{ time: 9, type: "function", stream: "stdout", text: "last words" }]);
});

test("[CAP-11] a stream that ends after LF ends with nothing", () => {
  const { stage, write, texts } = capture();
  write("done\n");
  stage.close(0);
  expect(texts()).toEqual(["done\n"]);
});

test("[CAP-15] the time of a line is when its LF was read", () => {
  const { write, lines } = capture();
  write("first\nsec", 100);
  write("ond\n", 250);
  expect(lines.map(({ time }) => time)).toEqual([100, 250]);
});

test("a line says whose it is", () => {
  const lines: Line[] = [];
  const source = { type: "extension", extensionName: "trace-forwarder", stream: "stderr" } as const;
  new LineCapture({ source, emit: (record) => lines.push(record) }).accept(Buffer.from("x\n"), 1);
  expect(lines).toEqual([{ time: 1, ...source, text: "x\n" }]);
});

describe("[CAP-12] invalid UTF-8", () => {
  test.each([
    ["a lone continuation byte", [0x80], "\ufffd"],
    ["two of them", [0x80, 0xbf], "\ufffd\ufffd"],
    ["a character cut short", [0xe2, 0x82], "\ufffd"],
    ["a character cut short before another", [0xf0, 0x9f, 0x8c, 0x41], "\ufffdA"],
    ["an overlong form", [0xc0, 0xaf], "\ufffd\ufffd"],
    ["a surrogate", [0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    ["a byte that never occurs", [0xff], "\ufffd"],
  ])("%s", (_what, bytes, expected) => {
    const { write, texts } = capture();
    write([...bytes, 0x0a]);
    expect(texts()).toEqual([`${expected}\n`]);
  });

  test("a character in two writes is whole", () => {
    const { write, texts } = capture();
    write([0xf0, 0x9f]);
    write([0x8c, 0x8d, 0x0a]);
    expect(texts()).toEqual(["🌍\n"]);
  });

  test("a character that the stream's end cuts short", () => {
    const { stage, write, texts } = capture();
    write([0x41, 0xe2, 0x82]);
    stage.close(0);
    expect(texts()).toEqual(["A\ufffd"]);
  });

  const anyBytes = fc.uint8Array({ maxLength: 60 });
  const nearlyUtf8 = fc
    .array(fc.constantFrom(0x0a, 0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x8c, 0x8d, 0xed, 0xa0, 0xf4, 0x90), {
      maxLength: 40,
    })
    .map((bytes) => Uint8Array.from(bytes));

  test("however the bytes are cut into writes, the lines are those of the whole", () => {
    const cuts = fc.array(fc.nat(60), { maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(anyBytes, nearlyUtf8), cuts, (bytes, places) => {
        const { stage, texts } = capture();
        const borders = [
          0,
          ...places.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        for (const [i, from] of borders.entries()) stage.accept(bytes.subarray(from, borders[i + 1]), 0);
        stage.close(0);
        expect(texts().join("")).toBe(Buffer.from(bytes).toString("utf8"));
        expect(texts().filter((text) => /\n./s.test(text))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("[CAP-18, CAP-19] records have at most 262,118 bytes", () => {
  const bytesOf = (line: Line): number => Buffer.byteLength(line.text);

  test("a line of exactly that size is whole", () => {
    const { write, lines } = capture();
    write(`${"x".repeat(262_117)}\n`);
    expect(lines.map((line) => [bytesOf(line), line.cut])).toEqual([[262_118, undefined]]);
  });

  test("a longer one is cut, only the last piece has LF, and each says that it is a piece", () => {
    const { write, lines } = capture();
    write(`${"x".repeat(600_000)}\nshort\n`);
    expect(lines.map((line) => [bytesOf(line), line.cut, line.text.endsWith("\n")])).toEqual([
      [262_118, true, false],
      [262_118, true, false],
      [75_765, true, true],
      [6, undefined, true],
    ]);
  });

  test("no character is cut in two", () => {
    const { write, lines } = capture();
    write(`${"🌍".repeat(100_000)}\n`);
    expect(lines.map(bytesOf)).toEqual([262_116, 137_885]);
    expect(lines.map(({ text }) => text).join("")).toBe(`${"🌍".repeat(100_000)}\n`);
  });

  test("pieces of any text fit, are in order and lose nothing", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 20 }), fc.integer({ min: 1, max: 9 }), (written, max, step) => {
        const { stage, lines, texts } = capture(max);
        const bytes = Buffer.from(written);
        for (let at = 0; at < bytes.length; at += step) stage.accept(bytes.subarray(at, at + step), 0);
        stage.close(0);
        expect(texts().join("")).toBe(written);
        expect(lines.filter((line) => bytesOf(line) > max)).toEqual([]);
      }),
    );
  });
});

test("[CAP-17] a line of 10 MiB does not stop the stream", () => {
  const { write, lines } = capture();
  for (let i = 0; i < 160; i++) write("y".repeat(65_536));
  write("\nafter\n");
  expect(lines.reduce((sum, { text }) => sum + text.length, 0)).toBe(10_485_760 + 1 + 6);
  expect(lines.at(-1)?.text).toBe("after\n");
});

test("[CAP-20] the limit can be set, up to 1,048,576 bytes", () => {
  const [million, more] = [capture(1_000_000), capture(5_000_000)];
  million.write(`${"z".repeat(999_999)}\n`);
  more.write("z".repeat(1_500_000));
  expect(million.texts()).toHaveLength(1);
  expect(more.texts().map((text) => text.length)).toEqual([1_048_576]);
});
