/** Packages on disk, each once: the zip as it came, and the tree that is in it, named by their hash. */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { LambdariumError } from "../../errors.ts";
import { declaredBytes, unpackArchive } from "../../sandbox/archive/unpack-archive.ts";
import { guardDirectory, releaseDirectory } from "../../sandbox/process/guardian.ts";
import { invalidValue, refusal } from "../refusal.ts";
import type { CodeMeasure, CodeReference } from "../state/records.ts";
import { directoryFailure } from "./directory-failure.ts";
import { measurePackage, mostUnpackedBytes, scanDirectory } from "./live-directory.ts";
import { hashOf, isThere, moveAside, treeBytes, writeHashed } from "./package-files.ts";
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
      throw directoryFailure(dataDirectory, error);
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
    return code.kind === "live" ? code.directory : this.treeOf(code.sha256);
  }

  treeOf(sha256: string): string {
    return path.join(this.#root, Buffer.from(sha256, "base64").toString("hex"));
  }

  /** The zip, as it was uploaded or as the directory is now. */
  async zipOf(source: { readonly sha256: string } | { readonly directory: string }): Promise<FoundZip> {
    if ("directory" in source) {
      const live = await scanDirectory(source.directory).catch(() => undefined);
      return live === undefined ? { kind: "gone" } : { kind: "zip", pieces: zipPieces(live.entries) };
    }
    const file = this.#zipFile(source.sha256);
    if (!(await isThere(file))) return { kind: "gone" };
    return (await hashOf(file)) === source.sha256
      ? { kind: "zip", pieces: createReadStream(file) }
      : { kind: "damaged" };
  }

  /** Hashes, in base64, of what is on disk. */
  async stored(): Promise<readonly StoredPackage[]> {
    const names = await readdir(this.#root);
    const zips = names.filter((name) => /^[0-9a-f]{64}\.zip$/.test(name));
    return Promise.all(
      zips.map(async (name) => ({
        sha256: Buffer.from(name.slice(0, 64), "hex").toString("base64"),
        changedMs: (await stat(path.join(this.#root, name)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
  }

  /** Removes the package; who uploads it again from now on makes it anew. */
  async remove(sha256: string): Promise<void> {
    const doomed = path.join(this.#root, `.${randomUUID()}`);
    // Both at once, before anybody else has a turn.
    for (const [from, to] of [
      [this.#zipFile(sha256), `${doomed}.zip`],
      [this.treeOf(sha256), doomed],
    ] as const)
      moveAside(from, to);
    for (const place of [`${doomed}.zip`, doomed]) await rm(place, { recursive: true, force: true });
  }

  /** Removes what a process left half done that was killed, and trees whose zip is not there; only before the first call. */
  async removeLitter(): Promise<void> {
    const names = new Set(await readdir(this.#root));
    for (const name of names)
      if (name.startsWith(".") || (!name.endsWith(".zip") && !names.has(`${name}.zip`)))
        await rm(path.join(this.#root, name), { recursive: true, force: true });
  }

  /** Unpacks a package again whose tree is gone; what is wrong with one that cannot be used. */
  async heal({ sha256, sizeBytes, unpackedBytes }: CodeMeasure): Promise<string | undefined> {
    const zip = this.#zipFile(sha256);
    const found = await stat(zip).catch(() => undefined);
    const hasTree = await isThere(this.treeOf(sha256));
    if (found?.size === sizeBytes && hasTree) return undefined;
    // Without its zip nothing vouches for a tree but its size.
    if (hasTree && (await treeBytes(this.treeOf(sha256))) === unpackedBytes) return undefined;
    if (found !== undefined && (await hashOf(zip)) === sha256) {
      await unpackArchive(zip, this.treeOf(sha256));
      return undefined;
    }
    await this.remove(sha256);
    return found === undefined ? `${zip} is gone` : `${zip} is not what was stored there`;
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
      const unpackedBytes = await this.#unpackOnce(incoming, sha256);
      return { kind: "stored", sha256, sizeBytes, unpackedBytes };
    } catch (error) {
      throw refusalOf(error);
    } finally {
      await rm(incoming, { force: true });
    }
  }

  #unpackOnce(incoming: string, sha256: string): Promise<number> {
    const known = this.#underWay.get(sha256);
    if (known !== undefined) return known;
    const unpacking = this.#unpack(incoming, sha256).finally(() => this.#underWay.delete(sha256));
    this.#underWay.set(sha256, unpacking);
    return unpacking;
  }

  async #unpack(incoming: string, sha256: string): Promise<number> {
    const tree = this.treeOf(sha256);
    if ((await isThere(tree)) && (await treeBytes(tree)) !== (await declaredBytes(incoming))) await this.remove(sha256);
    const unpackedBytes = (await isThere(tree))
      ? await treeBytes(tree)
      : (await unpackArchive(incoming, tree)).unpackedBytes;
    // The zip comes last: where it is, the tree is whole.
    await rename(incoming, this.#zipFile(sha256));
    return unpackedBytes;
  }

  #zipFile(sha256: string): string {
    return `${this.treeOf(sha256)}.zip`;
  }
}

export type FoundZip =
  | { readonly kind: "zip"; readonly pieces: AsyncIterable<Uint8Array> }
  | { readonly kind: "gone" }
  /** Not what was uploaded. */
  | { readonly kind: "damaged" };

export interface StoredPackage {
  readonly sha256: string;
  /** Milliseconds since the epoch; when it was uploaded. */
  readonly changedMs: number;
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
