/** Why a file cannot be executed, in the words Lambda uses for it (LIFE-05, RT-106). */
import { constants } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import type { LaunchFailureReason, StartResult } from "../sandbox.ts";
import { canExecuteFormat } from "./executable-format.ts";

type LaunchFailure = Extract<StartResult, { readonly started: false }>;

const reasons: Readonly<Record<string, LaunchFailureReason>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "permission denied",
  ENOEXEC: "exec format error",
  EBADARCH: "exec format error",
  ENOENT: "no such file or directory",
  ENOTDIR: "no such file or directory",
  EAGAIN: "resource temporarily unavailable",
  EMFILE: "resource temporarily unavailable",
  ENFILE: "resource temporarily unavailable",
  ENOMEM: "resource temporarily unavailable",
  E2BIG: "argument list too long",
  ETXTBSY: "text file busy",
  EINVAL: "invalid argument",
  ERR_INVALID_ARG_VALUE: "invalid argument",
};

/** The launch failure that stands for an error of the operating system or of `spawn`. */
export function launchFailure(error: unknown): LaunchFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  return { started: false, reason: reasons[code ?? ""] ?? "input/output error", detail: message };
}

/**
 * What the kernel would say against executing this file, or `undefined` when nothing is known against it.
 *
 * It must be asked before the start, because libuv starts programs by `execvp`, which hands a file the kernel does not
 * know to `/bin/sh`: a bootstrap without `#!` line, or for another CPU, would run as a shell script here and fail on AWS.
 */
export async function findLaunchObstacle(file: string): Promise<LaunchFailure | undefined> {
  try {
    const found = await stat(file);
    if (!found.isFile()) {
      return { started: false, reason: "permission denied", detail: `${file} is not a regular file` };
    }
    await access(file, constants.X_OK);
  } catch (error) {
    const failed = launchFailure(error);
    return failed.reason === "permission denied"
      ? { ...failed, detail: `${file} may not be executed: chmod +x` }
      : failed;
  }
  const beginning = await readBeginning(file);
  if (beginning === undefined) return undefined;
  return canExecuteFormat(beginning)
    ? findMissingInterpreter(file, beginning)
    : { started: false, reason: "exec format error", detail: `${file} has no #! line and is no program for this CPU` };
}

/** The kernel's `no such file or directory` means the interpreter then, and misleads everybody. */
async function findMissingInterpreter(file: string, beginning: Buffer): Promise<LaunchFailure | undefined> {
  const [firstLine = ""] = beginning.toString("latin1").split("\n");
  const interpreter = /^#![ \t]*([^ \t]+)/.exec(firstLine)?.[1];
  if (interpreter === undefined) return undefined;
  const there = await stat(interpreter.trimEnd()).catch(() => undefined);
  if (there !== undefined && !interpreter.endsWith("\r")) return undefined;
  const detail = interpreter.endsWith("\r")
    ? `the #! line of ${file} ends in CR LF, so its interpreter is not found: save it with LF line ends`
    : `the interpreter ${interpreter} of its #! line does not exist`;
  return { started: false, reason: "no such file or directory", detail };
}

/** The first bytes, or `undefined` when the file may be executed but not read. */
async function readBeginning(file: string): Promise<Buffer | undefined> {
  const handle = await open(file, "r").catch(() => undefined);
  try {
    const read = await handle?.read(Buffer.alloc(256), 0, 256, 0);
    return read?.buffer.subarray(0, read.bytesRead);
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}
