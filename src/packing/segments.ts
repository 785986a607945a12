/** What a program of Linux of 64 bits has in memory: its table of segments (System V ABI, "Program Header"). */

export interface Segment {
  readonly type: number;
  /** 4 can be read, 2 written, 1 executed. */
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly alignment: number;
}

export const segmentType = { loaded: 1, loader: 3, notes: 4, table: 6 } as const;

/** Every linker's: directly behind the header of the file. */
export const tableAt = 64;

/** A multiple of every size of pages that Lambda's processors have. */
export const pageBytes = 65_536;

const entryBytes = 56;

export const tableBytes = (count: number): number => count * entryBytes;

/** In the file's order; none where the table is at another place. */
export function readSegments(program: Buffer): Segment[] {
  const count = program.readUInt16LE(56);
  if (Number(program.readBigUInt64LE(32)) !== tableAt || program.length < tableAt + tableBytes(count)) return [];
  return Array.from({ length: count }, (_, index) => segmentAt(program, tableAt + index * entryBytes));
}

function segmentAt(program: Buffer, at: number): Segment {
  const numberAt = (by: number): number => Number(program.readBigUInt64LE(at + by));
  return {
    type: program.readUInt32LE(at),
    flags: program.readUInt32LE(at + 4),
    offset: numberAt(8),
    address: numberAt(16),
    fileBytes: numberAt(32),
    memoryBytes: numberAt(40),
    alignment: numberAt(48),
  };
}

/** Writes the table, and says that there is none of sections. */
export function writeSegments(program: Buffer, segments: readonly Segment[]): void {
  for (const [index, segment] of segments.entries()) {
    const at = tableAt + index * entryBytes;
    program.writeUInt32LE(segment.type, at);
    program.writeUInt32LE(segment.flags, at + 4);
    const { offset, address, fileBytes, memoryBytes, alignment } = segment;
    for (const [place, value] of [offset, address, address, fileBytes, memoryBytes, alignment].entries())
      program.writeBigUInt64LE(BigInt(value), at + 8 + place * 8);
  }
  program.writeUInt16LE(segments.length, 56);
  program.writeBigUInt64LE(0n, 40);
  program.writeUInt16LE(0, 60);
  program.writeUInt16LE(0, 62);
}
