/** Finds and loads the function that `_HANDLER` names (ENV-102 to ENV-107). */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { HandlerNotFound, ImportModuleError, MalformedHandlerName, UserCodeSyntaxError } from "./error-report.ts";

export type Handler = (...parameters: unknown[]) => unknown;

const require = createRequire(import.meta.url);

export async function loadHandler(taskRoot: string, name: string): Promise<Handler> {
  const { directory, file, exportPath } = parseHandler(name);
  const module = await loadModule(taskRoot, directory, file);
  const handler = follow(module, exportPath) ?? follow(defaultExport(module), exportPath);
  if (!handler) throw new HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== "function") throw new HandlerNotFound(`${name} is not a function`);
  return handler as Handler;
}

interface HandlerName {
  readonly directory: string;
  readonly file: string;
  readonly exportPath: readonly string[];
}

function parseHandler(name: string): HandlerName {
  if (name.includes("..")) {
    throw new MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = basename(name);
  const dot = last.indexOf(".");
  if (dot < 0) throw new MalformedHandlerName("Bad handler");
  return {
    directory: name.slice(0, name.lastIndexOf(last)),
    file: last.slice(0, dot),
    exportPath: last.slice(dot + 1).split("."),
  };
}

async function loadModule(taskRoot: string, directory: string, file: string): Promise<unknown> {
  const path = resolve(taskRoot, directory, file);
  try {
    if (existsSync(path)) return require(path);
    if (existsSync(`${path}.js`)) return await loadByPackageType(`${path}.js`);
    if (existsSync(`${path}.mjs`)) return await importFile(`${path}.mjs`);
    if (existsSync(`${path}.cjs`)) return require(`${path}.cjs`);
    return require(require.resolve(file, { paths: [taskRoot, join(taskRoot, directory)] }));
  } catch (error) {
    throw asRuntimeError(error);
  }
}

const importFile = (path: string): Promise<unknown> => import(pathToFileURL(path).href);

/** `import` would serve both kinds, but a CommonJS handler may be replaced on `module.exports` after loading. */
async function loadByPackageType(path: string): Promise<unknown> {
  return isModulePackage(dirname(path)) ? await importFile(path) : require(path);
}

function isModulePackage(folder: string): boolean {
  if (basename(folder) === "node_modules") return false;
  const file = join(folder, "package.json");
  if (existsSync(file)) {
    try {
      return (JSON.parse(readFileSync(file, "utf8")) as { type?: unknown } | null)?.type === "module";
    } catch (error) {
      console.warn(`${file} cannot be read, so its files count as CommonJS.`, error);
      return false;
    }
  }
  const parent = dirname(folder);
  return parent !== folder && isModulePackage(parent);
}

function asRuntimeError(error: unknown): unknown {
  if (error instanceof SyntaxError) {
    const wrapped = new UserCodeSyntaxError(String(error));
    // The original stack names the customer's file and line.
    if (error.stack !== undefined) wrapped.stack = error.stack;
    return wrapped;
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "MODULE_NOT_FOUND" ? new ImportModuleError(String(error)) : error;
}

function follow(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, key) => (found === undefined || found === null ? undefined : (found as Record<string, unknown>)[key]),
    value,
  );
}

/** `import` of a CommonJS file shows only those exports under their names that Node could read off the text. */
function defaultExport(module: unknown): unknown {
  return typeof module === "object" && module !== null ? (module as { default?: unknown }).default : undefined;
}
