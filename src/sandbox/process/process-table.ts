/** The processes of this machine as Linux shows them in `/proc`; on other systems the table is empty. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { KeptFile } from "./kept-file.ts";

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Moment of its start, in the kernel's ticks since the machine's. */
  readonly startTicks: number;
}

/** Whether this machine shows its processes in `/proc`. */
export const hasProcessTable = process.platform === "linux" && existsSync("/proc/self/stat");

/** Ids of all processes. */
export function listPids(): readonly number[] {
  return hasProcessTable ? readdirSync("/proc").map(Number).filter(Number.isInteger) : [];
}

/** One process, or `undefined` when it is gone or only waits to be collected by its parent. */
export function readProcess(pid: number): ProcessRow | undefined {
  const text = readProc(pid, "stat");
  // The program's name comes second, in parentheses, and may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  if (state === undefined || session === undefined || state === "Z" || state === "X") {
    return undefined;
  }
  const startTicks = Number(fields[startTicksField]);
  return { pid, parent: Number(parent), group: Number(group), session: Number(session), startTicks };
}

/** The present moment on the scale of `startTicks`. */
export function readTicks(): number {
  return hasProcessTable
    ? Math.floor(Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]) * ticksPerSecond)
    : 0;
}

// The 22nd field of all, of which the first two are cut off here.
const startTicksField = 19;

// What Linux shows to programs, whatever it counts in itself.
const ticksPerSecond = 100;

/** The environment variables a process was started with, as `NAME=value`; none when they may not be read. */
export function readEnviron(pid: number): readonly string[] {
  return readProc(pid, "environ").split("\0");
}

/** What the standard output and standard error of a process lead to; nothing when it may not be known. */
export function readOutputTargets(pid: number): readonly string[] {
  return [1, 2].map((descriptor) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    } catch {
      return "";
    }
  });
}

const loadAverage = new KeptFile("/proc/loadavg");

/** Changes whenever a process or thread was started anywhere on the machine. */
export function readNewestPid(): string {
  return hasProcessTable ? (loadAverage.read().trim().split(" ").at(-1) ?? "") : "";
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
