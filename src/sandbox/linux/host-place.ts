/** Where one host process keeps what its sandboxes need on the machine, under a name that tells whose it is. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { readProcess } from "../process/process-table.ts";

/** Common to all host processes of this user. */
export interface HostPlace {
  /** Directory of all host processes of this user. */
  readonly base: string;
  /** Name of this host process, never used by another one. */
  readonly key: string;
  /** Directory of this host process. */
  readonly directory: string;
}

/**
 * Makes the directory of this host process below `parent`.
 * @throws Error when somebody else made a directory of that name, or none can be made.
 */
export function makeHostPlace(parent: string): HostPlace {
  const base = join(parent, `lambdarium-sandboxes-${process.getuid?.() ?? 0}`);
  mkdirSync(base, { mode: 0o700, recursive: true });
  const found = lstatSync(base);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    // Others may write where it lies: what they put there is not to be trusted.
    throw new Error(`${base} is not a directory of yours alone`);
  }
  const key = `${pidNamespace()}-${process.pid}-${readProcess(process.pid)?.startTicks ?? 0}`;
  const directory = join(base, key);
  mkdirSync(directory, { mode: 0o700, recursive: true });
  return { base, key, directory };
}

/** Names of host processes that are gone and left something behind. */
export function findAbandoned(base: string): readonly string[] {
  const here = pidNamespace();
  return readdirSync(base).filter((name) => {
    const [, namespace, pid, ticks] = /^(\d+)-(\d+)-(\d+)$/u.exec(name) ?? [];
    // Those of another pid namespace cannot be looked up, so they may be alive.
    return namespace === here && readProcess(Number(pid))?.startTicks !== Number(ticks);
  });
}

/** Host process ids of the children of a process whose number inside their own namespace is `inner`. */
export function findChildByInnerPid(parent: number, inner: number): number | undefined {
  return childrenOf(parent).find((pid) => innerPid(pid) === inner);
}

function childrenOf(parent: number): readonly number[] {
  try {
    // Any thread of it may be the one that forked.
    const threads = readdirSync(`/proc/${parent}/task`);
    const texts = threads.map((thread) => readFileSync(`/proc/${parent}/task/${thread}/children`, "latin1"));
    return texts.flatMap((text) => text.split(" ").filter(Boolean).map(Number));
  } catch {
    // A kernel without that list.
    const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
    return pids.filter((pid) => readProcess(pid)?.parent === parent);
  }
}

function innerPid(pid: number): number | undefined {
  try {
    const line = /^NSpid:(.*)$/mu.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return Number(line?.trim().split(/\s+/u).at(-1));
  } catch {
    return undefined;
  }
}

function pidNamespace(): string {
  return /\d+/u.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
}
