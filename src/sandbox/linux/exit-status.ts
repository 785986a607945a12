/** What the kernel says of an end, in our words. */
import { constants } from "node:os";
import type { Exit } from "../sandbox.ts";

/** Decodes a wait status; `undefined` stands for a process that was lost with its whole sandbox. */
export function decodeExit(status: number | undefined): Omit<Exit, "outOfMemory"> {
  if (status === undefined) {
    return { code: null, signal: "SIGKILL" };
  }
  const signalNumber = status & 0x7f;
  if (signalNumber === 0) {
    return { code: (status >> 8) & 0xff, signal: null };
  }
  const signal = signalNames.get(signalNumber);
  // Real-time signals have no names in Node.js: told as shells tell them.
  return signal === undefined ? { code: 128 + signalNumber, signal: null } : { code: null, signal };
}

/** An error as Node.js makes them, for a number of the kernel's. */
export function systemError(errno: number, doing: string): NodeJS.ErrnoException {
  const code = errorNames.get(errno) ?? `E${errno}`;
  return Object.assign(new Error(`${doing}: ${code}`), { code, errno });
}

// The first name of a number is the usual one: SIGABRT before SIGIOT.
const signalNames = new Map(
  (Object.entries(constants.signals) as [NodeJS.Signals, number][])
    .toReversed()
    .map(([name, number]) => [number, name]),
);
const errorNames = new Map(
  Object.entries(constants.errno)
    .toReversed()
    .map(([name, number]) => [number, name]),
);
