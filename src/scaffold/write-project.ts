/** Writes a new project, whole or not at all, and over nothing. */
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import type { ProjectFiles } from "./project-files.ts";

/** @throws LambdariumError `file-in-the-way`, `output-unwritable` */
export async function writeProject(directory: string, files: ProjectFiles): Promise<void> {
  const target = path.resolve(directory);
  if (await isInTheWay(target)) throw failure("file-in-the-way", { path: directory });
  const unfinished = `${target}.${process.pid}`;
  try {
    for (const [file, text] of Object.entries(files)) {
      const place = path.join(unfinished, file);
      await mkdir(path.dirname(place), { recursive: true });
      await writeFile(place, text);
    }
    // Only an empty directory gives way: what came there meanwhile does not.
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (await isInTheWay(target)) throw failure("file-in-the-way", { path: directory }, error);
    throw failure("output-unwritable", { what: directory, why: (error as Error).message }, error);
  }
}

async function isInTheWay(target: string): Promise<boolean> {
  try {
    return (await readdir(target)).length > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}
