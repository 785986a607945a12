/** Output of the framed log descriptor into records (CAP-24 to CAP-35). */
import type { EpochMs } from "../protocol/telemetry-records.ts";
import { frameMark, readFrameHeader, type FrameHeader } from "./frame-header.ts";
import type { CaptureOptions, OutputCapture } from "./output-capture.ts";
import { longestPiece, recordLimit, surelyFits, utf8Bytes } from "./record-size.ts";

const lineFeed = 0x0a;

/** One frame is one record (CAP-27); what is no frame is taken as text, so that nothing is lost (CAP-32). */
export class FrameCapture implements OutputCapture {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #options: CaptureOptions;
  readonly #maxBytes: number;
  /** Bytes that were read in part: a frame that has begun, or text whose end was not seen. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  /** As long as less than this is there, looking again is in vain: a frame of megabytes is joined once. */
  #wantedBytes = 0;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#maxBytes = recordLimit(options.maxRecordBytes);
  }

  accept(bytes: Uint8Array, now: EpochMs): void {
    if (this.#pieceBytes + bytes.length < this.#wantedBytes) {
      this.#hold(bytes, this.#wantedBytes);
      return;
    }
    const all = this.#join(bytes);
    const { at, wanted } = this.#read(all, now);
    if (at < all.length) this.#hold(all.subarray(at), wanted);
  }

  close(now: EpochMs): void {
    const rest = this.#join(new Uint8Array(0));
    if (rest.length === 0) return;
    const header = readFrameHeader(rest, 0);
    if (typeof header === "object") this.#emitFrame(rest.subarray(header.headerBytes), header, now);
    else if (header === "unknown" || rest.length < frameMark.length) this.#emitText(rest, now);
  }

  /** Where reading stopped, and how many bytes from there it takes to get any further. */
  #read(bytes: Uint8Array, now: EpochMs): { at: number; wanted: number } {
    let at = 0;
    while (at < bytes.length) {
      const header = readFrameHeader(bytes, at);
      if (header === "incomplete") return { at, wanted: 0 };
      if (header === "unknown") {
        const end = textEnd(bytes, at, this.#maxBytes);
        if (end === undefined) return { at, wanted: 0 };
        this.#emitText(bytes.subarray(at, end), now);
        at = end;
        continue;
      }
      const end = at + header.headerBytes + header.payloadBytes;
      if (end > bytes.length) return { at, wanted: end - at };
      this.#emitFrame(bytes.subarray(at + header.headerBytes, end), header, now);
      at = end;
    }
    return { at, wanted: 0 };
  }

  #emitFrame(payload: Uint8Array, header: FrameHeader, now: EpochMs): void {
    this.#emit(this.#decoder.decode(payload), header.time ?? now, header.level);
  }

  #emitText(bytes: Uint8Array, now: EpochMs): void {
    this.#emit(this.#decoder.decode(bytes), now, undefined);
  }

  #emit(text: string, time: EpochMs, frameLevel: FrameHeader["level"]): void {
    const { source, emit } = this.#options;
    const level = frameLevel === undefined ? {} : { frameLevel };
    let rest = text;
    let cut = {};
    while (!surelyFits(rest, this.#maxBytes) && utf8Bytes(rest) > this.#maxBytes) {
      const length = longestPiece(rest, this.#maxBytes);
      cut = { cut: true };
      emit({ time, ...source, text: rest.slice(0, length), ...level, ...cut });
      rest = rest.slice(length);
    }
    // A frame without payload shows nothing (CAP-31).
    if (rest !== "") emit({ time, ...source, text: rest, ...level, ...cut });
  }

  #hold(bytes: Uint8Array, wanted: number): void {
    this.#pieces.push(bytes.slice());
    this.#pieceBytes += bytes.length;
    this.#wantedBytes = wanted;
  }

  #join(bytes: Uint8Array): Uint8Array {
    if (this.#pieceBytes === 0) return bytes;
    const all = new Uint8Array(this.#pieceBytes + bytes.length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    all.set(bytes, at);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#wantedBytes = 0;
    return all;
  }
}

/**
 * Where the text that starts at `from` ends: after its LF, or before the next frame. The first byte belongs to the
 * text even when it looks like a frame: it was found to be none. `undefined` while the end was not seen, except that
 * text too long for a record need not be waited for.
 */
function textEnd(bytes: Uint8Array, from: number, maxBytes: number): number | undefined {
  const line = bytes.indexOf(lineFeed, from);
  const frame = nextMark(bytes, from + 1, line === -1 ? bytes.length : line);
  if (frame !== undefined) return frame;
  if (line !== -1) return line + 1;
  const cutIsSafe = bytes.length - from > maxBytes + frameMark.length;
  return cutIsSafe ? characterEnd(bytes, from + maxBytes) : undefined;
}

/** The first place in `from` to `to` where the mark of a frame stands whole. */
function nextMark(bytes: Uint8Array, from: number, to: number): number | undefined {
  const [first = 0, second, third] = frameMark;
  for (let at = bytes.indexOf(first, from); at !== -1 && at < to; at = bytes.indexOf(first, at + 1)) {
    if (bytes[at + 1] === second && bytes[at + 2] === third) return at;
  }
  return undefined;
}

/** Not after `at`, and not inside a character: continuation bytes are `10xxxxxx`. */
function characterEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end > at - 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
