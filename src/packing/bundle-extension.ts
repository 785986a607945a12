/** An extension's source and all it imports, in one file: beside an extension there are no packages (LIFE-01). */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildFailure, Message, Metafile } from "esbuild";
import { failure } from "../errors.ts";
import { builtinModulesByNeed } from "./builtin-modules.ts";
import type { SourceText } from "./layer-file.ts";

export interface Bundle {
  /** A module of the form that was asked for. */
  readonly code: string;
  /** Files of the person who packs, without packages. */
  readonly sources: readonly SourceText[];
  /** The same, absolute: when one of them changes, this is no longer the bundle. */
  readonly files: readonly string[];
  /** What esbuild says, a line each. */
  readonly warnings: readonly string[];
}

/** An ECMAScript module, or CommonJS, which is all that Node.js takes into a single executable. */
export type ModuleForm = "esm" | "cjs";

/** The oldest version of Node.js that Lambda runs: which one it is, the function decides. */
const target = "node20";

/** What stands for `import.meta.url` where there is no such thing. */
const ownUrl = "lambdariumOwnUrl";

/** @throws LambdariumError `extension-not-found`, `extension-not-bundled` */
export async function bundleExtension(entry: string, name: string, form: ModuleForm = "esm"): Promise<Bundle> {
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
      format: form,
      ...(form === "cjs" ? inOneProgram : {}),
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
      code: withPreamble(outputFiles[0]?.text ?? "", name, form),
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

/** Where a module asks for itself or for another one, it gets the program and what Node.js has. */
const inOneProgram = {
  define: {
    "import.meta.url": ownUrl,
    "import.meta.filename": "__filename",
    "import.meta.dirname": "__dirname",
  },
  supported: { "dynamic-import": false },
} as const;

/** An extension registers under the name of its file in `/opt/extensions`: that is not always the one Node.js is given. */
function withPreamble(code: string, name: string, form: ModuleForm): string {
  const body = code.replace(/^#!.*\n/, "");
  const lines = [`process.argv[1]=${JSON.stringify(`/opt/extensions/${name}`)};`];
  if (form === "cjs") {
    // What it starts shall not have them either, as the launcher of the other form sees to.
    lines.push("delete process.env.NODE_OPTIONS;");
    if (body.includes(ownUrl)) lines.push(`const ${ownUrl}=require("node:url").pathToFileURL(__filename).href;`);
  } else if (body.includes("Dynamic require of")) {
    // A package in the older module format asks for Node.js's own modules by `require`.
    lines.unshift(
      'import{createRequire as requireFrom}from"node:module";',
      "const require=requireFrom(import.meta.url);",
    );
  }
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

const lineOf = ({ location, text }: Message): string => {
  const said = text.startsWith("Top-level await is currently not supported")
    ? "An await outside of functions: with --standalone the extension is CommonJS, which cannot wait there. Put it into an async function"
    : text;
  return location === null ? said : `${location.file}:${location.line}:${location.column + 1}: ${said}`;
};
