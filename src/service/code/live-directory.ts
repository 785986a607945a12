/** A directory of the user's as a package: what counts, how large it is, and which zip it would be (SVC-53 to SVC-58). */
import { createHash } from "node:crypto";
import { readFile, readdir, lstat, readlink, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { invalidValue } from "../refusal.ts";
import type { CodeMeasure } from "../state/records.ts";
import { mostZipEntries, type ZipEntry, zipPieces } from "./zip-pieces.ts";

/** SVC-50, SVC-58 */
export const mostUnpackedBytes = 262_144_000;

/**
 * The directory that an S3 key means when the bucket is `local-dir`.
 * @throws Refusal when it is not absolute or there is none.
 */
export async function liveDirectory(key: string): Promise<string> {
  const directory = pathOfKey(key);
  const found = await stat(directory).catch(() => undefined);
  if (found === undefined) throw invalidValue(`There is no directory ${directory} on this machine (S3Key ${key}).`);
  if (!found.isDirectory()) throw invalidValue(`${directory} is no directory (S3Key ${key}).`);
  return directory;
}

/** @throws Refusal for what is neither an absolute path nor a `file://` URI of this machine. */
export function pathOfKey(key: string): string {
  if (!key.startsWith("file:")) {
    if (path.isAbsolute(key)) return path.resolve(key);
    throw invalidValue(`With S3Bucket local-dir, S3Key is an absolute path or a file:// URI, not ${key}.`);
  }
  try {
    return fileURLToPath(key);
  } catch {
    throw invalidValue(`${key} is no file:// URI of a directory on this machine.`);
  }
}

/** What a zip of the directory would hold, sorted by name. */
export interface LivePackage {
  readonly entries: readonly ZipEntry[];
  readonly unpackedBytes: number;
  /** Changes with every file's name, size, mode and time. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch; of the file changed last. */
  readonly changedMs: number;
}

/** @throws Refusal when the directory cannot be read or holds too much. */
export async function scanDirectory(directory: string): Promise<LivePackage> {
  const found: Found[] = [];
  await walk(directory, "", found).catch((error: unknown) => {
    throw invalidValue(`The directory ${directory} cannot be read: ${(error as Error).message}`);
  });
  const unpackedBytes = found.reduce((sum, { bytes }) => sum + bytes, 0);
  if (unpackedBytes > mostUnpackedBytes || found.length > mostZipEntries)
    throw invalidValue(
      `Unzipped size must be smaller than ${mostUnpackedBytes} bytes; ${directory} has ${unpackedBytes} in ${found.length} files`,
    );
  found.sort((a, b) => Buffer.compare(Buffer.from(a.entry.path), Buffer.from(b.entry.path)));
  const fingerprint = createHash("sha256");
  for (const { entry, bytes, stamp } of found) fingerprint.update(`${entry.path}\0${entry.mode}\0${bytes}\0${stamp}\n`);
  return {
    entries: found.map(({ entry }) => entry),
    unpackedBytes,
    fingerprint: fingerprint.digest("hex"),
    changedMs: found.reduce((latest, { changedMs }) => Math.max(latest, changedMs), 0),
  };
}

/** The zip's hash and size, without keeping it. */
export async function measurePackage({ entries, unpackedBytes }: LivePackage): Promise<CodeMeasure> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of zipPieces(entries)) {
    hash.update(piece);
    sizeBytes += piece.byteLength;
  }
  return { sha256: hash.digest("base64"), sizeBytes, unpackedBytes };
}

interface Found {
  readonly entry: ZipEntry;
  readonly bytes: number;
  readonly stamp: string;
  readonly changedMs: number;
}

async function walk(root: string, within: string, found: Found[]): Promise<void> {
  for (const name of await readdir(path.join(root, within))) {
    const relative = within + name;
    if (isLitter(relative)) continue;
    const file = path.join(root, relative);
    const status = await lstat(file, { bigint: true });
    const mode = Number(status.mode);
    const common = { bytes: 0, stamp: `${status.mtimeNs} ${status.ino}`, changedMs: Number(status.mtimeMs) };
    if (status.isDirectory()) {
      found.push({ ...common, stamp: "", entry: { path: `${relative}/`, mode, content: nothing } });
      await walk(root, `${relative}/`, found);
    } else if (status.isSymbolicLink()) {
      const entry = { path: relative, mode, content: async () => Buffer.from(await readlink(file)) };
      found.push({ ...common, entry });
    } else if (status.isFile()) {
      const entry = { path: relative, mode, content: () => readFile(file) };
      found.push({ ...common, bytes: Number(status.size), entry });
    }
    // Sockets, FIFOs and devices cannot be in a package.
  }
}

const nothing = (): Promise<Uint8Array> => Promise.resolve(Buffer.alloc(0));

/** SVC-58: what tools leave behind is no code, nor what a service keeps in the project it serves. */
const isLitter = (relative: string): boolean =>
  /^(?:.*\/)?(?:\.git|\.lambdarium|node_modules\/\.cache)$/.test(relative);
