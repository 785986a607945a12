/** From a runtime identifier to everything a sandbox needs to run it on this machine. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { failure } from "../errors.ts";
import { knownNodes, knownPythons, unknownNodes, unknownPythons, type Interpreter } from "./installed-interpreters.ts";
import { thisMachine, type Machine } from "./machine.ts";
import { describeRuntime, nearest, type Language } from "./runtime-catalogue.ts";

export interface FoundRuntime {
  readonly identifier: string;
  readonly language: Language;
  /** Of the identifier: `22`, `3.12`, `al2023`. */
  readonly version: string;
  /** Of the interpreter that is used: `22.3.0`, `3.12`; absent for `provided.*`. */
  readonly interpreterVersion: string | undefined;
  /** What to show under `/var/lang/bin`. */
  readonly interpreters: readonly { readonly name: string; readonly file: string }[];
  /** Directory with our runtime client, to be shown as `/var/runtime`; absent for `provided.*`. */
  readonly runtimeDirectory: string | undefined;
  /** `AWS_EXECUTION_ENV` (ENV-43); absent for `provided.*`. */
  readonly executionEnvironment: string | undefined;
  /** `nodejs:22.v1` (EVT-20). */
  readonly runtimeVersion: string;
  /** What the user should know about this choice. */
  readonly notice: string | undefined;
}

const found = new Map<string, Promise<FoundRuntime>>();

/**
 * Finds the interpreter of the identifier's version, or the nearest one of its language with a notice. What was found
 * on this machine is remembered for the life of the process.
 *
 * @throws LambdariumError `runtime-unknown`, `interpreter-missing`
 */
export function findRuntime(identifier: string, machine: Machine = thisMachine): Promise<FoundRuntime> {
  const known = machine === thisMachine ? found.get(identifier) : undefined;
  if (known !== undefined) return known;
  const search = searchRuntime(identifier, machine);
  if (machine === thisMachine) {
    found.set(identifier, search);
    // The user may install what was missing and try again.
    search.catch(() => found.delete(identifier));
  }
  return search;
}

/** EVT-20: an ARN with a 64-digit id that stays the same as long as runtime and interpreter do. */
export function runtimeVersionArn(runtime: FoundRuntime, region: string): string {
  const id = createHash("sha256")
    .update(`${runtime.runtimeVersion} ${runtime.interpreterVersion ?? ""}`)
    .digest("hex");
  return `arn:aws:lambda:${region}::runtime:${id}`;
}

async function searchRuntime(identifier: string, machine: Machine): Promise<FoundRuntime> {
  const { language, version } = describeRuntime(identifier);
  const runtimeVersion = `${language}:${version}.v1`;
  if (language === "provided") {
    const nothing = { interpreterVersion: undefined, runtimeDirectory: undefined, executionEnvironment: undefined };
    return { identifier, language, version, interpreters: [], runtimeVersion, notice: undefined, ...nothing };
  }
  const interpreter = await (language === "nodejs" ? findNode(version, machine) : findPython(version, machine));
  if (interpreter === undefined) throw failure("interpreter-missing", { identifier, ...howToGet(language, version) });
  const { file } = interpreter;
  const names = language === "nodejs" ? ["node"] : [`python${version}`, "python3", "python"];
  return {
    identifier,
    language,
    version,
    interpreterVersion: interpreter.version,
    interpreters: names.map((name) => ({ name, file })),
    runtimeDirectory: fileURLToPath(new URL(`./${language}`, import.meta.url)),
    executionEnvironment: `AWS_Lambda_${identifier}`,
    runtimeVersion,
    notice: isExact(version, interpreter) ? undefined : standInNotice(identifier, language, version, interpreter),
  };
}

async function findNode(major: string, machine: Machine): Promise<Interpreter | undefined> {
  // The usual case costs nothing: the version that is wanted runs us.
  const own = { file: machine.execPath, version: machine.nodeVersion };
  if (isExact(major, own)) return own;
  return choose(major, knownNodes(machine), unknownNodes(machine), machine);
}

function findPython(version: string, machine: Machine): Promise<Interpreter | undefined> {
  return choose(version, knownPythons(machine), unknownPythons(machine), machine);
}

/** Runs the interpreters of unknown version only when none of a known version is the one. */
async function choose(
  version: string,
  known: readonly Interpreter[],
  unknown: readonly string[],
  machine: Machine,
): Promise<Interpreter | undefined> {
  const exact = known.find((interpreter) => isExact(version, interpreter));
  if (exact !== undefined) return exact;
  const all = [...known];
  for (const file of unknown) {
    const answered = await machine.askVersion(file);
    if (answered === undefined) continue;
    const interpreter = { file, version: answered };
    if (isExact(version, interpreter)) return interpreter;
    all.push(interpreter);
  }
  return nearest(version, all);
}

const isExact = (version: string, interpreter: Interpreter): boolean =>
  `${interpreter.version}.`.startsWith(`${version}.`);

const languageNames = { nodejs: "Node.js", python: "Python" };

function howToGet(language: "nodejs" | "python", version: string): { what: string; how: string } {
  const what = `${languageNames[language]} ${version}`;
  const how =
    language === "nodejs"
      ? `Install ${what}, for example with \`nvm install ${version}\`.`
      : `Install ${what}, for example with \`pyenv install ${version}\` or \`uv python install ${version}\`.`;
  return { what, how };
}

function standInNotice(
  identifier: string,
  language: "nodejs" | "python",
  version: string,
  interpreter: Interpreter,
): string {
  const { what, how } = howToGet(language, version);
  const standIn = `${languageNames[language]} ${interpreter.version} (${interpreter.file})`;
  return `${identifier} runs on ${standIn}, because ${what} was not found on this machine. ${how}`;
}
