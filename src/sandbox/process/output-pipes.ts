/**
 * The pipes through which processes write. Node.js would give them Unix sockets, which cannot be opened again by name:
 * `echo x > /dev/stderr` in a shell script fails there (ENXIO). FIFOs are real pipes, and Node.js can read those.
 */
import { execFile } from "node:child_process";
import { accessSync, closeSync, constants, openSync, unlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Socket } from "node:net";
import { delimiter, join } from "node:path";

export interface OutputPipe {
  /** Our end; what is read waits for somebody to listen. */
  readonly source: Socket;
  /** Their end; to be closed here as soon as the process has it. */
  readonly writeDescriptor: number;
}

/** Path of the program that makes FIFOs, `undefined` where there is none (Windows). */
export function findMkfifo(): string | undefined {
  return findProgram("mkfifo");
}

/** Makes FIFOs in advance, a batch by one start of `mkfifo`, because that start costs more than all the rest. */
export class PipeSupply {
  readonly #mkfifo: string;
  readonly #directory: string;
  #ready: string[] = [];
  #batch = 0;
  #making: Promise<void> | undefined;
  #closed = false;

  constructor(mkfifo: string, directory: string) {
    this.#mkfifo = mkfifo;
    this.#directory = directory;
  }

  /** Makes the first batch. @throws Error when that fails, for example because the file system knows no FIFOs. */
  async prepare(): Promise<void> {
    await this.#nextBatch();
  }

  /** Takes `count` pipes; they have no name any more, so nothing can open them but who is given them. */
  async take(count: number): Promise<readonly OutputPipe[]> {
    // Asked again after each wait: somebody else may have taken what was made.
    while (this.#ready.length < count) {
      await this.#nextBatch();
    }
    return this.#ready.splice(0, count).map((path) => openPipe(path));
  }

  /** Makes no more; resolves when nothing is being made. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#making?.catch(() => undefined);
  }

  async #nextBatch(): Promise<void> {
    this.#making ??= this.#makeBatch().finally(() => (this.#making = undefined));
    return this.#making;
  }

  async #makeBatch(): Promise<void> {
    if (this.#closed) {
      throw new Error("the sandbox is destroyed");
    }
    this.#batch += 1;
    const paths = Array.from({ length: batchSize }, (_, at) => join(this.#directory, `${this.#batch}-${at}`));
    if (this.#batch === 1) {
      await mkdir(this.#directory);
    }
    await new Promise<void>((resolve, reject) => {
      execFile(this.#mkfifo, ["-m", "600", ...paths], { env: { LC_ALL: "C" } }, (error, _, text) =>
        error === null ? resolve() : reject(withCode(error, text)),
      );
    });
    this.#ready.push(...paths);
  }
}

/** A program says in words what a call of the system says by a code. */
const withCode = (error: Error, text: string): Error =>
  Object.assign(error, text.includes("No space left on device") ? { code: "ENOSPC" } : {});

/** Enough for a runtime and an extension, started and started again after a reset. */
const batchSize = 12;

function openPipe(path: string): OutputPipe {
  // The reader first, or opening the writer would wait for one; the socket last, for it reads at once, and would take
  // a pipe without a writer for one that has ended.
  const readDescriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writeDescriptor = openSync(path, constants.O_WRONLY);
    unlinkSync(path);
    return { source: new Socket({ fd: readDescriptor, readable: true, writable: false }), writeDescriptor };
  } catch (error) {
    closeSync(readDescriptor);
    throw error;
  }
}

function findProgram(name: string): string | undefined {
  if (process.platform === "win32") {
    return undefined;
  }
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/bin"];
  return directories
    .filter((directory) => directory.startsWith("/"))
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
