/** The last of an invoke's log, for `X-Amz-Log-Result` (OBS-34 to OBS-39). */
import type { LogFormat, TelemetryRecord } from "../protocol/telemetry-records.ts";
import { logEntries, type LogEntry } from "./system-lines.ts";

/** OBS-34 */
const maxBytes = 4096;
/** How much may gather before what is out of reach is let go: lines come by the hundred thousand. */
const maxLength = 16 * maxBytes;

/**
 * Takes the log of one invoke; on the first invoke of an environment the log of the Init before it too (OBS-38). It
 * holds little more than what it will give, however much passes through, and makes bytes of nothing else.
 */
export class LogTail {
  readonly #format: LogFormat;
  #texts: string[] = [];
  #length = 0;

  constructor(format: LogFormat) {
    this.#format = format;
  }

  readonly write = (record: TelemetryRecord): void => {
    for (const entry of logEntries(record, this.#format)) this.accept(entry);
  };

  /** Takes an entry, whatever its level (OBS-37). */
  accept({ text, inTail }: LogEntry): void {
    if (!inTail) return;
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length > maxLength) this.#forget();
  }

  /** The tail, base64; the next invoke starts with an empty one. */
  take(): string {
    this.#forget();
    // A frame has no LF of its own (CAP-28).
    const records = this.#texts.map((text) => Buffer.from(text.endsWith("\n") ? text : `${text}\n`));
    this.#texts = [];
    this.#length = 0;
    const tail = this.#format === "JSON" ? wholeRecords(records) : cut(Buffer.concat(records));
    return tail.toString("base64");
  }

  /** Lets go of what is out of reach: a text has at least as many bytes as UTF-16 units. */
  #forget(): void {
    let from = this.#texts.length;
    let length = 0;
    while (from > 0 && length < maxBytes) length += this.#texts[--from]?.length ?? 0;
    this.#texts = this.#texts.slice(from);
    this.#length = length;
  }
}

/** OBS-36: as many of the last as fit. */
function wholeRecords(records: readonly Buffer[]): Buffer {
  let from = records.length;
  let bytes = 0;
  while (from > 0 && (bytes += records[from - 1]?.length ?? 0) <= maxBytes) from--;
  return Buffer.concat(records.slice(from));
}

/** OBS-35: the cut is by bytes, and what it leaves of a character is replaced. */
const cut = (tail: Buffer): Buffer =>
  tail.length <= maxBytes ? tail : Buffer.from(tail.subarray(tail.length - maxBytes).toString("utf8"));
