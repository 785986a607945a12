/** The directories of one environment, made below one directory with a name that is never used again. */
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryFailure } from "../directory-failure.ts";
import { assembleOpt } from "../opt-directory.ts";
import type { SandboxPaths, SandboxSpec } from "../sandbox.ts";
import { guardDirectory, releaseDirectory } from "./guardian.ts";

export interface WorkDirectory {
  readonly root: string;
  readonly paths: SandboxPaths;
}

/** Makes it below `parent`, doing `alongside` at the same time; nothing is left when either fails. */
export async function makeWorkDirectory(
  spec: SandboxSpec,
  parent: string,
  alongside: (root: string) => Promise<void>,
): Promise<WorkDirectory> {
  let root: string | undefined;
  try {
    const name = spec.id.replaceAll(/[^\w-]/gu, "_").slice(0, nameAtMostCharacters);
    // The real path, for that is what the kernel shows of a process's open files, and Node.js of its modules.
    root = await realpath(await mkdtemp(join(parent, `lambdarium-${name}-`)));
    guardDirectory(root);
    const [filled, done] = await Promise.allSettled([fill(root, spec), alongside(root)]);
    if (filled.status === "rejected" || done.status === "rejected") {
      throw [filled, done].find((result) => result.status === "rejected")?.reason;
    }
    return { root, paths: filled.value };
  } catch (error) {
    if (root !== undefined) {
      await removeWorkDirectory(root);
    }
    throw directoryFailure(parent, error);
  }
}

/** Removes it with everything in it; never rejects. */
export async function removeWorkDirectory(root: string): Promise<void> {
  try {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
    releaseDirectory(root);
  } catch {
    // Left to the guardian, which tries once more when we are gone.
  }
}

// File names may have 255 bytes on most systems, whole paths few more on some.
const nameAtMostCharacters = 64;

async function fill(root: string, spec: SandboxSpec): Promise<SandboxPaths> {
  const paths: SandboxPaths = {
    task: spec.codeDirectory,
    opt: join(root, "opt"),
    runtime: spec.runtimeDirectory ?? join(root, "runtime"),
    lang: join(root, "lang"),
    tmp: tmpdir(),
  };
  const bin = join(paths.lang, "bin");
  await Promise.all([
    assembleOpt(paths.opt, spec.layerDirectories, spec.extensionFiles),
    mkdir(join(root, "runtime")),
    // Not recursive: on a full disk that says ENOENT.
    mkdir(paths.lang).then(() => mkdir(bin)),
  ]);
  await Promise.all(spec.interpreters.map(({ name, file }) => symlink(file, join(bin, name))));
  return paths;
}
