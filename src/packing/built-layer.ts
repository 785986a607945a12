/** The layer of a source, on the disk, for an environment that is about to start. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { bundledFiles } from "./bundled-layer.ts";
import { bundleExtension } from "./bundle-extension.ts";
import { checkName } from "./check-names.ts";

export interface BuiltLayer {
  readonly directory: string;
  /** Absolute paths of the sources it was built from, packages left out. */
  readonly files: readonly string[];
}

/**
 * Bundles `entry` as `lambdarium pack` does, into a directory of `room` that is named for its content: what has changed
 * is another directory, and environments keep theirs.
 * @throws LambdariumError `extension-not-bundled`, `invalid-setting`
 */
export async function buildLayer(entry: string, name: string, room: string): Promise<BuiltLayer> {
  const [problem] = checkName(name);
  if (problem !== undefined)
    throw failure("invalid-setting", { setting: "extension", value: entry, why: problem.message.replace(/\.$/, "") });
  const { code, files } = await bundleExtension(entry, name);
  const content = createHash("sha256").update(code).digest("hex").slice(0, 16);
  const directory = path.join(room, `${name}-${content}`);
  // Whole or not at all: another environment may be about to build the same.
  const unfinished = path.join(room, randomUUID());
  for (const file of bundledFiles(name, code)) {
    const place = path.join(unfinished, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, file.bytes, { mode: file.mode });
  }
  await rename(unfinished, directory).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true, force: true });
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
  return { directory, files };
}
