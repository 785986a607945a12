/** Unpacks Snappy's block format, in which Prometheus' and Loki's clients send protobuf. */

/** @throws Error for bytes that are not of this format. */
export function unsnappy(packed: Buffer): Buffer {
  const { value: size, end } = length(packed);
  const unpacked = Buffer.alloc(size);
  let [from, to] = [end, 0];
  while (from < packed.length) {
    const tag = packed[from] ?? 0;
    from += 1;
    const kind = tag & 3;
    if (kind === 0) {
      // Up to 60 bytes are counted in the tag, more in one to four bytes behind it.
      const wide = Math.max(0, (tag >> 2) - 59);
      const bytes = (wide === 0 ? tag >> 2 : packed.readUIntLE(from, wide)) + 1;
      from += wide;
      packed.copy(unpacked, to, from, from + bytes);
      [from, to] = [from + bytes, to + bytes];
      continue;
    }
    const bytes = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = kind === 1 ? ((tag >> 5) << 8) | packed.readUInt8(from) : packed.readUIntLE(from, kind === 2 ? 2 : 4);
    from += kind === 1 ? 1 : kind === 2 ? 2 : 4;
    if (back === 0 || back > to) throw new Error("not Snappy: a copy of what is not there");
    // Byte by byte: a copy may reach into itself.
    for (let at = 0; at < bytes; at += 1) unpacked[to + at] = unpacked[to + at - back] ?? 0;
    to += bytes;
  }
  if (to !== size) throw new Error(`not Snappy: ${to} bytes, not ${size}`);
  return unpacked;
}

function length(packed: Buffer): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = packed[at] ?? 0x80;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { value: Math.min(value, 2 ** 26), end: at + 1 };
  }
  throw new Error("not Snappy: no length");
}
