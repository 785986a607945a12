/** Module resolution hooks: where the usual search finds no package, `NODE_PATH` is searched. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

interface Context {
  readonly parentURL?: string | undefined;
}

interface Resolution {
  readonly url: string;
  readonly shortCircuit?: boolean;
}

let directories: readonly string[] = [];

export function useDirectories(all: readonly string[]): void {
  directories = all;
}

/**
 * Called by Node.js 20 in the thread of the hooks.
 *
 * @public
 */
export function initialize(all: readonly string[]): void {
  directories = all;
}

/**
 * For Node.js 20 (`module.register`), which finds it by its name.
 *
 * @public
 */
export async function resolve(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Promise<Resolution>,
): Promise<Resolution> {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isMissingPackage(specifier, error)) throw error;
    for (const directory of directories) {
      try {
        return isPackageFolder(directory)
          ? await next(specifier, besides(directory, context))
          : inFolder(directory, specifier);
      } catch {
        // Not there; the first error says best what is missing.
      }
    }
    throw error;
  }
}

/** For Node.js 22.15 and later (`module.registerHooks`). */
export function resolveByNodePathSync(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Resolution,
): Resolution {
  try {
    return next(specifier, context);
  } catch (error) {
    if (!isMissingPackage(specifier, error)) throw error;
    for (const directory of directories) {
      try {
        return isPackageFolder(directory)
          ? next(specifier, besides(directory, context))
          : inFolder(directory, specifier);
      } catch {
        // Not there; the first error says best what is missing.
      }
    }
    throw error;
  }
}

/** `require` reports another code and honours `NODE_PATH` itself. */
function isMissingPackage(specifier: string, error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND" && /^[^./#][^:]*$/.test(specifier);
}

const isPackageFolder = (directory: string): boolean => directory.endsWith("node_modules");

/** As if a file beside `node_modules` had asked: that way the package's `exports` count as they do for imports. */
const besides = (directory: string, context: Context): Context => ({
  ...context,
  parentURL: pathToFileURL(join(dirname(directory), "importer.js")).href,
});

function inFolder(directory: string, specifier: string): Resolution {
  const file = createRequire(join(directory, "importer.js")).resolve(`./${specifier}`);
  return { url: pathToFileURL(file).href, shortCircuit: true };
}
