/** Reads along what an inspector tells its debugger, to know when a process is stopped: WebSocket frames (RFC 6455). */

export type DebuggerEvent = "paused" | "resumed";

/** All that is looked at of a message; V8 writes its method first. */
const headBytes = 48;

interface Frame {
  /** Payload bytes that are still to come. */
  left: number;
}

/** Bytes in the order in which they come, however they are cut; gives what they tell. */
export class DebuggerEvents {
  #pending: Buffer = Buffer.alloc(0);
  #frame: Frame | undefined;
  #head: Buffer = Buffer.alloc(0);
  #final = true;

  accept(bytes: Buffer): DebuggerEvent[] {
    const events: DebuggerEvent[] = [];
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (this.#step(events));
    return events;
  }

  #step(events: DebuggerEvent[]): boolean {
    if (this.#frame === undefined) return this.#beginFrame(events);
    const taken = this.#pending.subarray(0, this.#frame.left);
    if (taken.length === 0) return false;
    if (this.#head.length < headBytes)
      this.#head = Buffer.concat([this.#head, taken.subarray(0, headBytes - this.#head.length)]);
    this.#pending = this.#pending.subarray(taken.length);
    this.#frame.left -= taken.length;
    if (this.#frame.left === 0) this.#endFrame(events);
    return true;
  }

  #beginFrame(events: DebuggerEvent[]): boolean {
    const bytes = this.#pending;
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return false;
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    // Servers do not mask, but a length of four more bytes does no harm to know.
    const headLength = 2 + lengthBytes + ((second & 0x80) === 0 ? 0 : 4);
    if (bytes.length < headLength) return false;
    this.#final = (first & 0x80) !== 0;
    // A continuation belongs to the message before it.
    if ((first & 0x0f) !== 0) this.#head = Buffer.alloc(0);
    this.#frame = { left: payloadLength(bytes, short) };
    this.#pending = bytes.subarray(headLength);
    if (this.#frame.left === 0) this.#endFrame(events);
    return true;
  }

  #endFrame(events: DebuggerEvent[]): void {
    this.#frame = undefined;
    if (!this.#final) return;
    const event = /^\{"method":"Debugger\.(paused|resumed)"/.exec(this.#head.toString("latin1"))?.[1];
    if (event === "paused" || event === "resumed") events.push(event);
  }
}

function payloadLength(bytes: Buffer, short: number): number {
  if (short === 126) return bytes.readUInt16BE(2);
  return short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
}
