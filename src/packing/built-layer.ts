/** The layer of a source, on the disk, for an environment that is about to start. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundledFiles } from "./bundled-layer.ts";
import { bundleExtension } from "./bundle-extension.ts";
import { checkName } from "./check-names.ts";
import { failure } from "../errors.ts";

/**
 * Bundles `entry` as `lambdarium pack` does, into a directory of `room` that is named for its content: what has changed
 * is another directory, and environments keep theirs.
 * @throws LambdariumError `extension-not-bundled`, `invalid-setting`
 */
export async function buildLayer(entry: string, name: string, room: string): Promise<string> {
  const [problem] = checkName(name);
  if (problem !== undefined)
    throw failure("invalid-setting", { setting: "extension", value: entry, why: problem.message.replace(/\.$/, "") });
  const { code } = await bundleExtension(entry, name);
  const directory = path.join(room, `${name}-${createHash("sha256").update(code).digest("hex").slice(0, 16)}`);
  for (const file of bundledFiles(name, code)) {
    const place = path.join(directory, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, file.bytes, { mode: file.mode });
  }
  return directory;
}
