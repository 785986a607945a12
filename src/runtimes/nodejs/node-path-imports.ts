/**
 * Lets `import` find packages by `NODE_PATH`, as Lambda's Node.js runtimes do from Node.js 18 on: without it, ES modules
 * find nothing in layers (ENV-21). Plain Node.js honours the variable for `require` only.
 */
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { resolveByNodePathSync, useDirectories } from "./node-path-resolution.ts";

interface SyncHooks {
  registerHooks?: (hooks: { resolve: typeof resolveByNodePathSync }) => void;
}

/** @param ours directories that stand in `NODE_PATH` anyway and hold no packages. */
export function resolveImportsByNodePath(nodePath: string, ours: readonly (string | undefined)[]): void {
  const directories = nodePath
    .split(":")
    .filter((directory) => directory !== "" && !ours.includes(directory) && existsSync(directory));
  // Hooks cost each import something, and on Node.js 20 a thread: only functions with layers pay.
  if (directories.length === 0) return;
  const { registerHooks } = nodeModule as SyncHooks;
  if (registerHooks !== undefined) {
    useDirectories(directories);
    registerHooks({ resolve: resolveByNodePathSync });
  } else {
    nodeModule.register("./node-path-resolution.js", import.meta.url, { data: directories });
  }
}
