/** Small files of the kernel's: written and read whole. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export function writeValue(file: string, value: string | number): void {
  writeFileSync(file, String(value));
}

/** Writes where the file is there and takes the value. */
export function tryWriteValue(file: string, value: string | number): boolean {
  try {
    // Not created: a name the kernel does not know is no file of its.
    writeFileSync(file, String(value), { flag: "r+" });
    return true;
  } catch {
    return false;
  }
}

export function readText(file: string): string {
  try {
    return readFileSync(file, "latin1").trim();
  } catch {
    return "";
  }
}

export function readNumber(file: string): number {
  return Number(readText(file)) || 0;
}

/** A value of a file with lines of the form `name value`. */
export function readField(file: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "mu").exec(readText(file))?.[1] ?? 0);
}

export function readPids(file: string): readonly number[] {
  return readText(file).split("\n").filter(Boolean).map(Number);
}

/** Process ids that may be gone already are no error. */
export function movePid(file: string, pid: number): void {
  try {
    writeFileSync(file, String(pid));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

export function makeGroup(directory: string): void {
  mkdirSync(directory, { recursive: true });
}

/**
 * Removes a group, and after it those of its host process and of all of us when they are empty, which the kernel decides
 * at that moment; `false` when the group is still there.
 */
export function removeGroup(directory: string): boolean {
  try {
    rmdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      return false;
    }
  }
  try {
    rmdirSync(dirname(directory));
    rmdirSync(dirname(dirname(directory)));
  } catch {
    // Others are still there.
  }
  return true;
}
