/** The layer of a source for functions that have no Node.js: one program, and nothing beside it. */
import { failure } from "../errors.ts";
import { bundleExtension } from "./bundle-extension.ts";
import { type Finding, finding } from "./findings.ts";
import type { LayerContent } from "./layer-file.ts";
import { nodeProgram } from "./node-program.ts";
import type { Architecture } from "./program.ts";
import { ignoresNodeOptions, singleExecutable } from "./single-executable.ts";

export interface FoundLayer {
  readonly content: LayerContent;
  /** What showed before its files were looked at. */
  readonly found: readonly Finding[];
}

/**
 * `program` is the file of Node.js; default the one that runs.
 * @throws LambdariumError `extension-not-bundled`, `node-program-unusable`, `option-invalid`
 */
export async function standaloneLayer(
  entry: string,
  name: string,
  program: string | undefined,
  architectures: readonly Architecture[] | undefined,
): Promise<FoundLayer> {
  const node = await nodeProgram(program, onlyOne(architectures));
  const { code, sources, warnings } = await bundleExtension(entry, name, "cjs");
  const bytes = await singleExecutable(node, code);
  const { version } = node;
  const found = [
    ...bundlerWarnings(warnings),
    ...(ignoresNodeOptions(node) ? [] : [finding("node-options-obeyed", { version })]),
    ...(node.bytes.includes("libatomic.so.1") ? [finding("library-missing", { version })] : []),
  ];
  return { content: { name, files: [{ path: `extensions/${name}`, bytes, mode: 0o755 }], sources, needs: [] }, found };
}

export const bundlerWarnings = (warnings: readonly string[]): Finding[] =>
  warnings.map((text) => finding("bundler-warning", { text }));

/** A program is for one processor. @throws LambdariumError `option-invalid` */
function onlyOne(architectures: readonly Architecture[] = []): Architecture {
  const [wanted = process.arch === "arm64" ? "arm64" : "x86_64", other] = architectures;
  if (other === undefined) return wanted;
  throw failure("option-invalid", {
    option: "--architecture",
    value: architectures.join(" "),
    why: "a layer with a program is for one processor: pack one for each",
  });
}
