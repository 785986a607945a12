/** Reads what a process writes, always and at once, and knows when nothing is left to read. */
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { OutputStream } from "../sandbox.ts";

export interface OutputSink {
  readonly onOutput: (stream: OutputStream, bytes: Uint8Array) => void;
  readonly onOutputEnd: (stream: OutputStream) => void;
}

/** Counts what was read, so that a quiet moment can be told from a busy one. */
export interface ReadMeter {
  pieces: number;
  open: number;
}

/** Hands every piece on until the last writer is gone, and then says so once. */
export function readOutput(
  stream: OutputStream,
  source: Readable,
  sink: OutputSink,
  meters: readonly ReadMeter[],
): void {
  let ended = false;
  const end = (): void => {
    if (!ended) {
      ended = true;
      meters.forEach((meter) => (meter.open -= 1));
      sink.onOutputEnd(stream);
    }
  };
  meters.forEach((meter) => (meter.open += 1));
  source.on("data", (bytes: Uint8Array) => {
    meters.forEach((meter) => (meter.pieces += 1));
    sink.onOutput(stream, bytes);
  });
  source.once("end", end);
  source.once("close", end);
  // A broken pipe ends the stream; `close` follows.
  source.on("error", () => undefined);
}

/**
 * Resolves when all that was written before the call is read (CAP-16).
 *
 * A turn of the event loop asks the kernel for every pipe with something in it and reads up to 2 MiB of each, more than
 * a pipe can hold (1 MiB at most), so one whole turn would do; a turn that read nothing shows that it did. Of datagrams
 * a turn reads 32, and a socket holds some hundred. The bound is for a process that floods without end.
 */
export async function readAllWritten(meter: ReadMeter): Promise<void> {
  if (meter.open === 0) {
    return;
  }
  // Now we are just behind the reading part of a turn, so that the next turn is a whole one.
  await setImmediate();
  for (let turn = 0; turn < turnsAtMost && meter.open > 0; turn += 1) {
    const before = meter.pieces;
    await setImmediate();
    if (meter.pieces === before) {
      return;
    }
  }
}

const turnsAtMost = 32;
