/** Unpacks a zip archive of code or of a layer: everything as it was packed, or nothing. */
import { createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import yauzl from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { failure, LambdariumError } from "../../errors.ts";
import { planEntries } from "./archive-entries.ts";
import type { PlannedEntry } from "./archive-entries.ts";
import { lambdaArchiveLimits } from "./archive-limits.ts";
import type { ArchiveLimits } from "./archive-limits.ts";
import { findEscapingLink } from "./archive-links.ts";

export interface UnpackedArchive {
  /** All files together, for the sum with the layers (ENV-19). */
  readonly unpackedBytes: number;
}

/**
 * Unpacks `archive` (a file, or its bytes) into the directory `destination`, which must not exist yet, with permission
 * bits and links (ENV-01, ENV-18); without bits in the archive, files get 0644 and directories 0755. Nothing is left
 * after a failure.
 * @throws LambdariumError `archive-unreadable`, `archive-unsafe`, `archive-too-large` or `disk-full`
 */
export async function unpackArchive(
  archive: string | Uint8Array,
  destination: string,
  limits: ArchiveLimits = lambdaArchiveLimits,
): Promise<UnpackedArchive> {
  const name = typeof archive === "string" ? archive : "that was uploaded";
  let partial: string | undefined;
  let zip: ZipFile | undefined;
  try {
    zip = await openArchive(archive);
    const entries = await planEntries(zip, name, limits);
    await mkdir(dirname(destination), { recursive: true });
    // Unpacked beside it and renamed, so that nobody ever sees half of it.
    partial = await mkdtemp(join(dirname(destination), `.${basename(destination)}-`));
    const unpackedBytes = await unpackInto(partial, zip, entries, name);
    await rename(partial, destination);
    return { unpackedBytes };
  } catch (error) {
    if (partial !== undefined) {
      await rm(partial, { recursive: true, force: true });
    }
    throw archiveFailure(name, destination, error);
  } finally {
    zip?.close();
  }
}

/**
 * What the archive's directory says that its files come to.
 * @throws LambdariumError as `unpackArchive`
 */
export async function declaredBytes(archive: string, limits: ArchiveLimits = lambdaArchiveLimits): Promise<number> {
  let zip: ZipFile | undefined;
  try {
    zip = await openArchive(archive);
    const entries = await planEntries(zip, archive, limits);
    return entries.reduce((sum, planned) => sum + (planned.kind === "file" ? planned.entry.uncompressedSize : 0), 0);
  } catch (error) {
    throw archiveFailure(archive, archive, error);
  } finally {
    zip?.close();
  }
}

/** The error of ours for what went wrong while unpacking. */
export function archiveFailure(archive: string, destination: string, error: unknown): unknown {
  if (error instanceof LambdariumError) {
    return error;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT"
    ? failure("disk-full", { path: destination }, error)
    : failure("archive-unreadable", { path: archive, why: message }, error);
}

async function openArchive(archive: string | Uint8Array): Promise<ZipFile> {
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: true };
  const zip =
    typeof archive === "string"
      ? await yauzl.openPromise(archive, options)
      : await yauzl.fromBufferPromise(Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength), options);
  // Whoever waits is told by a rejection; an event nobody listens to would end this process.
  zip.on("error", () => undefined);
  return zip;
}

async function unpackInto(
  root: string,
  zip: ZipFile,
  entries: readonly PlannedEntry[],
  archive: string,
): Promise<number> {
  const directories = directoriesOf(entries);
  for (const directory of directories.keys()) {
    await mkdir(join(root, directory), { recursive: true });
  }
  const links = new Map<string, string>();
  let unpackedBytes = 0;
  await forEachOf(entries, async (planned) => {
    if (planned.kind === "file") {
      const bytes = await unpackFile(zip, planned.entry, join(root, planned.path), planned.mode);
      unpackedBytes += bytes;
    } else if (planned.kind === "link") {
      links.set(planned.path, await readLink(zip, planned.entry));
    }
  });
  const escaping = findEscapingLink(links);
  if (escaping !== undefined) {
    const { path, target } = escaping;
    throw failure("archive-unsafe", {
      path: archive,
      entry: path,
      why: `it is a link that leads outside, to ${target}`,
    });
  }
  // Links come last, so that no file was ever written through one.
  for (const [path, target] of links) {
    await symlink(target, join(root, path));
  }
  for (const [directory, mode] of directories) {
    await chmod(join(root, directory), mode);
  }
  return unpackedBytes;
}

/** Every directory with its mode, those included that the archive only implies, each after the one it lies in. */
function directoriesOf(entries: readonly PlannedEntry[]): ReadonlyMap<string, number> {
  const modes = new Map([["", 0o755]]);
  for (const { kind, path } of entries) {
    const parts = path.split("/");
    const own = kind === "directory" ? parts.length : parts.length - 1;
    for (let count = 1; count <= own; count += 1) {
      modes.set(parts.slice(0, count).join("/"), 0o755);
    }
  }
  for (const planned of entries) {
    if (planned.kind === "directory") {
      modes.set(planned.path, planned.mode);
    }
  }
  return modes;
}

const filesAtOnce = 8;

/** Runs `task` for each item, a few at a time; when one fails, the others under way are still waited for. */
async function forEachOf<Item>(items: readonly Item[], task: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const runs = Array.from({ length: filesAtOnce }, async () => {
    for (const item of left) {
      await task(item);
    }
  });
  const failed = (await Promise.allSettled(runs)).find((run) => run.status === "rejected");
  if (failed !== undefined) {
    throw failed.reason;
  }
}

// Up to this size a file is cheaper to hold than to stream; most files of a package are smaller.
const heldAtMostBytes = 1024 * 1024;

async function unpackFile(zip: ZipFile, entry: Entry, path: string, mode: number): Promise<number> {
  // Exclusively: on a file system that takes two names for one (macOS, Windows) the second is refused.
  const flags = "wx";
  if (entry.uncompressedSize <= heldAtMostBytes) {
    await writeFile(path, await readContent(zip, entry), { flag: flags });
  } else {
    await pipeline(await zip.openReadStreamPromise(entry), new ContentCheck(entry), createWriteStream(path, { flags }));
  }
  // Not by the mode of the open, which the umask would cut.
  await chmod(path, mode);
  // It is what the archive says, or reading would have failed.
  return entry.uncompressedSize;
}

const linkTextAtMostBytes = 4096;

async function readLink(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > linkTextAtMostBytes) {
    throw new Error("a link's text is too long");
  }
  return (await readContent(zip, entry)).toString("utf8");
}

async function readContent(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of await zip.openReadStreamPromise(entry)) {
    pieces.push(piece as Buffer);
  }
  const content = Buffer.concat(pieces);
  requireChecksum(crc32(content), entry);
  return content;
}

function requireChecksum(sum: number, { crc32: expected }: Entry): void {
  if (sum !== expected) {
    throw new Error("its content is damaged (the checksum differs)");
  }
}

/** Passes content through and fails at its end if it is not what the archive says: yauzl checks sizes only. */
class ContentCheck extends Transform {
  readonly #entry: Entry;
  #sum = 0;

  constructor(entry: Entry) {
    super();
    this.#entry = entry;
  }

  override _transform(piece: Buffer, _encoding: string, done: (error: null, piece: Buffer) => void): void {
    this.#sum = crc32(piece, this.#sum);
    done(null, piece);
  }

  override _flush(done: (error?: Error) => void): void {
    try {
      requireChecksum(this.#sum, this.#entry);
      done();
    } catch (error) {
      done(error as Error);
    }
  }
}
