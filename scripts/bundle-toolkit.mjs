// An extension is loaded at every cold start, with little of a processor: what the toolkit's entries import is put into a
// few files, where tsc has left one for each module. The declarations stay as they are.
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { builtinModulesByNeed } from "../dist/packing/builtin-modules.js";

const root = new URL("../", import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const entries = Object.entries(exports)
  .filter(([name]) => name.startsWith("./extension"))
  .map(([, { default: file }]) => fileURLToPath(new URL(file, root)));

// Chunks are named for their content: those of an earlier build would stay.
rmSync(new URL("dist/toolkit/chunks/", root), { recursive: true, force: true });
await build({
  entryPoints: entries,
  outdir: fileURLToPath(new URL("dist/toolkit/", root)),
  outbase: fileURLToPath(new URL("dist/toolkit/", root)),
  allowOverwrite: true,
  bundle: true,
  // Optional packages of whoever wants them: bundled with their extension, not with us.
  external: ["@nats-io/*"],
  splitting: true,
  chunkNames: "chunks/[hash]",
  format: "esm",
  platform: "node",
  plugins: [builtinModulesByNeed],
  target: "node20.19",
  // Halves the time to load. Names stay as they are: they are what a stack trace and an error say.
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
});
