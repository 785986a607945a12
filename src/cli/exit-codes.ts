/** What the command answers its caller with. */
import { ExitCode } from "@stricli/core";
import { LambdariumError } from "../errors.ts";

export const exitCodes = {
  /** All invocations succeeded. */
  success: 0,
  /** An invocation ended in a function error, a failed Init included (LIFE-25). */
  functionError: 1,
  /** Bad usage or configuration; nothing was started. */
  badUsage: 2,
  /** The platform itself failed. */
  platformFailed: 3,
} as const;

/** 128 and the signal's number, as shells have it; see docs/decisions/0004-command-line.md. */
export const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Faults of the machine that show only while things are being started: the user asked for nothing wrong. */
const platformFaults: ReadonlySet<string> = new Set(["disk-full", "sandbox-directory-failed", "sandbox-listen-failed"]);

/** For an error that kept the run from starting. */
export function exitCodeOfFailure(error: unknown): number {
  if (!(error instanceof LambdariumError)) return exitCodes.platformFailed;
  if (error.mendedBy === "lambdarium" || platformFaults.has(error.code)) return exitCodes.platformFailed;
  return exitCodes.badUsage;
}

/** From what the parser left behind to ours. */
export function exitCodeOf(code: unknown): { readonly exitCode: number; readonly usage: boolean } {
  if (code === ExitCode.InvalidArgument || code === ExitCode.UnknownCommand)
    return { exitCode: exitCodes.badUsage, usage: true };
  if (typeof code !== "number" || code < 0) return { exitCode: exitCodes.platformFailed, usage: false };
  return { exitCode: code, usage: false };
}
