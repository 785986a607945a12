/** Where source code is written that a template has inside. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export interface WorkDirectory {
  readonly path: string;
  readonly close: () => Promise<void>;
}

/** In the data directory, where it stays, else in one for temporary files, where it does not. */
export async function openWorkDirectory(dataDir: string | undefined): Promise<WorkDirectory> {
  if (dataDir !== undefined) return { path: path.join(dataDir, "work"), close: () => Promise.resolve() };
  const directory = await mkdtemp(path.join(tmpdir(), "lambdarium-work-"));
  return { path: directory, close: () => rm(directory, { recursive: true, force: true }) };
}
