/** Reads protobuf by tables of field numbers, into what OTLP's JSON encoding would have. */

/** 64-bit numbers become decimal texts, as in JSON. */
export type FieldKind =
  | "string"
  | "hex"
  | "base64"
  | "bool"
  | "int32"
  | "int64"
  | "fixed32"
  | "fixed64"
  | "sfixed64"
  | "double";

export type Field =
  | readonly [name: string, kind: FieldKind]
  | readonly [name: string, kind: "packed fixed64" | "packed double"]
  | readonly [name: string, kind: "message" | "messages", of: () => Message];

/** By field number. */
export type Message = Readonly<Record<number, Field>>;

type Plain = Record<string, unknown>;

/** @throws Error for bytes that are no such message. */
export function readMessage(bytes: Buffer, message: Message): Plain {
  const read: Plain = {};
  for (let at = 0; at < bytes.length;) {
    const key = varint(bytes, at);
    const field = message[Number(key.value >> 3n)];
    const found = content(bytes, key.end, Number(key.value & 7n));
    at = found.end;
    // A field we have no name for is of a later version.
    if (field !== undefined) put(read, field, found);
  }
  return read;
}

interface Content {
  readonly bytes: Buffer;
  readonly value: bigint;
  readonly end: number;
}

function content(bytes: Buffer, at: number, wireType: number): Content {
  switch (wireType) {
    case 0:
      return { ...varint(bytes, at), bytes: empty };
    case 1:
      return { bytes: slice(bytes, at, 8), value: 0n, end: at + 8 };
    case 2: {
      const length = varint(bytes, at);
      const size = Number(length.value);
      return { bytes: slice(bytes, length.end, size), value: 0n, end: length.end + size };
    }
    case 5:
      return { bytes: slice(bytes, at, 4), value: 0n, end: at + 4 };
    default:
      throw new Error(`not protobuf: wire type ${wireType} at byte ${at}`);
  }
}

const empty = Buffer.alloc(0);

function slice(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length > bytes.length)
    throw new Error(`not protobuf: ${length} bytes are promised at byte ${at}, there are fewer`);
  return bytes.subarray(at, at + length);
}

function varint(bytes: Buffer, start: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let at = start; at < start + 10; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new Error(`not protobuf: a number at byte ${start} has no end`);
}

function put(into: Plain, field: Field, { bytes, value }: Content): void {
  const [name, kind] = field;
  switch (kind) {
    case "message":
      into[name] = readMessage(bytes, field[2]());
      return;
    case "messages":
      into[name] = [...((into[name] as unknown[] | undefined) ?? []), readMessage(bytes, field[2]())];
      return;
    case "string":
      into[name] = bytes.toString("utf8");
      return;
    case "hex":
    case "base64":
      into[name] = bytes.toString(kind);
      return;
    case "bool":
      into[name] = value !== 0n;
      return;
    case "int32":
      into[name] = Number(value);
      return;
    case "int64":
      into[name] = String(BigInt.asIntN(64, value));
      return;
    case "fixed32":
      into[name] = bytes.readUInt32LE();
      return;
    case "fixed64":
      into[name] = String(bytes.readBigUInt64LE());
      return;
    case "sfixed64":
      into[name] = String(bytes.readBigInt64LE());
      return;
    case "double":
      into[name] = bytes.readDoubleLE();
      return;
    case "packed fixed64":
      into[name] = eights(bytes).map((at) => String(bytes.readBigUInt64LE(at)));
      return;
    case "packed double":
      into[name] = eights(bytes).map((at) => bytes.readDoubleLE(at));
      return;
    default:
      kind satisfies never;
  }
}

const eights = (bytes: Buffer): readonly number[] => Array.from({ length: bytes.length / 8 }, (_, at) => at * 8);
