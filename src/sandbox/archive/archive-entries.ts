/** What a zip archive says it holds, judged before a byte of it is written. */
import yauzl from "yauzl";
import type { Entry, ZipFile } from "yauzl";
import { failure } from "../../errors.ts";
import type { ArchiveLimits } from "./archive-limits.ts";

export type PlannedEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly entry: Entry }
  | { readonly kind: "link"; readonly path: string; readonly entry: Entry };

/**
 * Reads the archive's directory and refuses it as a whole if a single entry is unsafe; paths are relative, with `/`.
 * @throws LambdariumError `archive-unsafe` or `archive-too-large`
 */
export async function planEntries(
  zip: ZipFile,
  archive: string,
  limits: ArchiveLimits,
): Promise<readonly PlannedEntry[]> {
  if (zip.entryCount > limits.entries) {
    throw failure("archive-too-large", { path: archive, limit: `${limits.entries} entries` });
  }
  const planned = new Map<string, PlannedEntry>();
  let bytes = 0;
  for await (const entry of zip.eachEntry()) {
    const name = nameOf(entry);
    const refuse = (why: string): never => {
      throw failure("archive-unsafe", { path: archive, entry: name, why });
    };
    const next = judge(entry, name, refuse);
    const previous = planned.get(next.path);
    // SVC-51: of two files with one name the last is the one, as `unzip -o` leaves it; a link beside anything else is a trap.
    if (previous !== undefined && (previous.kind !== next.kind || next.kind === "link")) {
      refuse("the archive holds this path more than once, and not as files");
    }
    planned.set(next.path, next);
    bytes += entry.uncompressedSize;
    if (bytes > limits.unpackedBytes) {
      throw failure("archive-too-large", { path: archive, limit: `${limits.unpackedBytes} bytes` });
    }
  }
  refuseWritesThroughOthers(planned, archive);
  return [...planned.values()];
}

const typeMask = 0o170_000;
const types = { directory: 0o040_000, file: 0o100_000, link: 0o120_000 } as const;

function judge(entry: Entry, name: string, refuse: (why: string) => never): PlannedEntry {
  const why = name.includes("\0") ? "its name holds a NUL" : yauzl.validateFileName(name);
  if (why !== null) {
    refuse(why);
  }
  const path = name
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
  if (entry.isEncrypted()) {
    refuse("it is encrypted");
  }
  const unix = unixModeOf(entry);
  // The owner's bits are on for directories, or nobody but root could fill and remove them; set-uid bits mean nothing
  // on Lambda (ENV-25) and would mean something here.
  const mode = unix & 0o777;
  if (name.endsWith("/") || (unix & typeMask) === types.directory || path === "") {
    return { kind: "directory", path, mode: (unix === 0 ? 0o755 : mode) | 0o700 };
  }
  switch (unix & typeMask) {
    case 0:
    case types.file:
      return { kind: "file", path, mode: unix === 0 ? 0o644 : mode, entry };
    case types.link:
      return { kind: "link", path, entry };
    default:
      return refuse("it is neither file, directory nor link");
  }
}

/** Mode as `stat` gives it, 0 when the archive was made on a system without (Windows). */
function unixModeOf({ versionMadeBy, externalFileAttributes }: Entry): number {
  const madeOn = versionMadeBy >>> 8;
  const [unix, macos] = [3, 19];
  return madeOn === unix || madeOn === macos ? externalFileAttributes >>> 16 : 0;
}

function nameOf(entry: Entry): string {
  // Backslashes become slashes, for some Windows programs write those against the format's rules.
  return yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
}

/** No entry may lie below a link, which could lead anywhere, or below a file. */
function refuseWritesThroughOthers(planned: ReadonlyMap<string, PlannedEntry>, archive: string): void {
  for (const path of planned.keys()) {
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      const above = planned.get(path.slice(0, slash));
      if (above !== undefined && above.kind !== "directory") {
        throw failure("archive-unsafe", {
          path: archive,
          entry: path,
          why: `it lies below "${above.path}", a ${above.kind}`,
        });
      }
    }
  }
}
