/** A note in a program of Linux that was not linked with it, where the program looks for its notes. */
import { pageBytes, readSegments, type Segment, segmentType, tableAt, tableBytes, writeSegments } from "./segments.ts";

/**
 * The program with the note in a segment at its end, without symbols, debug information and the table of sections, none
 * of which is read to run it; nothing where its segments lie otherwise than linkers put them.
 *
 * One segment more needs room in their table, which cannot move: older kernels tell a program where its table is as if
 * that were in the first segment. Behind it linkers put the loader's name and the notes, which may be anywhere.
 */
export function withNote(program: Buffer, name: string, content: Buffer): Buffer | undefined {
  const table = readSegments(program);
  const parts = movable(table);
  if (parts === undefined) return undefined;
  const { loader, notes } = parts;
  const end = Math.max(...table.map(({ offset, fileBytes }) => offset + fileBytes));
  const offset = nextPage(end);
  const address = nextPage(Math.max(...table.map((segment) => segment.address + segment.memoryBytes)));
  const loaderName = padded(contentOf(program, loader));
  const allNotes = Buffer.concat([padded(contentOf(program, notes)), noteOf(name, content)]);
  const added = Buffer.concat([loaderName, allNotes]);
  const placed = (segment: Segment, by: number, bytes: number): Segment => ({
    ...segment,
    offset: offset + by,
    address: address + by,
    fileBytes: bytes,
    memoryBytes: bytes,
  });

  const segments = table.map((segment) => {
    if (segment === loader) return placed(segment, 0, loader.fileBytes);
    if (segment === notes) return placed(segment, loaderName.length, allNotes.length);
    const isTable = segment.type === segmentType.table;
    const bytes = tableBytes(table.length + 1);
    return isTable ? { ...segment, fileBytes: bytes, memoryBytes: bytes } : segment;
  });
  const last = table.findLastIndex(({ type }) => type === segmentType.loaded);
  // Read only, and behind the other loaded ones: they are sorted by address.
  const ours = { ...loader, type: segmentType.loaded, flags: 4, alignment: pageBytes };
  segments.splice(last + 1, 0, placed(ours, 0, added.length));

  const whole = Buffer.alloc(offset + added.length);
  program.copy(whole, 0, 0, end);
  whole.fill(0, tableAt + tableBytes(table.length), notes.offset + notes.fileBytes);
  writeSegments(whole, segments);
  added.copy(whole, offset);
  return whole;
}

/** The loader's name and the notes, where they are all that lies behind the table and leave room for one entry more. */
function movable(table: readonly Segment[]): { readonly loader: Segment; readonly notes: Segment } | undefined {
  const [loader, secondLoader] = table.filter(({ type }) => type === segmentType.loader);
  const [notes, secondNotes] = table.filter(({ type }) => type === segmentType.notes);
  if (loader === undefined || notes === undefined || secondLoader !== undefined || secondNotes !== undefined)
    return undefined;
  const tableEnd = tableAt + tableBytes(table.length);
  // Between them there is nothing but what aligns the second to 4 or 8 bytes.
  const gaps = [loader.offset - tableEnd, notes.offset - (loader.offset + loader.fileBytes)];
  const room = notes.offset + notes.fileBytes - tableEnd;
  return gaps.every((gap) => gap >= 0 && gap < 8) && room >= tableBytes(1) ? { loader, notes } : undefined;
}

/** Lengths, a type of one's own, the name and the content, each to a multiple of four bytes. */
function noteOf(name: string, content: Buffer): Buffer {
  const ended = Buffer.from(`${name}\0`);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(ended.length, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, padded(ended), padded(content)]);
}

const contentOf = (program: Buffer, { offset, fileBytes }: Segment): Buffer =>
  program.subarray(offset, offset + fileBytes);

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);

const nextPage = (place: number): number => Math.ceil(place / pageBytes) * pageBytes;
