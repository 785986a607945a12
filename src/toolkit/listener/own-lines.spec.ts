import { expect, test } from "vitest";
import type { TelemetryRecord } from "../telemetry-records.ts";
import { ownLines } from "./own-lines.ts";

const extensionLine = (record: unknown): TelemetryRecord => ({ time: "", type: "extension", record });

test("knows each line once, however it was written", () => {
  const lines = ownLines();
  lines.wrote("stdout", "one\ntw");
  lines.wrote("stderr", "other\n");
  lines.wrote("stdout", "o\nunfinished");
  const own = ["one\n", "two\n", "other\n", "unfinished", "one\n"].map((text) => lines.isOwn(extensionLine(text)));
  expect(own).toEqual([true, true, true, false, false]);
});

test("knows a line that log format JSON has made an object", () => {
  const lines = ownLines();
  lines.wrote("stdout", '{ "level": "INFO",  "message": "sent" }\n');
  expect(lines.isOwn(extensionLine({ level: "INFO", message: "sent" }))).toBe(true);
});

test("leaves the function's lines alone, and those of other extensions", () => {
  const lines = ownLines();
  lines.wrote("stdout", "same text\n");
  expect(lines.isOwn({ time: "", type: "function", record: "same text\n" })).toBe(false);
  expect(lines.isOwn(extensionLine("another text\n"))).toBe(false);
});

test("remembers the last two thousand", () => {
  const lines = ownLines();
  for (let at = 0; at < 3000; at += 1) lines.wrote("stdout", `${at}\n`);
  expect(lines.isOwn(extensionLine("0\n"))).toBe(false);
  expect(lines.isOwn(extensionLine("2999\n"))).toBe(true);
});
