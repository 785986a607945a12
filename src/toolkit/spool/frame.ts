/** How one batch lies in a file of the spool: a line of text that says how long it is, and the batch, which is one too. */

export interface FrameHead {
  readonly records: number;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
  readonly sequenceId: string;
  /** Ours, and no other batch's, not even of another environment: records are known by it when they are sent again. */
  readonly id: string;
}

/** A frame found in a file, without its bytes. */
export interface FoundFrame extends FrameHead {
  /** Where its bytes begin in the file. */
  readonly offset: number;
}

const mark = "spool1";

export const frameHead = ({ records, bytes, acceptedAt, sequenceId, id }: FrameHead): string =>
  `${mark} ${records} ${bytes} ${acceptedAt} ${sequenceId || "-"} ${id}\n`;

/**
 * The frames of a file. What a killed process had not written to its end is left out: the platform had no answer for
 * that batch and sends it again.
 */
export function framesIn(file: Buffer): readonly FoundFrame[] {
  const frames: FoundFrame[] = [];
  for (let at = 0; at < file.length;) {
    const lineEnd = file.indexOf(10, at);
    if (lineEnd < 0) break;
    const [found, records, bytes, acceptedAt, sequenceId, id = ""] = file.toString("latin1", at, lineEnd).split(" ");
    const offset = lineEnd + 1;
    const length = Number(bytes);
    if (found !== mark || !Number.isInteger(length) || length < 0 || offset + length >= file.length) break;
    frames.push({
      offset,
      bytes: length,
      records: Number(records),
      acceptedAt: Number(acceptedAt),
      sequenceId: sequenceId === undefined || sequenceId === "-" ? "" : sequenceId,
      id,
    });
    at = offset + length + 1;
  }
  return frames;
}
