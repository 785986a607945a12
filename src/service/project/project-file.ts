/** `lambdarium.json`: from text to the functions it names, or to everything that is wrong with it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Located, locate, type LocatedMap, memberOf, plainValue, TextFault } from "./located.ts";
import { ProjectFault } from "./project-fault.ts";
import type {
  ExtensionSource,
  Finding,
  LayerSource,
  Project,
  ProjectFunction,
  ProjectSettings,
  UrlChoice,
} from "./project.ts";
import { nearest, type Schema, schemaFaults } from "./schema-check.ts";

/** @throws ProjectFault */
export function readProjectFile(text: string, file: string): Project {
  const document = locateJson(text, file);
  const faults = [...schemaFaults(document, projectSchema()), ...unknownLayers(document)];
  if (faults.length > 0) throw new ProjectFault(file, faults);
  const functions = members(memberOf(document, "functions")).map(([name, node, place]) =>
    functionOf({ name, node, place, directory: path.dirname(file), layers: layersOf(document, path.dirname(file)) }),
  );
  const forward = memberOf(document, "forward");
  return {
    file,
    chosen: file,
    functions,
    findings: [],
    alsoRead: [],
    ...settingsOf(document, path.dirname(file)),
    ...(forward === undefined ? {} : { forward: plainValue(forward) as readonly string[] }),
  };
}

function settingsOf(document: Located, directory: string): Pick<Project, "settings"> {
  const node = memberOf(document, "settings");
  if (node === undefined) return {};
  const settings = plainValue(node) as ProjectSettings;
  const layerSources = Object.entries(settings.layerSources ?? {}).map(([arn, place]) => [
    arn,
    path.resolve(directory, place),
  ]);
  return {
    settings: { ...settings, ...(layerSources.length > 0 && { layerSources: Object.fromEntries(layerSources) }) },
  };
}

let schema: Schema | undefined;

/** The schema that the package publishes. */
function projectSchema(): Schema {
  schema ??= JSON.parse(readFileSync(new URL("./lambdarium.schema.json", import.meta.url), "utf8")) as Schema;
  return schema;
}

/** YAML's parser knows where everything is, and takes more than JSON: JSON's own has the last word. */
function locateJson(text: string, file: string): Located {
  try {
    const document = locate(text);
    JSON.parse(text);
    return document;
  } catch (error) {
    if (error instanceof TextFault)
      throw new ProjectFault(file, [{ place: error.place, what: `this is no JSON: ${error.message}` }]);
    throw new ProjectFault(file, [syntaxFault(text, error as SyntaxError)]);
  }
}

/** Some versions of Node.js say how many characters come before the fault, some say the line too. */
function syntaxFault(text: string, { message }: SyntaxError): Finding {
  const before = text.slice(0, Number(/at position (\d+)/.exec(message)?.[1] ?? 0)).split("\n");
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return { place, what: `this is no JSON: ${message.replace(/ (in JSON )?at position.*$/s, "")}` };
}

const members = (node: Located | undefined) =>
  node?.kind === "map" ? [...node.members].map(([name, member]) => [name, member.node, member.key] as const) : [];

function layersOf(document: Located, directory: string): ReadonlyMap<string, LayerSource> {
  const layers = members(memberOf(document, "layers")).map(([name, node]) => {
    const source: LayerSource = { kind: "path", name, path: path.resolve(directory, String(plainValue(node))) };
    return [name, source] as const;
  });
  return new Map(layers);
}

/** A word alone is the name of a layer; a path has a slash or is an archive. */
const isLayerName = (layer: string): boolean => !/^arn:|[/\\]|\.zip$/i.test(layer) && layer !== "." && layer !== "..";

function unknownLayers(document: Located): Finding[] {
  const names = members(memberOf(document, "layers")).map(([name]) => name);
  const used = members(memberOf(document, "functions")).flatMap(([, node]) => {
    const layers = memberOf(node, "layers");
    return layers?.kind === "list" ? layers.items : [];
  });
  return used.flatMap((node) => {
    const name = node.kind === "scalar" ? node.text : "";
    if (node.kind !== "scalar" || !isLayerName(name) || names.includes(name)) return [];
    const meant = nearest(name, names);
    const hint =
      meant === undefined
        ? "a path has a slash: " + JSON.stringify(`./${name}`)
        : `did you mean ${JSON.stringify(meant)}?`;
    return [{ place: node.place, what: `there is no layer ${JSON.stringify(name)} in "layers"; ${hint}` }];
  });
}

interface FunctionText {
  readonly name: string;
  readonly node: Located;
  readonly place: LocatedMap["place"];
  readonly directory: string;
  readonly layers: ReadonlyMap<string, LayerSource>;
}

/** What the schema has let through; only names of layers may still be wrong, which deployment says. */
interface FunctionMembers {
  readonly code: string;
  readonly environment?: Record<string, string>;
  readonly environmentFile?: string | string[];
  readonly layers?: string[];
  readonly extensions?: (string | { name?: string; path: string })[];
  readonly url?: boolean | { authType?: string; invokeMode?: string; cors?: unknown };
  readonly aliases?: Record<string, { provisionedConcurrency?: number }>;
  readonly tags?: Record<string, string>;
}

function functionOf({ name, node, place, directory, layers }: FunctionText): ProjectFunction {
  const { code, environment, environmentFile, url, aliases, tags, ...given } = plainValue(node) as FunctionMembers;
  const resolve = (relative: string): string => path.resolve(directory, relative);
  const address = urlOf(url);
  return {
    // Named in the file as in the model: runtime, handler, sizes, logging and so on.
    ...given,
    name,
    place,
    code: { kind: "path", path: resolve(code) },
    environmentVariables: environment ?? {},
    environmentFiles: [environmentFile ?? []].flat().map(resolve),
    layers: (given.layers ?? []).map((layer) => layers.get(layer) ?? layerOf(layer, resolve)),
    extensions: (given.extensions ?? []).map((extension) => extensionOf(extension, resolve)),
    aliases: Object.entries(aliases ?? {}).map(([alias, choice]) => ({ name: alias, ...choice })),
    tags: tags ?? {},
    ...(address === undefined ? {} : { url: address }),
  };
}

function layerOf(layer: string, resolve: (relative: string) => string): LayerSource {
  if (layer.startsWith("arn:")) return { kind: "arn", arn: layer };
  return pathLayer(resolve(layer));
}

/** A layer that is given by its place has the name of its directory or archive. */
export function pathLayer(place: string): LayerSource & { kind: "path" } {
  const name = path
    .basename(place)
    .replace(/\.zip$/i, "")
    .replaceAll(/[^\w-]/g, "-")
    .slice(0, 140);
  return { kind: "path", name: name || "layer", path: place };
}

export function extensionOf(
  extension: string | { readonly name?: string; readonly path: string },
  resolve: (relative: string) => string,
): ExtensionSource {
  const given = typeof extension === "string" ? { path: extension } : extension;
  const place = resolve(given.path);
  return { name: given.name ?? path.basename(place), path: place };
}

function urlOf(url: FunctionMembers["url"]): UrlChoice | undefined {
  if (url === undefined || url === false) return undefined;
  return { authType: "NONE", ...(url === true ? {} : url) };
}
