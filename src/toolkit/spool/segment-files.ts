/** The files of a spool: segments that are only ever appended to, and one that says how far delivery has come. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** What was delivered, or dropped, of the oldest segment. */
export interface Progress {
  readonly segment: number;
  /** Frames done. */
  readonly frames: number;
  /** Records done of the frame that follows. */
  readonly records: number;
}

const lineEnd = Buffer.from("\n");

export class SegmentFiles {
  readonly directory: string;
  #appending: { readonly segment: number; readonly file: number; bytes: number } | undefined;
  #progressFile: number | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** The numbers of the segments there are, oldest first. */
  list(): readonly number[] {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    return readdirSync(this.directory)
      .flatMap((name) => /^(\d{8})\.spool$/.exec(name)?.slice(1) ?? [])
      .map(Number)
      .sort((one, other) => one - other);
  }

  read(segment: number): Buffer {
    return readFileSync(this.#path(segment));
  }

  readPart(segment: number, offset: number, bytes: number): Buffer {
    const file = openSync(this.#path(segment), "r");
    try {
      const part = Buffer.allocUnsafe(bytes);
      let read = 0;
      for (let more = 1; read < bytes && more > 0; read += more)
        more = readSync(file, part, read, bytes - read, offset + read);
      if (read < bytes) throw new Error(`${this.#path(segment)} is shorter than it was`);
      return part;
    } finally {
      closeSync(file);
    }
  }

  /** Appends; gives the offset of `body`. What a full disk let through of it is taken back. */
  append(segment: number, head: string, body: Buffer): number {
    const appending = this.#open(segment);
    const headBytes = Buffer.from(head, "latin1");
    const bytes = Buffer.concat([headBytes, body, lineEnd]);
    const before = appending.bytes;
    try {
      for (let written = 0; written < bytes.length;)
        written += writeSync(appending.file, bytes, written, bytes.length - written, before + written);
    } catch (error) {
      ftruncateSync(appending.file, before);
      throw error;
    }
    appending.bytes += bytes.length;
    return before + headBytes.length;
  }

  remove(segment: number): void {
    if (this.#appending?.segment === segment) {
      closeSync(this.#appending.file);
      this.#appending = undefined;
    }
    unlinkSync(this.#path(segment));
  }

  readProgress(): Progress | undefined {
    try {
      const text = readFileSync(join(this.directory, "progress"), "latin1");
      const [segment = 0, frames = 0, records = 0] = text.split(" ").map(Number);
      return { segment, frames, records };
    } catch {
      return undefined;
    }
  }

  /** Numbers of fixed width at a fixed place: one small write, which a kill comes before or after, never between. */
  writeProgress({ segment, frames, records }: Progress): void {
    this.#progressFile ??= openSync(join(this.directory, "progress"), constants.O_RDWR | constants.O_CREAT, 0o600);
    const numbers = [segment, frames, records].map((number) => String(number).padStart(10, "0"));
    writeSync(this.#progressFile, `${numbers.join(" ")}\n`, 0, "latin1");
  }

  /** Closes; removes the directory when nothing is left in it. */
  close(empty: boolean): void {
    if (this.#appending !== undefined) closeSync(this.#appending.file);
    if (this.#progressFile !== undefined) closeSync(this.#progressFile);
    this.#appending = undefined;
    this.#progressFile = undefined;
    if (!empty) return;
    for (const segment of this.list()) unlinkSync(this.#path(segment));
    removeIfThere(join(this.directory, "progress"));
    rmdirSync(this.directory);
  }

  #open(segment: number): { readonly file: number; bytes: number } {
    if (this.#appending?.segment !== segment) {
      if (this.#appending !== undefined) closeSync(this.#appending.file);
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      const file = openSync(this.#path(segment), constants.O_RDWR | constants.O_CREAT, 0o600);
      this.#appending = { segment, file, bytes: fstatSync(file).size };
    }
    return this.#appending;
  }

  #path(segment: number): string {
    return join(this.directory, `${String(segment).padStart(8, "0")}.spool`);
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never written.
  }
}
