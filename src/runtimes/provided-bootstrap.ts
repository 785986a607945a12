/** Where the program of a `provided.*` function is (ENV-62, ENV-63). */
import { lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import type { FunctionFiles } from "./own-client.ts";

/** The place whose `bootstrap` is to be executed, the function's own first; a directory of that name is none. */
export function findBootstrap({ codeDirectory, layerDirectories }: FunctionFiles): "task" | "opt" | undefined {
  if (isProgram(codeDirectory)) return "task";
  return layerDirectories.some(isProgram) ? "opt" : undefined;
}

function isProgram(directory: string): boolean {
  const path = join(directory, "bootstrap");
  try {
    return !statSync(path).isDirectory();
  } catch {
    return isSymbolicLink(path);
  }
}

/** One that leads nowhere on the host may lead to `/var/task` inside. */
function isSymbolicLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
