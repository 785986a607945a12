/** Where source code is written that a template has inside. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { guardDirectory, releaseDirectory } from "../sandbox/process/guardian.ts";

export interface WorkDirectory {
  readonly path: string;
  readonly close: () => Promise<void>;
}

/** In the data directory, where it stays, else in one for temporary files, where it does not. */
export async function openWorkDirectory(dataDir: string | undefined): Promise<WorkDirectory> {
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true });
    // It lies in a project; nobody wants it in a repository.
    await writeFile(path.join(dataDir, ".gitignore"), "*\n");
    // Code is kept in it, and Node.js asks the nearest package.json which kind of module a file is: that of the project
    // around it must not be asked, since on Lambda there is none above /var/task.
    await writeFile(path.join(dataDir, "package.json"), "{}\n");
    return { path: path.join(dataDir, "work"), close: () => Promise.resolve() };
  }
  const directory = await mkdtemp(path.join(tmpdir(), "lambdarium-work-"));
  guardDirectory(directory);
  const close = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true });
    releaseDirectory(directory);
  };
  return { path: directory, close };
}
