/** The archives of one function and its layers, unpacked until the environment is gone. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { failure } from "../errors.ts";
import { lambdaArchiveLimits, type ArchiveLimits } from "../sandbox/archive/archive-limits.ts";
import { unpackArchive } from "../sandbox/archive/unpack-archive.ts";
import { guardDirectory, releaseDirectory } from "../sandbox/process/guardian.ts";

export class UnpackedArchives {
  readonly #limits: ArchiveLimits;
  readonly #underWay: Promise<unknown>[] = [];
  #room: Promise<string> | undefined;
  #bytes = 0;

  constructor(limits: ArchiveLimits = lambdaArchiveLimits) {
    this.#limits = limits;
  }

  /**
   * The directory with what the archive holds.
   * @throws LambdariumError when there is none, it is unsafe, or it is too large with those before it (ENV-19).
   */
  unpack(archive: string, notFound: "function-not-found" | "layer-not-found"): Promise<string> {
    const unpacking = this.#unpack(archive, notFound);
    this.#underWay.push(unpacking);
    return unpacking;
  }

  /** A directory for what else is made of the function's files: it goes with the rest. */
  room(): Promise<string> {
    this.#room ??= makeRoom();
    return this.#room;
  }

  /** Removes everything, also of what is still being unpacked; never rejects. */
  async remove(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    if (this.#room === undefined) return;
    try {
      const room = await this.#room;
      await rm(room, { recursive: true, force: true });
      releaseDirectory(room);
    } catch {
      // Left to the guardian, which tries once more when we are gone.
    }
  }

  async #unpack(archive: string, notFound: "function-not-found" | "layer-not-found"): Promise<string> {
    if ((await stat(archive).catch(() => undefined)) === undefined) throw failure(notFound, { path: archive });
    // Made only when there is an archive.
    const directory = path.join(await this.room(), randomUUID());
    const { unpackedBytes } = await unpackArchive(archive, directory, this.#limits);
    this.#bytes += unpackedBytes;
    if (this.#bytes > this.#limits.unpackedBytes) {
      const most = this.#limits.unpackedBytes.toLocaleString("en-US");
      throw failure("archive-too-large", { path: archive, limit: `${most} bytes, together with the others` });
    }
    return directory;
  }
}

async function makeRoom(): Promise<string> {
  try {
    const room = await mkdtemp(path.join(tmpdir(), "lambdarium-code-"));
    guardDirectory(room);
    return room;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === "ENOSPC" || code === "EDQUOT"
      ? failure("disk-full", { path: tmpdir() }, error)
      : failure("sandbox-directory-failed", { path: tmpdir(), why: message }, error);
  }
}
