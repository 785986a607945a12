/** Which files of a code directory may hold the handler, the most likely first. */
import { readdirSync, readFileSync, statSync, type Dirent } from "node:fs";
import { basename, extname, join, normalize } from "node:path";
import { failure } from "../errors.ts";
import { handlersInNodeSource, handlersInPythonSource } from "./exported-handlers.ts";
import type { Language } from "./runtime-catalogue.ts";

export interface Candidate {
  readonly language: Language;
  readonly handler: string;
  /** Below the code directory. */
  readonly file: string;
  /** Two of the same rank are a question to the user; the lower rank wins. */
  readonly rank: number;
  /** The second half of a sentence. */
  readonly why: string;
}

/** AWS's own names: consoles and examples put handlers there. */
const awsNames = new Set(["index.mjs", "index.js", "index.cjs", "lambda_function.py"]);
/** Names people use. */
const usualStems = new Set(["app", "handler", "main", "lambda", "function", "index", "lambda_function"]);

/** In rising rank: `bootstrap`, package.json's `main`, AWS's names, usual names, any other file on top. */
export function candidatesIn(directory: string): readonly Candidate[] {
  const files = readdirSync(directory, { withFileTypes: true }).filter(isFileOrLink);
  const candidates: Candidate[] = [];
  if (files.some(({ name }) => name === "bootstrap") && isExecutable(join(directory, "bootstrap"))) {
    const why = "there is a program named bootstrap";
    candidates.push({ language: "provided", handler: "bootstrap", file: "bootstrap", rank: 0, why });
  }
  const main = mainOf(directory);
  if (main !== undefined) candidates.push(...candidate(directory, main, 1, "package.json names it as main and"));
  for (const { name } of files.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (name === main) continue;
    const stem = basename(name, extname(name));
    const rank = awsNames.has(name) ? 2 : usualStems.has(stem) ? 3 : 4;
    candidates.push(...candidate(directory, name, rank, ""));
  }
  return preferredOfStem(candidates).sort((a, b) => a.rank - b.rank);
}

/** @throws LambdariumError `function-not-recognised` */
export function handlerOfFile(directory: string, name: string): string {
  const path = join(directory, name);
  const stem = basename(name, extname(name));
  if (stem.includes(".")) {
    const why = "a handler's file name must have no dot but the one before its extension";
    throw failure("function-not-recognised", { path, why });
  }
  const [exported] = exportedHandlers(path);
  if (exported === undefined) {
    throw failure("function-not-recognised", { path, why: "it exports neither handler nor lambda_handler" });
  }
  return `${stem}.${exported}`;
}

export function languageOfFile(name: string): "nodejs" | "python" | undefined {
  const extension = extname(name);
  if (extension === ".py") return "python";
  return [".js", ".mjs", ".cjs"].includes(extension) ? "nodejs" : undefined;
}

function candidate(directory: string, file: string, rank: number, because: string): readonly Candidate[] {
  const language = languageOfFile(file);
  const stem = file.slice(0, file.length - extname(file).length);
  // Such as index.test.js: a handler cannot name it.
  if (language === undefined || basename(stem).includes(".")) return [];
  const [exported] = exportedHandlers(join(directory, file));
  if (exported === undefined) return [];
  const why = `${because === "" ? file : `${because} ${file}`} exports it`;
  return [{ language, handler: `${stem}.${exported}`, file, rank, why }];
}

/** Node.js looks for `.js` before `.mjs` before `.cjs` (ENV-104): the others of a stem could not be reached. */
function preferredOfStem(candidates: readonly Candidate[]): Candidate[] {
  const order = [".js", ".mjs", ".cjs"];
  const place = ({ file }: Candidate): number => order.indexOf(extname(file));
  return candidates.filter(
    (one) =>
      !candidates.some(
        (other) => other.language === "nodejs" && other.handler === one.handler && place(other) < place(one),
      ),
  );
}

function exportedHandlers(path: string): readonly string[] {
  try {
    const text = readFileSync(path, "utf8");
    return extname(path) === ".py" ? handlersInPythonSource(text) : handlersInNodeSource(text);
  } catch {
    return [];
  }
}

function mainOf(directory: string): string | undefined {
  try {
    const { main } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { main?: unknown };
    if (typeof main !== "string") return undefined;
    const file = normalize(main).replaceAll("\\", "/");
    if (file.startsWith("..")) return undefined;
    return extname(file) === "" ? `${file}.js` : file;
  } catch {
    return undefined;
  }
}

const isFileOrLink = (entry: Dirent): boolean => entry.isFile() || entry.isSymbolicLink();

function isExecutable(path: string): boolean {
  try {
    const stats = statSync(path);
    return stats.isFile() && (stats.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}
