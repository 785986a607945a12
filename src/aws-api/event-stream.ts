/** Frames of `application/vnd.amazon.eventstream`, how AWS sends what has no end yet (SVC-154). */
import { crc32 } from "node:zlib";

/** Names in the order they are sent; the JavaScript SDK wants `:message-type` (SVC-155). */
type FrameHeaders = readonly (readonly [name: string, value: string])[];

function encodeFrame(headers: FrameHeaders, payload: Uint8Array): Uint8Array {
  const head = Buffer.concat(headers.map(([name, value]) => encodeHeader(name, value)));
  const total = preludeBytes + head.length + payload.length + checksumBytes;
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt32BE(total, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.set(head, preludeBytes);
  frame.set(payload, preludeBytes + head.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, total - checksumBytes)), total - checksumBytes);
  return frame;
}

/** One event of a stream; `contentType` is of its payload. */
export const eventFrame = (eventType: string, contentType: string, payload: Uint8Array): Uint8Array =>
  encodeFrame(
    [
      [":event-type", eventType],
      [":content-type", contentType],
      [":message-type", "event"],
    ],
    payload,
  );

export const jsonEventFrame = (eventType: string, payload: object): Uint8Array =>
  eventFrame(eventType, "application/json", Buffer.from(JSON.stringify(payload)));

/** A frame with an error that AWS's model has for the stream. */
export const exceptionFrame = (exceptionType: string, message: string): Uint8Array =>
  encodeFrame(
    [
      [":exception-type", exceptionType],
      [":content-type", "application/json"],
      [":message-type", "exception"],
    ],
    Buffer.from(JSON.stringify({ message })),
  );

const preludeBytes = 12;
const checksumBytes = 4;
const stringType = 7;

function encodeHeader(name: string, value: string): Uint8Array {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const header = Buffer.allocUnsafe(4 + nameBytes.length + valueBytes.length);
  header.writeUInt8(nameBytes.length, 0);
  header.set(nameBytes, 1);
  header.writeUInt8(stringType, 1 + nameBytes.length);
  header.writeUInt16BE(valueBytes.length, 2 + nameBytes.length);
  header.set(valueBytes, 4 + nameBytes.length);
  return header;
}
