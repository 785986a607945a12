/** Kafka's primitive types, read. Reading beyond the end throws. */

export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  boolean(): boolean {
    return this.#bytes.readInt8(this.#move(1)) !== 0;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#move(8));
  }

  /** Undefined for null. */
  string(): string | undefined {
    const length = this.int16();
    return length < 0 ? undefined : this.#part(length).toString("utf8");
  }

  bytes(): Buffer {
    return this.#part(Math.max(0, this.int32()));
  }

  array<Value>(read: () => Value): Value[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }

  #part(length: number): Buffer {
    const from = this.#move(length);
    if (this.#at > this.#bytes.length) throw new Error("the broker's answer ends too early");
    return this.#bytes.subarray(from, this.#at);
  }

  #move(length: number): number {
    const from = this.#at;
    this.#at += length;
    return from;
  }
}
