/** Which functions a project has brought, over the end of the process: those that have left it since are to be removed. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

interface Remembered {
  /** Of the project: another one in the same data directory has its own functions. */
  readonly file: string;
  readonly names: readonly string[];
}

const fileIn = (workDirectory: string): string => path.join(workDirectory, "project.json");

export async function rememberedNames(workDirectory: string, projectFile: string): Promise<readonly string[]> {
  try {
    const { file, names } = JSON.parse(await readFile(fileIn(workDirectory), "utf8")) as Remembered;
    return file === projectFile ? names : [];
  } catch {
    // The first time, or a file that was cut off: then nothing is removed.
    return [];
  }
}

export async function rememberNames(workDirectory: string, remembered: Remembered): Promise<void> {
  await mkdir(workDirectory, { recursive: true });
  await writeFile(fileIn(workDirectory), JSON.stringify(remembered));
}
