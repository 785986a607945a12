/** The directories of one environment, made below one directory with a name that is never used again. */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failure, LambdariumError } from "../../errors.ts";
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
    root = await mkdtemp(join(parent, `lambdarium-${spec.id.replaceAll(/[^\w-]/gu, "_")}-`));
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
    mkdir(bin, { recursive: true }),
  ]);
  await Promise.all(spec.interpreters.map(({ name, file }) => symlink(file, join(bin, name))));
  return paths;
}

function directoryFailure(path: string, error: unknown): unknown {
  if (error instanceof LambdariumError) {
    return error;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT"
    ? failure("disk-full", { path }, error)
    : failure("sandbox-directory-failed", { path, why: message }, error);
}
