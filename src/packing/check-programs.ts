/** Can Lambda start what is in `extensions/`: mode, line ends, interpreter, processor. */
import { type Finding, finding } from "./findings.ts";
import { isStarted, type LayerContent, type LayerFile } from "./layer-file.ts";
import { fuse } from "./node-program.ts";
import { type Architecture, interpreterName, programIn } from "./program.ts";
import { onAmazonLinux2, whereFound } from "./runtime-languages.ts";

export interface Target {
  /** Those that were asked for; empty for what the programs are made for. */
  readonly architectures: readonly Architecture[];
  /** Those that were asked for; empty for all that have what is needed. */
  readonly runtimes: readonly string[];
}

/** The same files with what can be mended mended: mode and line ends of what is started. */
export function mended(files: readonly LayerFile[]): { readonly files: LayerFile[]; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const mendedFiles = files.map((file) => {
    const program = programIn(file.bytes);
    if (!isStarted(file) || program.kind === "data") return file;
    let { bytes, mode } = file;
    if ((mode & 0o111) !== 0o111) {
      findings.push(finding("mode-mended", { file: file.path }));
      mode = 0o755;
    }
    if (program.kind === "script" && program.crlf) {
      findings.push(finding("line-ends-mended", { file: file.path }));
      bytes = Buffer.from(bytes.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
    }
    return { ...file, bytes, mode };
  });
  return { files: mendedFiles, findings };
}

export function checkPrograms({ files, needs }: LayerContent, target: Target): Finding[] {
  const places = new Set(files.map(({ path }) => `/opt/${path}`));
  return [
    ...files.flatMap((file) => checkProcessor(file, target)),
    ...files
      .filter(isStarted)
      .flatMap((file) => [
        ...(programIn(file.bytes).kind === "data" ? [finding("not-a-program", { file: file.path })] : []),
        ...interpretersOf(file).flatMap((interpreter) => checkInterpreter(file.path, interpreter, places, target)),
        ...needs.flatMap((interpreter) => checkInterpreter(file.path, interpreter, places, target)),
      ]),
    ...(bringsNode(files) ? target.runtimes.filter((runtime) => onAmazonLinux2.has(runtime)) : []).map((runtime) =>
      finding("system-too-old", { runtime }),
    ),
  ];
}

/** As `--standalone` does, and who puts a program of Node.js beside an extension. */
export const bringsNode = (files: readonly LayerFile[]): boolean =>
  files.some(({ bytes }) => programIn(bytes).kind === "elf" && bytes.includes(fuse));

/** The runtimes that have all that is needed, as far as one language is; nothing where every runtime has. */
export function runtimePrefix({ files, needs }: LayerContent): string | undefined {
  const interpreters = [...needs, ...files.filter(isStarted).flatMap(interpretersOf)];
  return interpreters.map(whereFound).find((where) => where !== undefined && where !== "everywhere");
}

/** Those that the programs are made for. */
export const architecturesOf = (files: readonly LayerFile[]): Architecture[] => [
  ...new Set(
    files.flatMap(({ bytes }) => {
      const program = programIn(bytes);
      return program.kind === "elf" && program.architecture !== "other" ? [program.architecture] : [];
    }),
  ),
];

/** Of the first line, and of what a shell script hands over to. */
function interpretersOf({ bytes }: LayerFile): string[] {
  const program = programIn(bytes);
  if (program.kind !== "script") return [];
  const own = interpreterName(program);
  if (!/(^|\/)(ba)?sh$/.test(own)) return [own];
  const handedTo = [...bytes.toString("utf8").matchAll(/^\s*exec\s+(?:\/usr\/bin\/env\s+)?["']?([\w./-]+)/gmu)];
  return [own, ...handedTo.map(([, name = ""]) => name).filter((name) => name.startsWith("/opt/") || whereFound(name))];
}

function checkInterpreter(
  file: string,
  interpreter: string,
  places: ReadonlySet<string>,
  { runtimes }: Target,
): Finding[] {
  if (interpreter.startsWith("/opt/"))
    return places.has(interpreter) ? [] : [finding("interpreter-not-in-layer", { file, interpreter })];
  const where = whereFound(interpreter);
  if (where === "everywhere") return [];
  if (where === undefined) return [finding("interpreter-unknown", { file, interpreter })];
  const standalone = where === "nodejs" ? ", or put Node.js into it with --standalone" : "";
  return runtimes
    .filter((runtime) => !runtime.startsWith(where))
    .map((runtime) => finding("interpreter-missing", { file, interpreter, runtime, standalone }));
}

function checkProcessor(file: LayerFile, { architectures }: Target): Finding[] {
  const program = programIn(file.bytes);
  if (program.kind === "foreign")
    return isStarted(file) ? [finding("architecture-missing", { file: file.path, found: program.system })] : [];
  if (program.kind !== "elf") return [];
  if (program.architecture === "other")
    return [finding("architecture-missing", { file: file.path, found: "a processor that Lambda does not have" })];
  const wrong = architectures.filter((wanted) => wanted !== program.architecture);
  return [
    ...wrong.map((wanted) => finding("architecture-wrong", { file: file.path, found: program.architecture, wanted })),
    ...(program.loader?.includes("musl")
      ? [finding("loader-missing", { file: file.path, loader: program.loader })]
      : []),
  ];
}
