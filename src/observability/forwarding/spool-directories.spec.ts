import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leaveDirectory, spoolDirectories } from "./spool-directories.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), "lambdarium-spool-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

const withRecords = (directory: string): string => {
  mkdirSync(directory);
  writeFileSync(path.join(directory, "00000001.spool"), "");
  return directory;
};
const gone = spawnSync("true").pid;

test("what was left in order is taken over, and nobody takes it a second time", () => {
  const first = spoolDirectories(parent);
  withRecords(first.own);
  leaveDirectory(first.own);
  const second = spoolDirectories(parent);
  expect(second.left).toEqual([{ path: expect.any(String) as string, killed: false }]);
  expect(readdirSync(second.left[0]!.path)).toEqual(["00000001.spool"]);
  expect(spoolDirectories(parent).left).toEqual([]);
});

test("of a run that was killed it is known that it was", () => {
  withRecords(path.join(parent, `${gone}-0123456789abcdef`));
  expect(spoolDirectories(parent).left).toMatchObject([{ killed: true }]);
});

test("a run before this one may have had the number that this process has", () => {
  withRecords(path.join(parent, `${process.pid}-0123456789abcdef`));
  expect(spoolDirectories(parent).left).toMatchObject([{ killed: true }]);
});

test("what a process uses that is still there, and what is none of ours, is left alone", () => {
  withRecords(path.join(parent, `${process.ppid}-0123456789abcdef`));
  withRecords(path.join(parent, "notes"));
  expect(spoolDirectories(parent).left).toEqual([]);
});

test("what was delivered to the end leaves nothing", () => {
  const { own } = spoolDirectories(parent);
  leaveDirectory(own);
  expect(readdirSync(parent)).toEqual([]);
});
