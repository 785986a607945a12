/** Kafka's primitive types, written: big-endian numbers, strings and bytes behind their length, zigzag varints. */

export class WireWriter {
  readonly #pieces: Buffer[] = [];

  int8(value: number): this {
    return this.#add(1, (bytes) => bytes.writeInt8(value));
  }

  int16(value: number): this {
    return this.#add(2, (bytes) => bytes.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.#add(4, (bytes) => bytes.writeInt32BE(value));
  }

  int64(value: bigint): this {
    return this.#add(8, (bytes) => bytes.writeBigInt64BE(value));
  }

  /** Behind an int16; undefined is null. */
  string(value: string | undefined): this {
    if (value === undefined) return this.int16(-1);
    const bytes = Buffer.from(value);
    return this.int16(bytes.length).raw(bytes);
  }

  /** Behind an int32. */
  bytes(value: Buffer): this {
    return this.int32(value.length).raw(value);
  }

  array<Value>(values: readonly Value[], write: (value: Value) => void): this {
    this.int32(values.length);
    for (const value of values) write(value);
    return this;
  }

  /** Exact to 2^52, where Kafka has 64 bits: times and lengths stay below. */
  varint(value: number): this {
    const bytes: number[] = [];
    let left = value < 0 ? -value * 2 - 1 : value * 2;
    for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
    bytes.push(left);
    return this.raw(Buffer.from(bytes));
  }

  /** Behind a varint; undefined is null. */
  varBytes(value: string | undefined): this {
    if (value === undefined) return this.varint(-1);
    const bytes = Buffer.from(value);
    return this.varint(bytes.length).raw(bytes);
  }

  raw(bytes: Buffer): this {
    this.#pieces.push(bytes);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  #add(length: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.allocUnsafe(length);
    write(bytes);
    return this.raw(bytes);
  }
}
