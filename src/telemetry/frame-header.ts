/** The header of a frame on the log descriptor (CAP-24, CAP-25, CAP-30, CAP-33). */
import { logLevels, type EpochMs, type LogLevel } from "../protocol/telemetry-records.ts";

export interface FrameHeader {
  readonly headerBytes: number;
  readonly payloadBytes: number;
  /** Milliseconds, the microseconds cut off (CAP-29); absent in the older header. */
  readonly time?: EpochMs;
  readonly level?: LogLevel;
}

/** `unknown`: no header starts here; `incomplete`: one may, more bytes are needed. */
export type HeaderReading = FrameHeader | "unknown" | "incomplete";

/** Every known type starts with these three bytes. */
export const frameMark: readonly number[] = [0xa5, 0x5a, 0x00];

const maxPayloadBytes = 16 * 1024 * 1024;
const headerBytes = 16;
const olderType = 0x01;
const olderHeaderBytes = 8;
const latestMs = 253_402_300_799_999;

/** Reads the header that starts at `at`. */
export function readFrameHeader(bytes: Uint8Array, at: number): HeaderReading {
  const available = bytes.length - at;
  for (let i = 0; i < Math.min(available, frameMark.length); i++) {
    if (bytes[at + i] !== frameMark[i]) return "unknown";
  }
  if (available <= frameMark.length) return "incomplete";
  const low = byte(bytes, at + 3);
  if (!isKnownType(low)) return "unknown";
  if (available < olderHeaderBytes) return "incomplete";
  const payloadBytes = unsigned32(bytes, at + 4);
  if (payloadBytes > maxPayloadBytes) return "unknown";
  if (low === olderType) return { headerBytes: olderHeaderBytes, payloadBytes };
  if (available < headerBytes) return "incomplete";
  return { headerBytes, payloadBytes, ...frameTime(bytes, at + 8), ...frameLevel(low) };
}

/** Format in bits 0 and 1: 2 JSON, 3 text; level in bits 2 to 4, 0 for none. */
const isKnownType = (low: number): boolean => low === olderType || ((low & 0b11) >= 2 && low >> 2 <= logLevels.length);

function frameLevel(low: number): { level?: LogLevel } {
  const level = logLevels[(low >> 2) - 1];
  return level === undefined ? {} : { level };
}

/** A time after the year 9999 can only be a mistake and cannot be written: the frame then has the time of reading. */
function frameTime(bytes: Uint8Array, at: number): { time?: EpochMs } {
  const time = Math.floor((unsigned32(bytes, at) * 4_294_967_296 + unsigned32(bytes, at + 4)) / 1000);
  return time > latestMs ? {} : { time };
}

const unsigned32 = (bytes: Uint8Array, at: number): number =>
  byte(bytes, at) * 16_777_216 + ((byte(bytes, at + 1) << 16) | (byte(bytes, at + 2) << 8) | byte(bytes, at + 3));

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
