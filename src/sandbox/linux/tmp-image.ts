/** The file system for `/tmp`: a sparse image that is made once for each size and copied for each sandbox. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { tmpBytes } from "./mounts.ts";

const run = promisify(execFile);

/** Path of an image with an empty file system of the size. @throws Error where none can be made. */
export async function tmpImage(base: string, ephemeralStorageMb: number): Promise<string> {
  const image = join(base, `tmp-${ephemeralStorageMb}.img`);
  if (!existsSync(image)) {
    const making = beingMade.get(image) ?? makeImage(image, ephemeralStorageMb);
    beingMade.set(image, making);
    await making.finally(() => beingMade.delete(image));
  }
  return image;
}

const beingMade = new Map<string, Promise<void>>();

async function makeImage(image: string, ephemeralStorageMb: number): Promise<void> {
  const draft = `${image}.${process.pid}`;
  const mountPoint = `${draft}.mounted`;
  try {
    const file = await open(draft, "w", 0o600);
    await file.truncate(imageBytes(ephemeralStorageMb));
    await file.close();
    const features = ["-O", "^has_journal,^resize_inode", "-m", "0", "-i", String(bytesPerInode)];
    const extended = ["-E", "lazy_itable_init=1,nodiscard,root_owner=0:0"];
    await run("mkfs.ext4", ["-q", "-F", ...features, ...extended, draft], { env: path });
    // In a namespace of its own, so that nothing stays mounted whatever happens.
    const furnish = `set -e; mkdir "$2"; mount -o loop "$1" "$2"; rmdir "$2/lost+found"; chmod 1777 "$2"; umount "$2"`;
    const unshared = ["--mount", "--propagation", "private", "--", "/bin/sh", "-c", furnish, "sh", draft, mountPoint];
    await run("unshare", unshared, { env: path });
    await rename(draft, image);
  } finally {
    await rm(draft, { force: true });
    await rm(mountPoint, { recursive: true, force: true });
  }
}

const path = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
const bytesPerInode = 16_384;

/** What programs can write, and what the file system needs for itself on top. */
function imageBytes(ephemeralStorageMb: number): number {
  const wanted = tmpBytes(ephemeralStorageMb);
  const inodeTables = (wanted / bytesPerInode) * 256;
  const maps = (wanted / 134_217_728) * 2 * 4096 + 1_048_576;
  // Held back by the kernel for writes it has promised: 2 % or 4,096 blocks, whichever is less.
  const heldBack = Math.min(wanted * 0.02, 4096 * 4096);
  return Math.ceil((wanted + inodeTables + maps + heldBack) / 4096) * 4096;
}
