/** Node.js with a bundle in it, in one file (Node.js's documentation, "Single executable applications"). */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { withNote } from "./append-note.ts";
import { fuse, type NodeProgram, unusableNode } from "./node-program.ts";

/** @throws LambdariumError `node-program-unusable` */
export async function singleExecutable(node: NodeProgram, code: string): Promise<Buffer> {
  const blob = await applicationBlob(node, code);
  const lit = Buffer.from(node.bytes);
  lit.write("1", lit.indexOf(fuse) + fuse.length);
  const whole = withNote(lit, "NODE_SEA_BLOB", blob);
  if (whole === undefined)
    throw unusableNode(node.file, node.architecture, "its segments lie otherwise than in nodejs.org's");
  return whole;
}

/** Newer releases let an application say that `NODE_OPTIONS` is not for it; their program has the setting's name in it. */
export const ignoresNodeOptions = ({ bytes }: NodeProgram): boolean => bytes.includes(ignoring);

const ignoring = "execArgvExtension";

/** What Node.js reads of itself. Each version has its own form of it, which only it knows, whatever the processor. */
async function applicationBlob(node: NodeProgram, code: string): Promise<Buffer> {
  const maker = makerFor(node);
  const room = await mkdtemp(path.join(tmpdir(), "lambdarium-pack-"));
  try {
    const settings = {
      // Relative, since the name becomes a part of it.
      main: "index.cjs",
      output: "index.blob",
      disableExperimentalSEAWarning: true,
      // Both are for the very processor and version that made them.
      useSnapshot: false,
      useCodeCache: false,
      [ignoring]: "none",
    };
    await writeFile(path.join(room, settings.main), code);
    await writeFile(path.join(room, "settings.json"), JSON.stringify(settings));
    const { NODE_OPTIONS: _, ...env } = process.env;
    await promisify(execFile)(maker, ["--experimental-sea-config", "settings.json"], { cwd: room, env });
    return await readFile(path.join(room, settings.output));
  } catch (error) {
    throw unusableNode(node.file, node.architecture, "it could not take the bundle in", error);
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

/** The program itself where it runs on this machine; else this Node.js, if it is the same. */
function makerFor({ file, architecture, version }: NodeProgram): string {
  if (version === process.version) return process.execPath;
  if (process.platform === "linux" && architecture === (process.arch === "arm64" ? "arm64" : "x86_64")) return file;
  throw unusableNode(
    file,
    architecture,
    `it is Node.js ${version}, and only the same version can put a bundle into it: run lambdarium by that, this is ${process.version}`,
  );
}
