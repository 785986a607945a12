/**
 * Where what is to be forwarded lies: a directory for each run, named for the process, since several may keep their data
 * in one place. Who starts takes over what runs before it have left.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import path from "node:path";
import { isAlive } from "../is-alive.ts";

export interface LeftDirectory {
  readonly path: string;
  /** The process did not end in order, and may have lost what it had not written. */
  readonly killed: boolean;
}

export interface SpoolDirectories {
  /** For what comes; not made yet. */
  readonly own: string;
  readonly left: readonly LeftDirectory[];
}

/** Of this process, whose number a run before it may have had. */
const ours = new Set<string>();

/** @throws what the file system says */
export function spoolDirectories(parent: string): SpoolDirectories {
  mkdirSync(parent, { recursive: true });
  const left = readdirSync(parent).flatMap((name): LeftDirectory[] => {
    const [, owner] = /^(left|\d+)-[0-9a-f]{16}$/.exec(name) ?? [];
    if (owner === undefined || ours.has(path.join(parent, name))) return [];
    if (owner !== "left" && Number(owner) !== process.pid && isAlive(Number(owner))) return [];
    const taken = newName(parent);
    try {
      // Whoever is first has it.
      renameSync(path.join(parent, name), taken);
    } catch {
      return [];
    }
    return [{ path: taken, killed: owner !== "left" }];
  });
  return { own: newName(parent), left };
}

/** What is left in it waits for the next run, and was not cut off. */
export function leaveDirectory(directory: string): void {
  ours.delete(directory);
  try {
    renameSync(directory, path.join(path.dirname(directory), `left-${randomBytes(8).toString("hex")}`));
  } catch {
    // It is gone: all of it was delivered.
  }
}

function newName(parent: string): string {
  const name = path.join(parent, `${process.pid}-${randomBytes(8).toString("hex")}`);
  ours.add(name);
  return name;
}
