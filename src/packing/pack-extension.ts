/** From an extension to a layer's archive, or to everything that is wrong with it. */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { bundledFiles } from "./bundled-layer.ts";
import { bundleExtension } from "./bundle-extension.ts";
import { checkNames } from "./check-names.ts";
import { architecturesOf, bringsNode, checkPrograms, mended, runtimePrefix } from "./check-programs.ts";
import { checkUnzipped, checkZipped, unzippedBytes } from "./check-size.ts";
import { checkSources } from "./check-sources.ts";
import { canBeBundled, extensionName, isExtensionSource } from "./extension-source.ts";
import type { Finding } from "./findings.ts";
import { isStarted, type LayerContent, startedName } from "./layer-file.ts";
import type { Architecture } from "./program.ts";
import { layerInDirectory, layerOfProgram } from "./read-layer.ts";
import { mostRuntimes, offeredRuntimes, onAmazonLinux2 } from "./runtime-languages.ts";
import { bundlerWarnings, type FoundLayer, standaloneLayer } from "./standalone-layer.ts";
import { archiveOf, sorted } from "./write-archive.ts";

export interface PackRequest {
  /** A source file, a program, or a directory with a layer's content. */
  readonly entry: string;
  /** What a directory is the content of; default `layer`. */
  readonly of?: "layer" | "function";
  /** Default: the file's, without the ending of a source. */
  readonly name?: string;
  /** Default: what the programs in it are made for; both where there are none. */
  readonly architectures?: readonly Architecture[];
  /** Default: all that have what is needed. */
  readonly runtimes?: readonly string[];
  /** Makes one program of it, with Node.js inside: `true` the one that runs, or a file. */
  readonly standalone?: true | string;
}

export interface PackedLayer {
  readonly name: string;
  /** Names in extensions/. */
  readonly extensions: readonly string[];
  readonly architectures: readonly Architecture[];
  readonly runtimes: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly mode: string }[];
  readonly unzippedBytes: number;
  readonly findings: readonly Finding[];
  /** Nothing where a finding is an error. */
  readonly archive: Buffer | undefined;
  /** Base64, as Lambda answers it; of the archive. */
  readonly codeSha256: string | undefined;
}

/** @throws LambdariumError `extension-not-found`, `extension-not-bundled`, `node-program-unusable`, `option-invalid` */
export async function packExtension(request: PackRequest): Promise<PackedLayer> {
  const { content, found: early } = await contentOf(request);
  const { files, findings: mendings } = mended(content.files);
  const layer = { ...content, files: sorted(files) };
  const target = { architectures: request.architectures ?? [], runtimes: request.runtimes ?? [] };
  const found = architecturesOf(layer.files);
  const findings = [
    ...early,
    ...mendings,
    ...(request.of === "function" ? [] : checkNames(layer)),
    ...checkPrograms(layer, found.length > 1 ? { ...target, architectures: target.architectures.slice(0, 1) } : target),
    ...checkSources(layer.sources),
    ...checkUnzipped(layer.files),
  ];
  const isWhole = !findings.some(({ severity }) => severity === "error");
  const archive = isWhole ? await archiveOf(layer.files) : undefined;
  return {
    name: layer.name,
    extensions: layer.files.filter(isStarted).map(startedName),
    architectures:
      target.architectures.length > 0 ? target.architectures : found.length > 0 ? found : ["x86_64", "arm64"],
    runtimes: request.runtimes ?? runtimesFor(layer),
    files: layer.files.map(({ path, bytes, mode }) => ({ path, bytes: bytes.length, mode: mode.toString(8) })),
    unzippedBytes: unzippedBytes(layer.files),
    findings: [...findings, ...(archive === undefined ? [] : checkZipped(archive.length))],
    archive,
    codeSha256: archive && createHash("sha256").update(archive).digest("base64"),
  };
}

async function contentOf({ entry, of, name, standalone, architectures }: PackRequest): Promise<FoundLayer> {
  const found = await stat(entry).catch(() => undefined);
  if (found === undefined) throw failure("extension-not-found", { path: entry });
  const isSource = !found.isDirectory() && ((await isExtensionSource(entry)) || canBeBundled(entry));
  if (!isSource && standalone !== undefined)
    throw failure("option-invalid", {
      option: "--standalone",
      value: entry,
      why: "it puts a source in TypeScript or JavaScript into Node.js, and this is none",
    });
  if (of === "function" && !found.isDirectory())
    throw failure("option-invalid", { option: "--function", value: entry, why: "a function's code is a directory" });
  if (found.isDirectory()) return { content: await layerInDirectory(entry, name), found: [] };
  if (!isSource) return { content: await layerOfProgram(entry, name ?? path.basename(entry)), found: [] };
  const given = name ?? extensionName(entry);
  if (standalone !== undefined)
    return standaloneLayer(entry, given, standalone === true ? undefined : standalone, architectures);
  const { code, sources, warnings } = await bundleExtension(entry, given);
  return {
    content: { name: given, files: bundledFiles(given, code), sources, needs: [] },
    found: bundlerWarnings(warnings),
  };
}

function runtimesFor(layer: LayerContent): readonly string[] {
  if (bringsNode(layer.files)) return offeredRuntimes.filter((runtime) => !onAmazonLinux2.has(runtime));
  const prefix = runtimePrefix(layer);
  if (prefix !== undefined) return offeredRuntimes.filter((runtime) => runtime.startsWith(prefix));
  // More than a layer may name: none named is all of them.
  return offeredRuntimes.length > mostRuntimes ? [] : offeredRuntimes;
}
