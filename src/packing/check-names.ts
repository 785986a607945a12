/** Are the names such that Lambda takes them, and the same wherever they are said. */
import { type Finding, finding } from "./findings.ts";
import { isStarted, type LayerContent, type SourceText, startedName } from "./layer-file.ts";

/** EXT-98 */
const switchOffFile = "disable-extensions-jwigqn8j";

/** LIFE-01: an environment has ten extensions at most, internal ones included (AWS's page on quotas of extensions). */
const mostExtensions = 10;

export function checkNames({ files, sources, name }: LayerContent): Finding[] {
  const started = files.filter(isStarted);
  return [
    ...(started.length === 0 ? [finding("no-extension")] : []),
    ...(started.length > mostExtensions ? [finding("too-many-extensions", { count: started.length })] : []),
    ...started.map(startedName).flatMap(checkName),
    // With several extensions nobody knows whose source it is.
    ...(started.length === 1 ? sources.flatMap((source) => checkRegistration(source, name)) : []),
    ...files.flatMap(({ path }) => {
      if (path === switchOffFile || path.startsWith(`${switchOffFile}/`))
        return [finding("name-reserved", { file: path, why: "Lambda starts no extension where this file is" })];
      return path === "bootstrap" ? [finding("bootstrap-in-layer")] : [];
    }),
  ];
}

/** What a header, a file system and the name of a layer all take. */
export function checkName(name: string): Finding[] {
  if (/^[A-Za-z0-9][\w.-]{0,127}$/.test(name)) return [];
  const why = name.length > 128 ? "it is too long" : name === "" ? "it is empty" : "it has other characters";
  return [finding("name-invalid", { file: JSON.stringify(name), why })];
}

/** The name that a source says in words. */
function checkRegistration({ path, text }: SourceText, file: string): Finding[] {
  const inHeader = /["'`]lambda-extension-name["'`]\s*[:,]\s*["'`]([^"'`$]+)["'`]/i.exec(text)?.[1];
  const [definition = ""] = /defineExtension\(\{[\s\S]{0,400}/.exec(text) ?? [];
  const inDefinition = definition.includes('"internal"')
    ? undefined
    : /defineExtension\(\{\s*name:\s*["'`]([^"'`$]+)["'`]/.exec(definition)?.[1];
  const registered = inHeader ?? inDefinition;
  return registered === undefined || registered === file
    ? []
    : [finding("name-differs", { source: path, registered, file })];
}
