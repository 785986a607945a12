/** Output of a stdout or stderr into lines (CAP-06 to CAP-22). */
import type { EpochMs } from "../protocol/telemetry-records.ts";
import type { CaptureOptions, OutputCapture } from "./output-capture.ts";
import { longestPiece, recordLimit, surelyFits, utf8Bytes } from "./record-size.ts";

/**
 * Splits at LF, which stays with its line; text without LF is held. A held line is cut as soon as it is longer than a
 * record may be, so that a writer that never ends its line costs no more memory than one record.
 */
export class LineCapture implements OutputCapture {
  // A byte order mark is output like any other (CAP-05). The decoder keeps a character that was read in part (CAP-12).
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #options: CaptureOptions;
  readonly #maxBytes: number;
  #held = "";
  /** A piece of the line in `#held` was given away already (CAP-19). */
  #cut = false;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#maxBytes = recordLimit(options.maxRecordBytes);
  }

  accept(bytes: Uint8Array, now: EpochMs): void {
    this.#split(this.#decoder.decode(bytes, { stream: true }), now);
  }

  close(now: EpochMs): void {
    this.#split(this.#decoder.decode(), now);
    if (this.#held !== "") this.#complete(this.#held, now);
    this.#held = "";
  }

  #split(text: string, now: EpochMs): void {
    let from = 0;
    for (;;) {
      const lineFeed = text.indexOf("\n", from);
      if (lineFeed === -1) break;
      const line = text.slice(from, lineFeed + 1);
      this.#complete(this.#held === "" ? line : this.#held + line, now);
      this.#held = "";
      from = lineFeed + 1;
    }
    if (from === text.length) return;
    this.#held += from === 0 ? text : text.slice(from);
    this.#held = this.#giveAwayPieces(this.#held, now);
  }

  #complete(line: string, now: EpochMs): void {
    const rest = this.#giveAwayPieces(line, now);
    this.#emit(rest, now);
    this.#cut = false;
  }

  /** What is left when every piece that is full was given away. */
  #giveAwayPieces(line: string, now: EpochMs): string {
    let rest = line;
    while (!surelyFits(rest, this.#maxBytes) && utf8Bytes(rest) > this.#maxBytes) {
      const length = longestPiece(rest, this.#maxBytes);
      this.#cut = true;
      this.#emit(rest.slice(0, length), now);
      rest = rest.slice(length);
    }
    return rest;
  }

  #emit(text: string, time: EpochMs): void {
    const { source, emit } = this.#options;
    if (this.#cut) emit({ time, ...source, text, cut: true });
    else emit({ time, ...source, text });
  }
}
