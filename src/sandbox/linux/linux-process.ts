/** One program of a sandbox, from its start to its exit. */
import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { launchFailure } from "../process/launch-failure.ts";
import { readAllWritten, readOutput } from "../process/output-reader.ts";
import type { ReadMeter } from "../process/output-reader.ts";
import { signalGroup, signalProcess } from "../process/process-groups.ts";
import { streamsOf } from "../process/started-process.ts";
import type { StartedProcess } from "../process/started-process.ts";
import type { Exit, ProcessSpec, StartResult } from "../sandbox.ts";
import { decodeExit, systemError } from "./exit-status.ts";
import { findChildByInnerPid } from "./host-place.ts";
import type { InitProcess, Made } from "./init-process.ts";

export interface StartParts {
  readonly spec: ProcessSpec;
  readonly init: InitProcess;
  /** Process id of the init program on the host. */
  readonly initPid: number;
  readonly meter: ReadMeter;
  /** Called after a SIGKILL was sent to the group of the process. */
  readonly onKill: (pid: number) => void;
  /** Whether an end by SIGKILL that was not ours was for want of memory. */
  readonly wasOutOfMemory: () => boolean;
}

type Started = { readonly started: true; readonly process: StartedProcess } | Exclude<StartResult, { started: true }>;

/** Starts the program in a group and session of its own; never throws. */
export async function startProgram(parts: StartParts): Promise<Started> {
  const { spec, init } = parts;
  if ([spec.file, spec.cwd, ...spec.args, ...Object.entries(spec.env).flat()].some((text) => text.includes("\0"))) {
    return launchFailure(systemError(constantsInvalid, spec.file));
  }
  let made: Made;
  try {
    made = await init.make({
      file: spec.file,
      directory: spec.cwd,
      args: spec.args,
      env: environmentOf(spec),
      withLog: spec.logDescriptor,
    });
  } catch (error) {
    return launchFailure(named(error, spec));
  }
  const { ended } = made;
  const pid = findChildByInnerPid(parts.initPid, made.pid);
  let outputs: readonly number[] = [];
  try {
    if (pid === undefined) {
      throw new Error("the process ended before it began");
    }
    outputs = openOutputs(parts.initPid, made.reads);
    await init.go(made.id);
    return { started: true, process: follow(parts, pid, ended, outputs) };
  } catch (error) {
    outputs.forEach((descriptor) => closeSync(descriptor));
    signalProcess(pid ?? 0, "SIGKILL");
    return launchFailure(named(error, spec));
  }
}

/** The number Lambda itself uses; the init program has it too. */
const logDescriptorNumber = 62;
const constantsInvalid = 22;

function environmentOf(spec: ProcessSpec): Readonly<Record<string, string>> {
  return spec.logDescriptor ? { ...spec.env, _LAMBDA_TELEMETRY_LOG_FD: String(logDescriptorNumber) } : spec.env;
}

function follow(
  { spec, meter, onKill, wasOutOfMemory }: StartParts,
  pid: number,
  ended: Promise<number | undefined>,
  outputs: readonly number[],
): StartedProcess {
  // Not before the program runs: a socket reads at once, and the end of a program that is gone by now would be lost.
  const sources = outputs.map((fd) => new Socket({ fd, readable: true, writable: false }));
  const own: ReadMeter = { pieces: 0, open: 0 };
  streamsOf(spec).forEach((stream, at) => readOutput(stream, sources[at] as Socket, spec, [own, meter]));
  let isOver = false;
  let killed = false;
  const exited = ended.then(async (status): Promise<Exit> => {
    isOver = true;
    const end = decodeExit(status);
    const outOfMemory = end.signal === "SIGKILL" && !killed && status !== undefined && wasOutOfMemory();
    await readAllWritten(own);
    return { ...end, outOfMemory };
  });
  const signal = (name: "SIGTERM" | "SIGKILL"): void => {
    if (!isOver) {
      killed ||= name === "SIGKILL";
      signalGroup(pid, name);
      if (name === "SIGKILL") {
        onKill(pid);
      }
    }
  };
  return { pid, exited, signal, sources };
}

/**
 * Opens our ends of a program's pipes. They are the init program's, which gives them up afterwards; until then nothing
 * that is written can be lost.
 */
function openOutputs(initPid: number, reads: readonly number[]): readonly number[] {
  const opened: number[] = [];
  try {
    for (const read of reads) {
      opened.push(openSync(`/proc/${initPid}/fd/${read}`, constants.O_RDONLY | constants.O_NONBLOCK));
    }
  } catch (error) {
    opened.forEach((descriptor) => closeSync(descriptor));
    throw error;
  }
  return opened;
}

function named(error: unknown, { file }: ProcessSpec): unknown {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? error : systemError(errno, file);
}
