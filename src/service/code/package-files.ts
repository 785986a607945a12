/** Files of packages on disk: written, hashed, measured, moved out of the way. */
import { createHash } from "node:crypto";
import { createReadStream, renameSync } from "node:fs";
import { lstat, open, readdir, stat } from "node:fs/promises";
import path from "node:path";

export const isThere = async (place: string): Promise<boolean> =>
  (await stat(place).catch(() => undefined)) !== undefined;

/** Nothing when there is nothing. */
export function moveAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Uint8Array);
  return hash.digest("base64");
}

export async function writeHashed(
  file: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  await using handle = await open(file, "wx");
  for await (const piece of pieces) {
    hash.update(piece);
    sizeBytes += piece.byteLength;
    await handle.writeFile(piece);
  }
  return { sha256: hash.digest("base64"), sizeBytes };
}

export async function treeBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await lstat(path.join(entry.parentPath, entry.name))).size;
  return bytes;
}
