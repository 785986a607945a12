import { expect, test } from "vitest";
import { DebuggerEvents } from "./debugger-events.ts";

const paused = `{"method":"Debugger.paused","params":{"callFrames":[]}}`;
const resumed = `{"method":"Debugger.resumed","params":{}}`;

/** A frame as a server sends it. */
function frame(text: string, { opcode = 1, final = true } = {}): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = (final ? 0x80 : 0) | opcode;
  head[1] = payload.length < 126 ? payload.length : payload.length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

const long = (length: number) => frame(`{"method":"Debugger.scriptParsed","params":"${"x".repeat(length)}"}`);

test.each([
  ["one message", [frame(paused)], ["paused"]],
  ["two messages at once", [Buffer.concat([frame(paused), frame(resumed)])], ["paused", "resumed"]],
  [
    "messages of every length",
    [frame("{}"), long(1000), frame(paused), long(100_000), frame(resumed)],
    ["paused", "resumed"],
  ],
  [
    "a message in parts",
    [frame(paused.slice(0, 12), { final: false }), frame(paused.slice(12), { opcode: 0 })],
    ["paused"],
  ],
  ["the word elsewhere in a message", [frame(`{"id":1,"result":${paused}}`)], []],
  ["an empty frame and a ping", [frame(""), frame("", { opcode: 9 }), frame(resumed)], ["resumed"]],
])("%s", (_, frames, expected) => {
  const bytes = Buffer.concat(frames);
  expect(new DebuggerEvents().accept(bytes)).toEqual(expected);
  const events = new DebuggerEvents();
  // However the bytes are cut.
  expect([...bytes].flatMap((byte) => events.accept(Buffer.from([byte])))).toEqual(expected);
});
