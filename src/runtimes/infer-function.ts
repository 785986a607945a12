/** What a path holds: the code directory, runtime and handler of a function, found without running its code. */
import { existsSync, statSync, type Stats } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { failure } from "../errors.ts";
import { defaultRuntime } from "./default-runtime.ts";
import { candidatesIn, handlerOfFile, languageOfFile, type Candidate } from "./handler-candidates.ts";
import { thisMachine, type Machine } from "./machine.ts";
import { describeRuntime, type Language } from "./runtime-catalogue.ts";

export interface InferredFunction {
  /** On the host; absolute. */
  readonly codeDirectory: string;
  readonly runtime: string;
  readonly handler: string;
  /** What was inferred and from what, as a sentence; empty when nothing was. */
  readonly reason: string;
}

/** What the user has said already; nothing of it is inferred. */
export interface Given {
  readonly runtime?: string | undefined;
  readonly handler?: string | undefined;
}

/**
 * @param path a directory (an unpacked archive is one) or a single source file.
 * @throws LambdariumError `function-not-found`, `function-not-recognised`, `function-ambiguous`, `runtime-unknown`
 */
export function inferFunction(path: string, given: Given = {}, machine: Machine = thisMachine): InferredFunction {
  const stats = statOf(path);
  const absolute = resolve(path);
  const wanted = given.runtime === undefined ? undefined : describeRuntime(given.runtime).language;
  if (stats.isDirectory()) return inDirectory(absolute, given, wanted, machine);
  return ofFile(absolute, stats, given, wanted, machine);
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw failure("function-not-found", { path }, error);
  }
}

function inDirectory(
  directory: string,
  given: Given,
  wanted: Language | undefined,
  machine: Machine,
): InferredFunction {
  if (given.handler !== undefined && given.runtime !== undefined) {
    return { codeDirectory: directory, runtime: given.runtime, handler: given.handler, reason: "" };
  }
  const all = candidatesIn(directory).filter(({ language }) => wanted === undefined || language === wanted);
  if (given.handler !== undefined) return byHandler(directory, given.handler, all, machine);
  if (wanted === "provided") return finished(directory, given, machine, bootstrapCandidate);
  const [first, ...others] = all;
  const second = others.find(({ rank }) => rank === first?.rank);
  if (first === undefined) {
    throw failure("function-not-recognised", { path: directory, why: "no file of it exports a handler" });
  }
  if (second !== undefined) {
    throw failure("function-ambiguous", { path: directory, choices: all.map(({ file }) => file) });
  }
  return finished(directory, given, machine, first);
}

/** Only the runtime is missing: the file that the handler names says its language. */
function byHandler(
  directory: string,
  handler: string,
  candidates: readonly Candidate[],
  machine: Machine,
): InferredFunction {
  const nodeFile = handler.slice(0, handler.indexOf(".", handler.lastIndexOf("/") + 1));
  const pythonFile = handler.slice(0, handler.lastIndexOf(".")).replaceAll(".", "/");
  const sources = [`${nodeFile}.js`, `${nodeFile}.mjs`, `${nodeFile}.cjs`, `${pythonFile}.py`];
  const source = sources.find((file) => existsSync(resolve(directory, file)));
  const program = candidates.find(({ language }) => language === "provided");
  const language = source === undefined ? program?.language : languageOfFile(source);
  if (language === undefined) {
    const why = `the handler ${handler} names no source file there`;
    throw failure("function-not-recognised", { path: directory, why });
  }
  const runtime = defaultRuntime(language, machine);
  const reason = `Runtime ${runtime}, because the handler is in ${source ?? "the program bootstrap"}.`;
  return { codeDirectory: directory, runtime, handler, reason };
}

function ofFile(
  file: string,
  stats: Stats,
  given: Given,
  wanted: Language | undefined,
  machine: Machine,
): InferredFunction {
  const directory = dirname(file);
  const name = basename(file);
  if (name === "bootstrap" && (stats.mode & 0o111) !== 0)
    return finished(directory, given, machine, bootstrapCandidate);
  const language = languageOfFile(name);
  if (language === undefined) {
    const what =
      extname(name) === "" ? "a file without extension that is no executable bootstrap" : `a ${extname(name)} file`;
    throw failure("function-not-recognised", { path: file, why: `it is ${what}` });
  }
  if (wanted !== undefined && wanted !== language) {
    throw failure("function-not-recognised", {
      path: file,
      why: `it is no source file of the runtime ${given.runtime}`,
    });
  }
  const handler = given.handler ?? handlerOfFile(directory, name);
  return finished(directory, given, machine, { language, handler, file: name, rank: 0, why: `${name} exports it` });
}

const bootstrapCandidate: Candidate = {
  language: "provided",
  // Nothing but the program itself looks at it.
  handler: "bootstrap",
  file: "bootstrap",
  rank: 0,
  why: "there is a program named bootstrap",
};

function finished(directory: string, given: Given, machine: Machine, candidate: Candidate): InferredFunction {
  const runtime = given.runtime ?? defaultRuntime(candidate.language, machine);
  const handler = given.handler ?? candidate.handler;
  const inferred = [
    ...(given.runtime === undefined ? [`runtime ${runtime}`] : []),
    ...(given.handler === undefined ? [`handler ${handler}`] : []),
  ].join(" and ");
  const sentence = inferred === "" ? "" : `${inferred}, because ${candidate.why}.`;
  const reason = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  return { codeDirectory: directory, runtime, handler, reason };
}
