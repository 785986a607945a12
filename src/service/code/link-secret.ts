/** What signs links to code: with a data directory the same as ever, so that links outlive a process (SVC-38). */
import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { directoryFailure } from "./directory-failure.ts";

const secretBytes = 32;

/** @throws LambdariumError `data-directory-failed` or `disk-full` */
export async function linkSecret(dataDirectory: string | undefined): Promise<Uint8Array> {
  const fresh = randomBytes(secretBytes);
  if (dataDirectory === undefined) return fresh;
  const file = path.join(dataDirectory, "code-links.key");
  const known = await readFile(file).catch(() => undefined);
  if (known?.length === secretBytes) return known;
  try {
    await writeFile(`${file}.new`, fresh, { mode: 0o600 });
    await rename(`${file}.new`, file);
  } catch (error) {
    throw directoryFailure(dataDirectory, error);
  }
  return fresh;
}
