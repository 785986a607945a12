/** A layer that is there already: a directory with `extensions/` in it, or one program. */
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { isStarted, type LayerContent, type LayerFile, startedName } from "./layer-file.ts";

/** A directory is the layer's content. @throws LambdariumError `extension-not-found` */
export async function layerInDirectory(directory: string, name: string | undefined): Promise<LayerContent> {
  const files = await filesIn(directory, "");
  const first = files.find(isStarted);
  const given = name ?? (first === undefined ? path.basename(path.resolve(directory)) : startedName(first));
  return { name: given, files, sources: sourcesOf(files), needs: [] };
}

/** A program in any language that needs nothing beside it. */
export async function layerOfProgram(file: string, name: string): Promise<LayerContent> {
  const files = [{ path: `extensions/${name}`, bytes: await readFile(file), mode: await modeOf(file) }];
  return { name, files, sources: sourcesOf(files), needs: [] };
}

async function filesIn(directory: string, below: string): Promise<LayerFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter(({ name }) => !litter.has(name))
      .map(async (entry): Promise<LayerFile[]> => {
        const place = path.join(directory, entry.name);
        // A link becomes what it leads to: archives made on other machines have none.
        const found = entry.isSymbolicLink() ? await stat(place).catch(() => undefined) : entry;
        if (found === undefined)
          throw failure("invalid-setting", { setting: "layer", value: place, why: "the link leads nowhere" });
        if (found.isDirectory()) return filesIn(place, `${below}${entry.name}/`);
        if (!found.isFile()) return [];
        return [{ path: `${below}${entry.name}`, bytes: await readFile(place), mode: await modeOf(place) }];
      }),
  );
  return files.flat();
}

/** What desktops leave in directories; in extensions/ it would be started. */
const litter: ReadonlySet<string> = new Set([".DS_Store", "Thumbs.db", "__MACOSX", ".git"]);

/** Windows knows no such mark: what is started is mended. */
const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

/** Programs that are text. */
const sourcesOf = (files: readonly LayerFile[]) =>
  files
    .filter((file) => file.bytes.length < 1_000_000 && (isStarted(file) || (file.mode & 0o111) !== 0))
    .filter(({ bytes }) => !bytes.subarray(0, 8000).includes(0))
    .map(({ path, bytes }) => ({ path, text: bytes.toString("utf8") }));
