/** Packages on disk, each once: the zip as it came, and the tree that is in it, named by their hash. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { failure, LambdariumError } from "../../errors.ts";
import { unpackArchive } from "../../sandbox/archive/unpack-archive.ts";
import { guardDirectory, releaseDirectory } from "../../sandbox/process/guardian.ts";
import { invalidValue, refusal } from "../refusal.ts";
import type { CodeMeasure, CodeReference } from "../state/records.ts";
import { measurePackage, mostUnpackedBytes, scanDirectory } from "./live-directory.ts";
import { zipPieces } from "./zip-pieces.ts";

export class CodeStore {
  readonly #root: string;
  readonly #temporary: boolean;
  /** By hash: two uploads of the same bytes at once are unpacked once. */
  readonly #underWay = new Map<string, Promise<number>>();
  readonly #measured = new Map<string, { readonly fingerprint: string; readonly measure: CodeMeasure }>();

  private constructor(root: string, temporary: boolean) {
    this.#root = root;
    this.#temporary = temporary;
  }

  /**
   * Without a directory everything goes when the store is closed, or with this process.
   * @throws LambdariumError `data-directory-failed`, `sandbox-directory-failed` or `disk-full`
   */
  static async open(dataDirectory: string | undefined): Promise<CodeStore> {
    try {
      if (dataDirectory === undefined) {
        const root = await mkdtemp(path.join(tmpdir(), "lambdarium-code-"));
        guardDirectory(root);
        return new CodeStore(root, true);
      }
      const root = path.join(dataDirectory, "code");
      await mkdir(root, { recursive: true });
      return new CodeStore(root, false);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const where = dataDirectory ?? tmpdir();
      if (code === "ENOSPC" || code === "EDQUOT") throw failure("disk-full", { path: where }, error);
      throw dataDirectory === undefined
        ? failure("sandbox-directory-failed", { path: where, why: message }, error)
        : failure("data-directory-failed", { path: where, why: message }, error);
    }
  }

  /** @throws Refusal for bytes that are no safe zip, or too many once unpacked (SVC-48, SVC-50). */
  async addZip(bytes: Uint8Array): Promise<CodeReference> {
    return this.#keep(
      (async function* () {
        yield bytes;
      })(),
    );
  }

  /**
   * A copy that later edits do not change (SVC-56).
   * @throws Refusal
   */
  async addCopy(directory: string): Promise<CodeReference> {
    const { entries } = await scanDirectory(directory);
    return this.#keep(zipPieces(entries));
  }

  /**
   * As a zip of it would be; reads the files again only when one has changed.
   * @throws Refusal
   */
  async measure(directory: string): Promise<CodeMeasure> {
    const live = await scanDirectory(directory);
    const known = this.#measured.get(directory);
    if (known?.fingerprint === live.fingerprint) return known.measure;
    const measure = await measurePackage(live);
    // A file may change twice within one tick of the file system's clock: what is so new is read again next time.
    if (Date.now() - live.changedMs > 1000) this.#measured.set(directory, { fingerprint: live.fingerprint, measure });
    return measure;
  }

  /** Where the code lies, unpacked. */
  directoryOf(code: CodeReference): string {
    return code.kind === "live" ? code.directory : path.join(this.#root, hexOf(code.sha256));
  }

  /** The zip, as it was uploaded or as the directory is now; nothing when it is gone. */
  async zipOf(source: { readonly sha256: string } | { readonly directory: string }): Promise<Zip | undefined> {
    if ("directory" in source) {
      const live = await scanDirectory(source.directory).catch(() => undefined);
      return live === undefined ? undefined : { pieces: zipPieces(live.entries) };
    }
    const file = path.join(this.#root, `${hexOf(source.sha256)}.zip`);
    const found = await stat(file).catch(() => undefined);
    return found === undefined ? undefined : { pieces: createReadStream(file) };
  }

  /** Removes what no record names any more; only before the first call, since environments may read what was deleted since. */
  async sweep(kept: ReadonlySet<string>): Promise<void> {
    const names = new Set([...kept].map(hexOf));
    for (const name of await readdir(this.#root))
      if (!names.has(name.replace(/\.zip$/, "")))
        await rm(path.join(this.#root, name), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
    if (!this.#temporary) return;
    await rm(this.#root, { recursive: true, force: true });
    releaseDirectory(this.#root);
  }

  async #keep(pieces: AsyncIterable<Uint8Array>): Promise<CodeReference> {
    const incoming = path.join(this.#root, `.${randomUUID()}`);
    try {
      const { sha256, sizeBytes } = await writeHashed(incoming, pieces);
      const unpackedBytes = await this.#unpackOnce(incoming, hexOf(sha256));
      return { kind: "stored", sha256, sizeBytes, unpackedBytes };
    } catch (error) {
      throw refusalOf(error);
    } finally {
      await rm(incoming, { force: true });
    }
  }

  #unpackOnce(incoming: string, name: string): Promise<number> {
    const known = this.#underWay.get(name);
    if (known !== undefined) return known;
    const unpacking = this.#unpack(incoming, name).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, unpacking);
    return unpacking;
  }

  async #unpack(incoming: string, name: string): Promise<number> {
    const tree = path.join(this.#root, name);
    const zip = `${tree}.zip`;
    // The zip comes last: where it is, the tree is whole.
    if ((await stat(zip).catch(() => undefined)) !== undefined) return treeBytes(tree);
    await rm(tree, { recursive: true, force: true });
    const { unpackedBytes } = await unpackArchive(incoming, tree);
    await rename(incoming, zip);
    return unpackedBytes;
  }
}

export interface Zip {
  readonly pieces: AsyncIterable<Uint8Array>;
}

const hexOf = (sha256: string): string => Buffer.from(sha256, "base64").toString("hex");

async function writeHashed(
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

async function treeBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await lstat(path.join(entry.parentPath, entry.name))).size;
  return bytes;
}

/** What the caller is told; an error of the machine's is the service's own (SVC-150). */
function refusalOf(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof LambdariumError) {
    if (error.code === "archive-too-large")
      return invalidValue(`Unzipped size must be smaller than ${mostUnpackedBytes} bytes`);
    if (error.code === "archive-unreadable" || error.code === "archive-unsafe")
      return invalidValue("Could not unzip uploaded file. Please check your file, then try to upload again.");
    return refusal("ServiceException", `${error.message} ${error.hint}`);
  }
  if (code === "ENOSPC" || code === "EDQUOT")
    return refusal("ServiceException", `There is no space left on the disk for the package: ${message}`);
  return error;
}
