import * as fc from "fast-check";
import { expect, test } from "vitest";
import { examples } from "../../test/conformance/telemetry-examples.ts";
import type { LogFormat } from "../protocol/telemetry-records.ts";
import { LogTail } from "./log-tail.ts";
import { logEntries } from "./system-lines.ts";

function tailOf(texts: readonly string[], format: LogFormat = "Text"): Buffer {
  const tail = new LogTail(format);
  for (const text of texts) tail.accept({ text, inTail: true });
  return Buffer.from(tail.take(), "base64");
}

test("[OBS-34] a short log is there whole", () => {
  expect(tailOf(["START\n", "line\n", "END\n"]).toString()).toBe("START\nline\nEND\n");
});

test("[OBS-34, OBS-35] of a long one the last 4,096 bytes, cut anywhere", () => {
  const lines = Array.from({ length: 500 }, (_, i) => `line number ${i}\n`);
  expect(tailOf(lines).toString()).toBe(lines.join("").slice(-4096));
});

test("[OBS-35] one line longer than the tail is cut too", () => {
  expect(tailOf(["short\n", "x".repeat(10_000)]).toString()).toBe(`${"x".repeat(4095)}\n`);
});

test("[OBS-35] a character cut at the start becomes U+FFFD, so that the text may exceed 4,096 bytes", () => {
  const text = `é${"x".repeat(4094)}\n`;
  const tail = tailOf([text]);
  expect(tail.toString()).toBe(`\ufffd${"x".repeat(4094)}\n`);
  expect(tail).toHaveLength(4098);
});

test("[OBS-36] in JSON only whole records, as many of the last as fit", () => {
  const records = Array.from({ length: 10 }, (_, i) => `${String(i).repeat(999)}\n`);
  expect(tailOf(records, "JSON").toString()).toBe(records.slice(-4).join(""));
});

test("[OBS-36] in JSON records of 4,096 bytes fit, and of one byte more the first does not", () => {
  const records = (first: number) => [`${"a".repeat(first - 1)}\n`, `${"b".repeat(1999)}\n`];
  expect(tailOf(records(2096), "JSON").toString()).toBe(records(2096).join(""));
  expect(tailOf(records(2097), "JSON").toString()).toBe(records(2097)[1]);
});

test("[CAP-28, OBS-32] a record without LF is followed by one", () => {
  expect(tailOf(["frame", "line\n"], "JSON").toString()).toBe("frame\nline\n");
});

test("[OBS-38] what is not meant for the tail is not in it", () => {
  const tail = new LogTail("Text");
  for (const entry of logEntries(examples.initStart.record, "Text")) tail.accept(entry);
  tail.accept({ text: "line\n", inTail: true });
  expect(Buffer.from(tail.take(), "base64").toString()).toBe("line\n");
});

test.each(["Text", "JSON"] as const)("[OBS-39] in %s the last line is the report, with its trace", (format) => {
  const tail = new LogTail(format);
  for (let i = 0; i < 300; i++) tail.accept({ text: `line number ${i}\n`, inTail: true });
  const entries = logEntries(examples.tracedReport.record, format);
  for (const entry of entries) tail.accept(entry);
  const text = Buffer.from(tail.take(), "base64").toString();
  const last = String(entries.at(-1)?.text).trimEnd();
  expect(text.trimEnd().endsWith(last)).toBe(true);
  expect(last).toContain("5a4b3c2d1e0f9a8b");
});

test("[OBS-34] each invoke has its own", () => {
  const tail = new LogTail("Text");
  tail.accept({ text: "first\n", inTail: true });
  tail.take();
  tail.accept({ text: "second\n", inTail: true });
  expect(Buffer.from(tail.take(), "base64").toString()).toBe("second\n");
});

test("[OBS-34, OBS-35] whatever is written, the tail is the end of it", () => {
  const lines = fc.array(fc.string({ unit: "grapheme", maxLength: 900 }), { maxLength: 20 });
  fc.assert(
    fc.property(lines, (written) => {
      const texts = written.map((line) => `${line.replaceAll("\n", " ")}\n`);
      const end = Buffer.from(texts.join("")).subarray(-4096);
      expect(tailOf(texts).toString()).toBe(end.toString());
    }),
  );
});
