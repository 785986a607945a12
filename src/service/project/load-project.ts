/** Finds the file that describes a project, and reads it with whatever it names. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../../errors.ts";
import { readAssets, readManifest } from "./cloud-assembly.ts";
import { locate, memberOf, TextFault } from "./located.ts";
import { ProjectFault } from "./project-fault.ts";
import { readProjectFile } from "./project-file.ts";
import type { Finding, Project, ProjectFunction } from "./project.ts";
import { readTemplate } from "./template.ts";
import type { Surroundings } from "./template-value.ts";

export interface ProjectRequest {
  /** A directory or a file. */
  readonly path: string;
  readonly region: string;
  readonly accountId: string;
  /** Values of template parameters, of `Ref` to resources and of imports, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** @throws LambdariumError `project-not-found`, `project-invalid` */
export async function loadProject(request: ProjectRequest): Promise<Project> {
  const given = path.resolve(request.path);
  const found = await stat(given).catch(() => undefined);
  if (found === undefined)
    throw failure("project-not-found", { path: given, why: "there is no such file or directory" });
  try {
    return await (found.isDirectory() ? fromDirectory(given, request) : fromFile(given, request));
  } catch (error) {
    if (error instanceof ProjectFault) throw error.toFailure();
    throw error;
  }
}

const templates = ["template.yaml", "template.yml", "template.json"];

async function fromDirectory(directory: string, request: ProjectRequest): Promise<Project> {
  const within = (name: string): string => path.join(directory, name);
  if (await exists(within("lambdarium.json"))) return fromFile(within("lambdarium.json"), request);
  for (const name of templates) if (await exists(within(name))) return fromTemplate(within(name), request);
  for (const name of ["manifest.json", "cdk.out/manifest.json"])
    if (await exists(within(name))) return fromAssembly(within(name), request);
  return singleFunction(directory);
}

async function fromFile(file: string, request: ProjectRequest): Promise<Project> {
  const name = path.basename(file);
  if (name === "manifest.json") return fromAssembly(file, request);
  if (!/\.(json|ya?ml|template)$/i.test(name)) return singleFunction(file);
  if (name === "lambdarium.json") return readProjectFile(await readFile(file, "utf8"), file);
  const text = await readFile(file, "utf8");
  if (!/\.json$/i.test(name) || hasResources(text)) return fromTemplate(file, request);
  return readProjectFile(text, file);
}

function hasResources(text: string): boolean {
  try {
    return memberOf(locate(text), "Resources") !== undefined;
  } catch {
    return false;
  }
}

/** What `sam build` made of the template is taken while it is newer. */
async function fromTemplate(file: string, request: ProjectRequest): Promise<Project> {
  const built = path.join(path.dirname(file), ".aws-sam", "build", "template.yaml");
  const [source, result] = await Promise.all([stat(file), stat(built).catch(() => undefined)]);
  const newest = result !== undefined && result.mtimeMs >= source.mtimeMs ? built : file;
  const around = surroundings(request, path.basename(path.dirname(file)));
  const read = readTemplate({ text: await readFile(newest, "utf8"), file: newest, around });
  const project = { ...read, chosen: file };
  if (result === undefined || newest === built)
    return { ...project, alsoRead: [file, built].filter((also) => also !== newest) };
  const stale: Finding = {
    place: { line: 1, column: 1 },
    what: ".aws-sam/build is older than this template and is left out: run `sam build`",
  };
  return { ...project, findings: [stale, ...project.findings], alsoRead: [built] };
}

const surroundings = ({ region, accountId, parameters }: ProjectRequest, stackName: string): Surroundings => ({
  region,
  accountId,
  stackName: stackName.replaceAll(/[^A-Za-z0-9-]/g, "-"),
  overrides: parameters,
});

async function fromAssembly(file: string, request: ProjectRequest): Promise<Project> {
  const parts = await stacksOf(file, request);
  const functions = new Map<string, ProjectFunction>();
  const findings: Finding[] = [];
  for (const part of parts) {
    findings.push(...part.findings.map((finding) => ({ ...finding, place: { ...finding.place, file: part.file } })));
    for (const found of part.functions) {
      const one = { ...found, place: { ...found.place, file: part.file } };
      if (functions.has(one.name))
        findings.push({ place: one.place, what: `${one.name} is in two stacks; that of ${part.file} is left out` });
      else functions.set(one.name, one);
    }
  }
  return { file, chosen: file, functions: [...functions.values()], findings, alsoRead: parts.map((part) => part.file) };
}

async function stacksOf(file: string, request: ProjectRequest): Promise<Project[]> {
  const directory = path.dirname(file);
  const assembly = await readJson(file, readManifest);
  const projects: Project[] = [];
  for (const { name, templateFile, assetFiles } of assembly.stacks) {
    const assets = new Map<string, string>();
    for (const assetFile of assetFiles)
      for (const [key, place] of await readJson(path.join(directory, assetFile), readAssets)) assets.set(key, place);
    const template = path.join(directory, templateFile);
    const text = await readFile(template, "utf8");
    projects.push(readTemplate({ text, file: template, around: surroundings(request, name), assets }));
  }
  for (const nested of assembly.nested)
    projects.push(...(await stacksOf(path.join(directory, nested, "manifest.json"), request)));
  return projects;
}

async function readJson<T>(file: string, read: (text: string) => T): Promise<T> {
  try {
    return read(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof TextFault)
      throw new ProjectFault(file, [{ place: error.place, what: `this is no JSON: ${error.message}` }]);
    throw error;
  }
}

/** The code of one function, without a file that describes it: what `lambdarium invoke` takes too. */
function singleFunction(place: string): Project {
  const name = path
    .basename(place)
    .replace(/\.(zip|jar|[cm]?js|[cm]?ts|py)$/i, "")
    .replaceAll(/[^\w-]/g, "-")
    .slice(0, 64);
  const alone = {
    name: name || "function",
    place: { line: 1, column: 1 },
    code: { kind: "path", path: place },
    environmentVariables: {},
    environmentFiles: [],
    layers: [],
    extensions: [],
    aliases: [],
    tags: {},
  } as const;
  return { file: place, chosen: place, functions: [alone], findings: [], alsoRead: [] };
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
