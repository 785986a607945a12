/** An extension's source and all it imports, in one file: beside an extension there are no packages (LIFE-01). */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildFailure, Message, Metafile } from "esbuild";
import { failure } from "../errors.ts";
import { builtinModulesByNeed } from "./builtin-modules.ts";
import type { SourceText } from "./layer-file.ts";

export interface Bundle {
  /** An ECMAScript module. */
  readonly code: string;
  /** Files of the person who packs, without packages. */
  readonly sources: readonly SourceText[];
  /** The same, absolute: when one of them changes, this is no longer the bundle. */
  readonly files: readonly string[];
  /** What esbuild says, a line each. */
  readonly warnings: readonly string[];
}

/** The oldest version of Node.js that Lambda runs: which one it is, the function decides. */
const target = "node20";

/** @throws LambdariumError `extension-not-found`, `extension-not-bundled` */
export async function bundleExtension(entry: string, name: string): Promise<Bundle> {
  // Loaded here: whoever has no source to bundle does not pay for it.
  const { build } = await import("esbuild");
  try {
    const { outputFiles, metafile, warnings } = await build({
      entryPoints: [path.resolve(entry)],
      absWorkingDir: path.dirname(path.resolve(entry)),
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      target,
      // A third of the time to load. Names stay: they are what a stack trace says.
      minifyWhitespace: true,
      minifySyntax: true,
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      plugins: [builtinModulesByNeed],
      // For a Lambdarium that is not installed beside the source.
      nodePaths: [fileURLToPath(new URL("../../../", import.meta.url))],
    });
    const directory = path.dirname(path.resolve(entry));
    const files = ownFiles(metafile, directory);
    return {
      code: withPreamble(outputFiles[0]?.text ?? "", name),
      sources: await Promise.all(files.map((file) => sourceOf(file, directory))),
      files,
      warnings: warnings.map(lineOf),
    };
  } catch (error) {
    const { errors } = error as Partial<BuildFailure>;
    if (errors === undefined) throw error;
    throw failure("extension-not-bundled", { path: entry, problems: errors.map(lineOf).join("\n") }, error);
  }
}

/** An extension registers under the name of its file in `/opt/extensions`: that is the launcher's, not this one's. */
function withPreamble(code: string, name: string): string {
  const body = code.replace(/^#!.*\n/, "");
  const lines = [`process.argv[1]=${JSON.stringify(`/opt/extensions/${name}`)};`];
  // A package in the older module format asks for Node.js's own modules by `require`.
  if (body.includes("Dynamic require of"))
    lines.unshift(
      'import{createRequire as requireFrom}from"node:module";',
      "const require=requireFrom(import.meta.url);",
    );
  return `${lines.join("\n")}\n${body}`;
}

function ownFiles({ inputs }: Metafile, directory: string): string[] {
  const own = fileURLToPath(new URL("../", import.meta.url));
  return Object.keys(inputs)
    .filter((input) => !input.startsWith("builtin:"))
    .map((input) => path.resolve(directory, input))
    .filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`) && !file.startsWith(own));
}

async function sourceOf(file: string, directory: string): Promise<SourceText> {
  return { path: path.relative(directory, file), text: await readFile(file, "utf8") };
}

const lineOf = ({ location, text }: Message): string =>
  location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`;
