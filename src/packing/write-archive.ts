/** An archive that has the same bytes whenever, wherever and by whomever it is made of the same files. */
import { failure } from "../errors.ts";
import type { LayerFile } from "./layer-file.ts";

/** @throws LambdariumError `internal-fault` */
export async function archiveOf(files: readonly LayerFile[]): Promise<Buffer> {
  const { ZipFile } = await import("yazl");
  const zip = new ZipFile();
  // The earliest that an archive can say, by the clock of wherever this is: the archive knows no time zones.
  const mtime = new Date(1980, 0, 1);
  for (const { path, bytes, mode } of sorted(files)) {
    // What is run or may be run; nothing of the umask or the owner of the machine.
    const told = (mode & 0o111) === 0 ? 0o100644 : 0o100755;
    // Without the dates that newer archives have besides, which are in seconds since 1970.
    zip.addBuffer(bytes, path, { mtime, mode: told, compressionLevel: 6, forceDosTimestamp: true });
  }
  zip.end();
  const pieces: Buffer[] = [];
  try {
    for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
  } catch (error) {
    throw failure("internal-fault", { doing: "writing an archive" }, error);
  }
  return Buffer.concat(pieces);
}

/** By bytes, which no locale changes. */
export const sorted = (files: readonly LayerFile[]): LayerFile[] =>
  [...files].sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)));
