/** A program gets one note more, and everything that was in memory stays where it was. */
import { expect, test } from "vitest";
import { withNote } from "./append-note.ts";
import { programIn } from "./program.ts";
import { readSegments, type Segment, segmentType, tableAt, tableBytes, writeSegments } from "./segments.ts";

const loader = "/lib64/ld-linux-x86-64.so.2\0";
const dataSegment = 0x6474e551;

/** A program as linkers make them: the table, the loader's name, a note, and two loaded segments of which one grows. */
function program(gap = 0): Buffer {
  const bytes = Buffer.alloc(5000, 0xaa);
  bytes.fill(0, 0, 1000);
  bytes.writeUInt32BE(0x7f454c46);
  bytes.set([2, 1, 1], 4);
  bytes.writeUInt16LE(0x3e, 18);
  bytes.writeBigUInt64LE(BigInt(tableAt), 32);
  const named = tableAt + tableBytes(6) + gap;
  const noted = named + loader.length;
  const base = 0x400000;
  const at = (type: number, offset: number, fileBytes: number, flags = 4, more = 0): Segment => {
    const address = base + offset;
    return { type, flags, offset, address, fileBytes, memoryBytes: fileBytes + more, alignment: 8 };
  };
  writeSegments(bytes, [
    at(segmentType.table, tableAt, tableBytes(6)),
    at(segmentType.loader, named, loader.length),
    at(segmentType.loaded, 0, 2000),
    at(segmentType.loaded, 2000, 2000, 6, 100_000),
    at(segmentType.notes, noted, 36),
    at(dataSegment, 0, 0, 6),
  ]);
  bytes.write(loader, named, "latin1");
  bytes.set(note("GNU", "twenty bytes of this"), noted);
  bytes.write("code", 1000);
  return bytes;
}

/** Of a name with four bytes and a content with a multiple of four. */
const note = (name: string, content: string): Buffer =>
  Buffer.concat([
    Buffer.from(Uint32Array.of(name.length + 1, content.length, 0).buffer),
    Buffer.from(`${name}\0${content}`),
  ]);

const before = program();
const after = withNote(before, "APPLICATION", Buffer.from("a bundle"))!;
const segments = readSegments(after);
const loaded = segments.filter(({ type }) => type === segmentType.loaded);

test("all notes are in memory, the first ones as they were", () => {
  const { offset, fileBytes, address } = segments.find(({ type }) => type === segmentType.notes)!;
  const mapped = loaded.at(-1)!;
  expect(after.subarray(offset, offset + fileBytes)).toEqual(
    Buffer.concat([note("GNU", "twenty bytes of this"), note("APPLICATION", "a bundle")]),
  );
  expect(address - mapped.address).toBe(offset - mapped.offset);
  expect(offset + fileBytes).toBeLessThanOrEqual(mapped.offset + mapped.fileBytes);
});

test("what was loaded before stays at its place, and the new segment is behind it in a page of its own", () => {
  const were = readSegments(before).filter(({ type }) => type === segmentType.loaded);
  expect(loaded.slice(0, -1)).toEqual(were);
  const added = loaded.at(-1)!;
  expect(added).toMatchObject({ flags: 4, offset: 65_536, address: 0x420000, fileBytes: added.memoryBytes });
  expect(after.toString("latin1", 1000, 1004)).toBe("code");
  expect(after.subarray(2000, 4000).equals(before.subarray(2000, 4000))).toBe(true);
});

test("it asks for the same loader, its table covers one entry more, and it has no sections", () => {
  expect(programIn(after)).toEqual(programIn(before));
  expect(segments[0]).toMatchObject({ type: segmentType.table, fileBytes: tableBytes(7), memoryBytes: tableBytes(7) });
  expect(after.readBigUInt64LE(40)).toBe(0n);
});

test("a program with something unknown behind its table is left alone", () => {
  expect(withNote(program(8), "APPLICATION", Buffer.from("a bundle"))).toBeUndefined();
});
