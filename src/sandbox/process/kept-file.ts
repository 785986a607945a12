import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** A file of `/proc` that is read again and again: to open it takes longer than to read it. */
export class KeptFile {
  readonly #path: string;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The whole text as it is now; empty when there is none any more. */
  read(): string {
    try {
      return this.#read();
    } catch {
      // The process it told of is gone. Its number may be another one's by now, so the next look is at the path again.
      this.close();
      return "";
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #read(): string {
    this.#descriptor ??= openSync(this.#path, "r");
    const length = readSync(this.#descriptor, buffer, 0, buffer.length, 0);
    return length < buffer.length ? buffer.toString("latin1", 0, length) : readFileSync(this.#path, "latin1");
  }
}

const buffer = Buffer.alloc(8192);
