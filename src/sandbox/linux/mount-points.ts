/** Places in the shared root on which sandboxes mount what only they have. */
import { chmod, lstat, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Mount } from "./mounts.ts";

/** Makes those that are not there yet; `/proc` and `/var/lang` bring their own. */
export async function makeMountPoints(root: string, mounts: readonly Mount[]): Promise<void> {
  for (const mount of mounts) {
    const place = join(root, mount.target);
    if (/^\/(?:proc|var\/lang)\//u.test(mount.target) || (await exists(place))) {
      continue;
    }
    const isDirectory = mount.kind !== "bind" || (await stat(mount.source)).isDirectory();
    await makeDirectory(isDirectory ? place : dirname(place));
    if (!isDirectory) {
      await writeReadable(place, "");
    }
  }
}

/** With modes that let every user through, whatever the umask of this process. */
export async function makeDirectory(path: string): Promise<void> {
  if (!(await exists(path))) {
    await makeDirectory(dirname(path));
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }
}

/** Readable for every user, whatever the umask of this process. */
export async function writeReadable(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await writeFile(path, content);
  await chmod(path, mode);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
