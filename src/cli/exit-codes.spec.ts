import { expect, test } from "vitest";
import { failure } from "../errors.ts";
import { exitCodeOf, exitCodeOfFailure } from "./exit-codes.ts";

test.each([
  ["a wrong setting", failure("invalid-setting", { setting: "memorySizeMb", value: 1, why: "too small" }), 2],
  ["a missing interpreter", failure("interpreter-missing", { identifier: "python3.13", what: "Python", how: "" }), 2],
  ["a full disk", failure("disk-full", { path: "/tmp" }), 3],
  ["no port", failure("sandbox-listen-failed", { address: "127.0.0.1", why: "EMFILE" }), 3],
  ["no directory", failure("sandbox-directory-failed", { path: "/tmp", why: "EACCES" }), 3],
  ["a defect of ours", failure("internal-fault", { doing: "nothing" }), 3],
  ["anything else", new Error("unexpected"), 3],
])("%s gives its exit status", (_, error, exitCode) => {
  expect(exitCodeOfFailure(error)).toBe(exitCode);
});

test.each([
  ["an argument the parser refused", -4, { exitCode: 2, usage: true }],
  ["a command there is not", -5, { exitCode: 2, usage: true }],
  ["a command that could not be loaded", -2, { exitCode: 3, usage: false }],
  ["a command that ran", 0, { exitCode: 0, usage: false }],
])("%s", (_, code, expected) => {
  expect(exitCodeOf(code)).toEqual(expected);
});
