/** A zip archive, piece by piece: the same files make the same bytes, whenever and wherever (SVC-57). */
import { crc32 } from "node:zlib";

export interface ZipEntry {
  /** With `/`; a directory's ends in one. */
  readonly path: string;
  /** As `stat` gives it, with the type. */
  readonly mode: number;
  readonly content: () => Promise<Uint8Array>;
}

/** The format's own limit; beyond it another one would be needed (zip64). */
export const mostZipEntries = 65_535;

/** Nothing is compressed: what a compressor makes depends on its version, and the hash would with it. */
export async function* zipPieces(entries: readonly ZipEntry[]): AsyncGenerator<Uint8Array> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, mode, content } of entries) {
    const bytes = await content();
    const name = Buffer.from(path);
    const common = commonHeader(name, bytes);
    const local = Buffer.concat([word(0x04034b50), short(20), common, name]);
    directory.push(centralHeader(common, name, mode, offset));
    offset += local.byteLength + bytes.byteLength;
    yield local;
    yield bytes;
  }
  const central = Buffer.concat(directory);
  yield central;
  yield Buffer.concat([
    word(0x06054b50),
    Buffer.alloc(4),
    short(entries.length),
    short(entries.length),
    word(central.byteLength),
    word(offset),
    Buffer.alloc(2),
  ]);
}

/** What an entry's two headers share: flags, method, time, checksum, sizes, lengths. */
function commonHeader(name: Buffer, bytes: Uint8Array): Buffer {
  const namesAreUtf8 = 0x0800;
  const stored = 0;
  return Buffer.concat([
    short(namesAreUtf8),
    short(stored),
    // The first moment the format can say: 1980-01-01, midnight.
    short(0),
    short(0x0021),
    word(crc32(bytes)),
    word(bytes.byteLength),
    word(bytes.byteLength),
    short(name.byteLength),
    short(0),
  ]);
}

function centralHeader(common: Buffer, name: Buffer, mode: number, offset: number): Buffer {
  const madeOnUnix = (3 << 8) | 20;
  return Buffer.concat([
    word(0x02014b50),
    short(madeOnUnix),
    short(20),
    common,
    // No comment, first disk, no internal attributes.
    Buffer.alloc(6),
    word((mode << 16) >>> 0),
    word(offset),
    name,
  ]);
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
