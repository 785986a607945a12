/** How the end of a process reads in payloads and reports (RT-103 to RT-106, EXT-79). */
import type { Fatal, PlatformErrorPayload } from "./invocation.ts";
import type { Ready, Snapshotted, Thawing } from "./environment.ts";
import type { EnvironmentEvent, ProcessExit } from "./events.ts";
import { type Extension, extensionNamed, type Generation, withExtension, withRuntime } from "./participants.ts";
import { isReportableErrorType } from "../protocol/error-types.ts";

/** The names that Lambda's supervisor, a Go program, gives to signals. */
const signalNames: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
  SIGSTKFLT: "stack fault",
  SIGXCPU: "CPU time limit exceeded",
  SIGXFSZ: "file size limit exceeded",
  SIGSYS: "bad system call",
};

const exitText = ({ code, signal }: ProcessExit): string =>
  signal === null ? `exit status ${code ?? -1}` : `signal: ${signalNames[signal] ?? signal}`;

/** RT-103, RT-105, EVT-30, LIFE-68. */
function runtimeExit(exit: ProcessExit, generation: Generation): Fatal {
  const { postedError } = generation.runtime;
  const posted = postedError?.errorType;
  const ownType = exit.outOfMemory
    ? "Runtime.OutOfMemory"
    : posted !== undefined && isReportableErrorType(posted)
      ? posted
      : "Runtime.ExitError";
  const text =
    exit.code === 0 && exit.signal === null
      ? "Runtime exited without providing a reason"
      : `Runtime exited with error: ${exitText(exit)}`;
  return { status: "error", errorType: generation.postedFatal ?? ownType, text, runtimeEnded: true };
}

/** RT-104, EXT-79, ENV-80. */
function extensionExit(exit: ProcessExit, extension: Extension, generation: Generation): Fatal {
  const ownType =
    extension.state === "InitError"
      ? "Extension.InitError"
      : extension.state === "ExitError"
        ? "Extension.ExitError"
        : "Extension.Crash";
  const text = exit.code === 0 && exit.signal === null ? "exit code 0" : exitText(exit);
  return { status: "error", errorType: generation.postedFatal ?? ownType, text };
}

/** RT-102, RT-107: what the caller gets for a fatal event. */
export const fatalPayload = (requestId: string, fatal: Fatal): PlatformErrorPayload => ({
  errorType: fatal.status === "timeout" ? "Sandbox.Timedout" : (fatal.errorType ?? "Sandbox.Failure"),
  errorMessage: `RequestId: ${requestId} Error: ${fatal.text}`,
});

/** RT-102: two decimals. */
export const timedOut = (timeoutMs: number): Fatal => ({
  status: "timeout",
  text: `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
});

/** EVT-24: what begins with `Sandbox.` is the platform's fault. */
export const platformFailure = (text: string): Fatal => ({ status: "failure", errorType: "Sandbox.Failure", text });

/** LIFE-80: the platform stops before the function could answer. */
export const stopped = platformFailure("The platform was stopped before the invocation ended.");

/** The part of a fatal event that records carry. */
export const verdictOf = (fatal: Fatal | undefined): { status: Fatal["status"]; errorType?: string } =>
  fatal === undefined
    ? { status: "success" }
    : fatal.errorType === undefined
      ? { status: fatal.status }
      : { status: fatal.status, errorType: fatal.errorType };

/** LIFE-63, LIFE-67: the first exit is the one the next invocation fails with. */
export function noteExit<E extends Ready | Thawing | Snapshotted>(
  environment: E,
  event: Extract<EnvironmentEvent, { event: "runtime exited" | "extension exited" }>,
): E {
  const [generation, fatal] = exitOf(environment.generation, event);
  return { ...environment, generation, fatal: environment.fatal ?? fatal };
}

/** Who ended, and what that means. */
export function exitOf(
  generation: Generation,
  event: Extract<EnvironmentEvent, { event: "runtime exited" | "extension exited" }>,
): readonly [Generation, Fatal] {
  if (event.event === "runtime exited")
    return [withRuntime(generation, { alive: false }), runtimeExit(event.exit, generation)];
  const extension = extensionNamed(generation, event.name);
  if (extension === undefined) throw new Error(`no extension is called ${event.name}`);
  return [withExtension(generation, { ...extension, alive: false }), extensionExit(event.exit, extension, generation)];
}
