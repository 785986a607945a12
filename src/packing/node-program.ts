/** The program of Node.js that becomes an extension for functions that have none. */
import { readFile } from "node:fs/promises";
import { failure } from "../errors.ts";
import { type Architecture, programIn } from "./program.ts";

export interface NodeProgram {
  readonly file: string;
  readonly bytes: Buffer;
  readonly architecture: Architecture;
  /** As `process.version` says it. */
  readonly version: string;
}

/** Of a whole one; what is smaller leaves most of itself in a library, as packages of distributions do. */
const leastBytes = 30_000_000;

/**
 * What the program looks at, when it starts, to know whether it has an application in it (Node.js, "Single executable
 * applications"); the digit behind it says so.
 */
export const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:";

/** @throws LambdariumError `node-program-unusable` */
export async function nodeProgram(given: string | undefined, wanted: Architecture): Promise<NodeProgram> {
  const file = given ?? process.execPath;
  const unusable = (why: string, cause?: unknown) => unusableNode(file, wanted, why, cause);
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unusable("there is no such file, or it cannot be read", error);
  });
  const program = programIn(bytes);
  if (program.kind !== "elf") throw unusable("it is no program of Linux");
  if (program.architecture !== wanted)
    throw unusable(`it is for ${program.architecture === "other" ? "another processor" : program.architecture}`);
  if (program.loader?.includes("musl")) throw unusable("it is linked against musl, and Lambda has glibc");
  if (bytes.length < leastBytes)
    throw unusable("it is too small to be all of Node.js, which nodejs.org has in one file");
  const version = versionIn(bytes);
  if (version === undefined) throw unusable("it is not Node.js");
  const at = bytes.indexOf(fuse);
  if (at < 0) throw unusable("it was built without single executable applications");
  if (bytes[at + fuse.length] !== unset) throw unusable("it has an application in it already");
  return { file, bytes, architecture: wanted, version };
}

/** The digit 0. */
const unset = 0x30;

/** How it calls itself, in every release. */
function versionIn(bytes: Buffer): string | undefined {
  const label = "node.js/";
  const at = bytes.indexOf(`${label}v`);
  if (at < 0) return undefined;
  return /^v\d+\.\d+\.\d+[\w.-]*/u.exec(bytes.toString("latin1", at + label.length, at + 80))?.[0];
}

export const unusableNode = (file: string, architecture: Architecture, why: string, cause?: unknown) =>
  failure("node-program-unusable", { file, architecture, why }, cause);
