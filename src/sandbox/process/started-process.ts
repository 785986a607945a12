/** One process of a sandbox, from its start to its exit. */
import { setTimeout } from "node:timers/promises";
import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { closeSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Exit, OutputStream, ProcessSpec, SandboxProcess, StartResult } from "../sandbox.ts";
import { launchFailure } from "./launch-failure.ts";
import type { OutputPipe } from "./output-pipes.ts";
import { readAllWritten, readOutput } from "./output-reader.ts";
import type { ReadMeter } from "./output-reader.ts";
import { signalGroup } from "./process-groups.ts";

/** The number Lambda itself uses; shell scripts use the low ones for themselves. */
const logDescriptorNumber = 62;

export interface StartParts {
  readonly spec: ProcessSpec;
  /** One for each of the process's streams, in the order of `streamsOf`; none where pipes are Node.js's own. */
  readonly pipes: readonly OutputPipe[];
  /** Counts what is read of all processes of the sandbox. */
  readonly meter: ReadMeter;
  /** Asked at the last moment: a sandbox that is destroyed starts nothing any more. */
  readonly mayStart: () => boolean;
  readonly onStart: (pid: number) => void;
  /** Called at the exit, before its output was read to the end. */
  readonly onExit: (pid: number) => void;
}

export type StartedProcess = SandboxProcess & { readonly sources: readonly Readable[] };

type Started = { readonly started: true; readonly process: StartedProcess } | Exclude<StartResult, { started: true }>;

/** The streams a process has: the framed log descriptor only where it is asked for. */
export function streamsOf(spec: ProcessSpec): readonly OutputStream[] {
  return spec.logDescriptor ? ["stdout", "stderr", "log"] : ["stdout", "stderr"];
}

/** Starts the process in a group and session of its own; never throws. */
export async function startProcess(parts: StartParts): Promise<Started> {
  const { spec, pipes, meter } = parts;
  const child = parts.mayStart() ? trySpawn(spec, pipes) : { error: new Error("the sandbox is destroyed") };
  pipes.forEach(({ writeDescriptor }) => closeSync(writeDescriptor));
  if (!("pid" in child) || child.pid === undefined) {
    pipes.forEach(({ source }) => source.destroy());
    return launchFailure("spawnfile" in child ? await errorOf(child) : child.error);
  }
  const { pid } = child;
  parts.onStart(pid);
  const own: ReadMeter = { pieces: 0, open: 0 };
  const sources = sourcesOf(child, spec, pipes);
  streamsOf(spec).forEach((stream, at) => readOutput(stream, sources[at] as Readable, spec, [own, meter]));
  child.on("error", () => undefined);

  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      ended = true;
      parts.onExit(pid);
      // Not `close`: a daemon that holds the pipes open would delay it for as long as it lives.
      void readAllWritten(own).then(() => resolve({ code, signal, outOfMemory: false }));
    });
  });
  const signal = (name: "SIGTERM" | "SIGKILL"): void => {
    if (!ended) {
      signalGroup(pid, name);
    }
  };
  return { started: true, process: { pid, exited, signal, sources } };
}

function trySpawn(spec: ProcessSpec, pipes: readonly OutputPipe[]): ChildProcess | { readonly error: unknown } {
  try {
    return spawn(spec.file, spec.args, {
      cwd: spec.cwd,
      env: environmentOf(spec),
      stdio: stdioOf(spec, pipes),
      detached: true,
      windowsHide: true,
    });
  } catch (error) {
    // Most failures come as an event, but E2BIG and a few others are thrown.
    return { error };
  }
}

function environmentOf(spec: ProcessSpec): NodeJS.ProcessEnv {
  return {
    // Node.js adds this variable of its own environment to every child that does not name it (ENV-29).
    NODE_V8_COVERAGE: undefined,
    ...spec.env,
    ...(spec.logDescriptor ? { _LAMBDA_TELEMETRY_LOG_FD: String(logDescriptorNumber) } : {}),
  };
}

function stdioOf(spec: ProcessSpec, pipes: readonly OutputPipe[]): StdioOptions {
  const [stdout, stderr, log] = streamsOf(spec).map((_, at) => pipes[at]?.writeDescriptor ?? ("pipe" as const));
  const stdio = ["ignore" as const, stdout, stderr];
  if (log === undefined) {
    return stdio;
  }
  const between = Array.from({ length: logDescriptorNumber - stdio.length }, () => "ignore" as const);
  return [...stdio, ...between, log];
}

function sourcesOf(child: ChildProcess, spec: ProcessSpec, pipes: readonly OutputPipe[]): readonly Readable[] {
  const numbers = { stdout: 1, stderr: 2, log: logDescriptorNumber } as const;
  return streamsOf(spec).map(
    (stream, at) => pipes[at]?.source ?? (child.stdio as readonly unknown[])[numbers[stream]],
  ) as readonly Readable[];
}

async function errorOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once("error", resolve);
  });
}

/** How long the kernel may take to tell of pipes whose writers are all dead. */
const closingMs = 1000;

/** Waits until the outputs of programs that are dead were read to their ends and closed (CAP-11). */
export async function outputsClosed(started: Iterable<StartedProcess>): Promise<void> {
  const open = [...started].flatMap(({ sources }) => sources).filter((source) => !source.closed);
  const closed = open.map(async (source) => new Promise<void>((resolve) => source.once("close", resolve)));
  await Promise.race([Promise.all(closed), setTimeout(closingMs, undefined, { ref: false })]);
}
