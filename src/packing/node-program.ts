/** The program of Node.js that goes into a layer whose functions have none. */
import { readFile } from "node:fs/promises";
import { failure } from "../errors.ts";
import { type Architecture, programIn } from "./program.ts";

/** Of a whole one; what is smaller leaves most of itself in a library, as packages of distributions do. */
const leastBytes = 30_000_000;

/** @throws LambdariumError `node-program-unusable` */
export async function nodeProgram(given: string | undefined, wanted: Architecture): Promise<Buffer> {
  const file = given ?? process.execPath;
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unusable(file, wanted, "there is no such file, or it cannot be read", error);
  });
  const program = programIn(bytes);
  if (program.kind !== "elf") throw unusable(file, wanted, "it is no program of Linux");
  if (program.architecture !== wanted)
    throw unusable(
      file,
      wanted,
      `it is for ${program.architecture === "other" ? "another processor" : program.architecture}`,
    );
  if (program.loader?.includes("musl")) throw unusable(file, wanted, "it is linked against musl, and Lambda has glibc");
  if (bytes.length < leastBytes)
    throw unusable(file, wanted, "it is too small to be all of Node.js, which nodejs.org has in one file");
  return bytes;
}

const unusable = (file: string, architecture: Architecture, why: string, cause?: unknown) =>
  failure("node-program-unusable", { file, architecture, why }, cause);
