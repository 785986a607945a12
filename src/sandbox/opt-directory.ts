/** What lies in `/opt`: the layers merged into one tree, and the extensions found in it. */
import { constants } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, readdir, readlink, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "../errors.ts";

/**
 * Merges layers into the directory `opt`, in order, later ones winning (ENV-17), then adds the extension files.
 * @throws LambdariumError `layer-not-found` when a layer is no directory.
 */
export async function assembleOpt(
  opt: string,
  layerDirectories: readonly string[],
  extensionFiles: readonly { readonly name: string; readonly file: string }[],
): Promise<void> {
  await makeDirectory(opt);
  for (const layer of layerDirectories) {
    await requireDirectory(layer);
    await mergeTree(layer, opt);
  }
  if (extensionFiles.length === 0) {
    return;
  }
  const extensions = join(opt, "extensions");
  await makeDirectory(extensions);
  for (const { name, file } of extensionFiles) {
    // A link, not a copy: an extension under development reads the files beside it, which Node.js finds by real path.
    await replace(join(extensions, name), (path) => symlink(file, path));
  }
}

/** Names of the entries of `<opt>/extensions` that are not directories, in byte order (LIFE-01 to LIFE-03). */
export async function listExtensionsIn(opt: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(join(opt, "extensions"), { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return [];
    }
    throw error;
  }
}

async function requireDirectory(layer: string): Promise<void> {
  const found = await stat(layer).catch((error: unknown) => {
    throw failure("layer-not-found", { path: layer }, error);
  });
  if (!found.isDirectory()) {
    throw failure("layer-not-found", { path: layer });
  }
}

async function mergeTree(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  await Promise.all(
    entries.map(async (entry) => {
      const source = join(from, entry.name);
      const target = join(to, entry.name);
      if (entry.isDirectory()) {
        await makeDirectory(target);
        await mergeTree(source, target);
        // With the owner's bits always on: otherwise nobody but root could remove the tree again.
        await chmod(target, ((await stat(source)).mode & 0o777) | 0o700);
      } else if (entry.isSymbolicLink()) {
        const text = await readlink(source);
        await replace(target, (path) => symlink(text, path));
      } else if (entry.isFile()) {
        await replace(target, (path) => linkOrCopy(source, path));
      }
      // Sockets, FIFOs and devices cannot be in a layer's archive, so they are left out.
    }),
  );
}

/** Makes a directory unless it is one already; a file or link of an earlier layer gives way, it is never followed. */
async function makeDirectory(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    return;
  }
  await rm(path, { force: true });
  // Not recursive: on a full disk that says ENOENT.
  await mkdir(path);
}

async function replace(path: string, make: (path: string) => Promise<void>): Promise<void> {
  try {
    await make(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
    await rm(path, { recursive: true, force: true });
    await make(path);
  }
}

/**
 * A hard link costs next to nothing and has its real path inside `/opt`, so a package of one layer finds those of
 * another as on AWS; a symbolic link would lead Node.js out of the merged tree.
 */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another file system, another owner (`protected_hardlinks`), too many links, or no links at all.
    if (code !== "EXDEV" && code !== "EPERM" && code !== "EMLINK" && code !== "ENOTSUP" && code !== "ENOSYS") {
      throw error;
    }
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
