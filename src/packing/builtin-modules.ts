/** How a bundle comes by the modules of Node.js. */
import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

/**
 * An `import` of such a module reads everything that it exports, and with that loads what is loaded by need only: the
 * streams of `node:fs`, the parsers of `node:util`. To ask for the module and read what is used of it saves an extension
 * two of the ten milliseconds until it asks for its first event. Node.js 20.16 and 22.3 have the way to ask.
 */
export const builtinModulesByNeed: Plugin = {
  name: "builtin-modules-by-need",
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, "");
      // Those that only exist with the prefix are new, and few.
      if (kind !== "import-statement" || !names.has(name)) return undefined;
      return { path: `node:${name}`, namespace: "builtin" };
    });
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

const names: ReadonlySet<string> = new Set(builtinModules);
