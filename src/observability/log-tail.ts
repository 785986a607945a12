/** The last of an invoke's log, for `X-Amz-Log-Result` (OBS-34 to OBS-39). */
import type { LogFormat } from "../protocol/telemetry-records.ts";
import type { LogEntry } from "./system-lines.ts";

/** OBS-34 */
const maxBytes = 4096;

/**
 * Takes the log of one invoke; on the first invoke of an environment the log of the Init before it too (OBS-38). It
 * holds little more than what it will give, however much passes through.
 */
export class LogTail {
  readonly #format: LogFormat;
  #records: Uint8Array[] = [];
  #bytes = 0;

  constructor(format: LogFormat) {
    this.#format = format;
  }

  /** Takes an entry, whatever its level (OBS-37). */
  accept({ text, inTail }: LogEntry): void {
    if (!inTail) return;
    // A frame has no LF of its own (CAP-28).
    const line = Buffer.from(text.endsWith("\n") ? text : `${text}\n`);
    this.#records.push(line);
    this.#bytes += line.length;
    this.#forget();
  }

  /** The tail, base64; the next invoke starts with an empty one. */
  take(): string {
    const tail = Buffer.concat(this.#records);
    this.#records = [];
    this.#bytes = 0;
    return this.#cut(tail).toString("base64");
  }

  /** Lets go of records from the front that cannot be part of the tail any more. */
  #forget(): void {
    const wholeRecords = this.#format === "JSON";
    let gone = 0;
    for (const record of this.#records) {
      if (this.#bytes <= maxBytes) break;
      // Text: the record the cut goes through is still needed.
      if (!wholeRecords && this.#bytes - record.length < maxBytes) break;
      this.#bytes -= record.length;
      gone++;
    }
    if (gone > 0) this.#records.splice(0, gone);
  }

  /** OBS-35: the cut is by bytes, and what it leaves of a character is replaced. */
  #cut(tail: Buffer): Buffer {
    return tail.length <= maxBytes ? tail : Buffer.from(tail.subarray(tail.length - maxBytes).toString("utf8"));
  }
}
