/** Records as lines of JSON in a file: `import … from "lambdarium/extension/destinations/file"`. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { reasonOf } from "../extension-error.ts";
import { type Destination, textItem, timeOf } from "./destination.ts";

export interface FileSettings {
  /** Its directory must be there. */
  readonly path: string;
  /** The file does not grow beyond; what does not fit waits in the spool. Default no limit. */
  readonly maxBytes?: number;
}

/** Appends to a file that others may read, move or remove meanwhile: it is opened for each request. */
export function file(settings: FileSettings): Destination {
  return {
    name: `file ${settings.path}`,
    limits: { maxItems: 10_000, maxBytes: 4_194_304, itemOverheadBytes: 1 },
    encode: (record) => [textItem(JSON.stringify(record), timeOf(record))],
    async send({ items }) {
      try {
        return append(settings, Buffer.from(items.map(({ body }) => `${String(body)}\n`).join("")));
      } catch (error) {
        return { kind: "try later", reason: reasonOf(error) };
      }
    },
  };
}

function append({ path, maxBytes = Infinity }: FileSettings, lines: Buffer): { readonly kind: "delivered" } | Full {
  const opened = openSync(path, "a", 0o644);
  try {
    const { size, isFile } = statOf(opened);
    if (size + lines.length > maxBytes) return { kind: "try later", reason: `${path} is full (${size} bytes)` };
    writeWhole(opened, lines, isFile ? size : undefined);
    return { kind: "delivered" };
  } finally {
    closeSync(opened);
  }
}

type Full = { readonly kind: "try later"; readonly reason: string };

function statOf(opened: number): { readonly size: number; readonly isFile: boolean } {
  const stat = fstatSync(opened);
  return { size: stat.size, isFile: stat.isFile() };
}

/** All or nothing: what a full disk let through is taken back, or a half line would spoil the one after it. */
function writeWhole(opened: number, lines: Buffer, size: number | undefined): void {
  try {
    for (let written = 0; written < lines.length;) written += writeSync(opened, lines, written);
  } catch (error) {
    if (size !== undefined) ftruncateSync(opened, size);
    throw error;
  }
}
