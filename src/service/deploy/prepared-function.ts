/** A function of a project, ready to be handed to the API: runtime and handler known, files read. */
import { createHash } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseEnv } from "node:util";
import { failure } from "../../errors.ts";
import { prepareFunction } from "../../host/prepare-function.ts";
import { type BuiltLayer, buildLayer } from "../../packing/built-layer.ts";
import { extensionName, isExtensionSource } from "../../packing/extension-source.ts";
import type { ExtensionFile } from "../functions/function-version.ts";
import { pathLayer } from "../project/project-file.ts";
import type { ExtensionSource, LayerSource, ProjectFunction } from "../project/project.ts";

/** A directory that is read as it is, or an archive. */
export type Package =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "archive"; readonly path: string; readonly bytes: Uint8Array; readonly sha256: string };

export interface PreparedFunction {
  readonly project: ProjectFunction;
  readonly code: Package;
  readonly runtime: string;
  readonly handler: string;
  /** With what the files of variables say. */
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** With the extensions that are layers, at the end. */
  readonly layers: readonly LayerSource[];
  readonly extensionFiles: readonly ExtensionFile[];
  /** Absolute paths of the files that extensions were bundled from. */
  readonly bundledFrom: readonly string[];
  /** What was inferred. */
  readonly notices: readonly string[];
}

/** `workDirectory` is for source code that a template has inside, and for extensions that are bundled. @throws LambdariumError for what is not there */
export async function prepareProjectFunction(
  project: ProjectFunction,
  workDirectory: string,
): Promise<PreparedFunction> {
  const [settled, environmentVariables, extensions] = await Promise.all([
    settleCode(project, workDirectory),
    variablesOf(project),
    Promise.all(project.extensions.map((extension) => prepareExtension(extension, workDirectory))),
  ]);
  return {
    ...settled,
    project,
    environmentVariables,
    layers: [...project.layers, ...extensions.flatMap((one) => ("layer" in one ? [one.layer] : []))],
    extensionFiles: extensions.flatMap((one) => ("file" in one ? [one.file] : [])),
    bundledFrom: extensions.flatMap((one) => ("layer" in one ? one.bundledFrom : [])),
  };
}

type Settled = Pick<PreparedFunction, "code" | "runtime" | "handler" | "notices">;

async function settleCode(project: ProjectFunction, workDirectory: string): Promise<Settled> {
  const { runtime, handler, code } = project;
  const place = code.kind === "path" ? code.path : await writeInline(project, code.text, workDirectory);
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) throw failure("function-not-found", { path: place });
  if (runtime !== undefined && handler !== undefined && (found.isDirectory() || isArchive(place)))
    return { code: await readPackage(place), runtime, handler, notices: [] };
  const settings = {
    function: place,
    functionName: project.name,
    ...(runtime && { runtime }),
    ...(handler && { handler }),
  };
  const { hosted, notices, dispose } = await prepareFunction(settings);
  await dispose();
  return {
    code: await readPackage(isArchive(place) ? place : hosted.codeDirectory),
    runtime: hosted.runtime.identifier,
    handler: hosted.handler,
    notices,
  };
}

const isArchive = (place: string): boolean => /\.(zip|jar)$/i.test(place);

/** @throws LambdariumError `input-unreadable` */
export async function readPackage(place: string): Promise<Package> {
  if (!isArchive(place)) return { kind: "directory", path: place };
  const bytes = await readFile(place);
  return { kind: "archive", path: place, bytes, sha256: createHash("sha256").update(bytes).digest("base64") };
}

/** CloudFormation puts it into a file named index, with the ending of the runtime's language. */
async function writeInline(project: ProjectFunction, text: string, workDirectory: string): Promise<string> {
  const directory = path.join(workDirectory, "inline", project.name);
  await mkdir(directory, { recursive: true });
  const isPython = project.runtime?.startsWith("python") === true;
  await writeFile(path.join(directory, isPython ? "index.py" : "index.js"), text);
  return directory;
}

async function variablesOf({
  environmentFiles,
  environmentVariables,
}: ProjectFunction): Promise<Record<string, string>> {
  const texts = await Promise.all(environmentFiles.map(readEnvironmentFile));
  return Object.assign({}, ...texts.map((text) => parseEnv(text)), environmentVariables) as Record<string, string>;
}

async function readEnvironmentFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw failure("input-unreadable", { option: "environmentFile", path: file, why }, error);
  }
}

type PreparedExtension =
  | { readonly file: ExtensionFile }
  | { readonly layer: LayerSource; readonly bundledFrom: readonly string[] };

async function prepareExtension(given: ExtensionSource, workDirectory: string): Promise<PreparedExtension> {
  const { name, path: place } = given;
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) throw failure("extension-not-found", { path: place });
  if (found.isDirectory() || isArchive(place)) return { layer: pathLayer(place), bundledFrom: [] };
  if (!(await isExtensionSource(place))) return { file: { name, file: place } };
  // The default, which is that of a file that is started as it is.
  const bundleName = name === path.basename(place) ? extensionName(place) : name;
  const { directory, files }: BuiltLayer = await buildLayer(place, bundleName, path.join(workDirectory, "extensions"));
  return { layer: { kind: "path", name: pathLayer(bundleName).name, path: directory }, bundledFrom: files };
}
