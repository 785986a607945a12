/** What one sandbox needs on the host: its `/opt`, its `/var/lang`, and what it shall believe of the machine. */
import { constants } from "node:fs";
import { chmod, copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { directoryFailure } from "../directory-failure.ts";
import { assembleOpt } from "../opt-directory.ts";
import type { SandboxSpec } from "../sandbox.ts";
import { makeDirectory, writeReadable } from "./mount-points.ts";
import { cpuinfoText, interpreterFiles, interpreterLinks, meminfoText } from "./mounts.ts";
import type { Mount } from "./mounts.ts";

export interface SandboxDirectory {
  readonly directory: string;
  /** Parts of `/proc` that tell of the function's machine. */
  readonly procMounts: readonly Mount[];
}

/** @throws LambdariumError `layer-not-found`, `disk-full` or `sandbox-directory-failed`; nothing is left behind. */
export async function makeSandboxDirectory(spec: SandboxSpec, parent: string): Promise<SandboxDirectory> {
  let directory: string | undefined;
  try {
    directory = await mkdtemp(join(parent, `${spec.id.replaceAll(/[^\w-]/gu, "_").slice(0, 40)}-`));
    await Promise.all([fillOpt(directory, spec), fillLang(directory, spec)]);
    return { directory, procMounts: await writeProc(directory, spec) };
  } catch (error) {
    if (directory !== undefined) {
      await rm(directory, { recursive: true, force: true });
    }
    throw directoryFailure(parent, error);
  }
}

async function fillOpt(directory: string, spec: SandboxSpec): Promise<void> {
  const opt = join(directory, "opt");
  await assembleOpt(opt, spec.layerDirectories, []);
  if (spec.extensionFiles.length > 0) {
    await rm(join(opt, "extensions"), { force: true }).catch(() => undefined);
    await makeDirectory(join(opt, "extensions"));
  }
  for (const { name, file } of spec.extensionFiles) {
    // A copy: inside, there is no way to where it lies on the host.
    const target = join(opt, "extensions", name);
    await rm(target, { recursive: true, force: true });
    await copyFile(file, target, constants.COPYFILE_FICLONE);
  }
}

async function fillLang(directory: string, { interpreters }: SandboxSpec): Promise<void> {
  const bin = join(directory, "lang", "bin");
  await chmod(directory, 0o755);
  await makeDirectory(bin);
  await Promise.all([
    ...interpreterFiles(interpreters).map(async ({ name }) => writeReadable(join(bin, name), "")),
    ...interpreterLinks(interpreters).map(async ({ name, file }) => symlink(file, join(bin, name))),
  ]);
}

async function writeProc(directory: string, { memorySizeMb }: SandboxSpec): Promise<readonly Mount[]> {
  const cpuinfo = cpuinfoText(memorySizeMb);
  const files = { meminfo: meminfoText(memorySizeMb), ...(cpuinfo === undefined ? {} : { cpuinfo }) };
  return Promise.all(
    Object.entries(files).map(async ([name, text]): Promise<Mount> => {
      const source = join(directory, name);
      await writeReadable(source, text);
      return { kind: "bind", source, target: `/proc/${name}` };
    }),
  );
}
