// Copies what tsc leaves behind in src (Python programs, package.json of the Node.js runtime, declarations written by hand)
// to the same place in dist.
import { chmodSync, cpSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../src/", import.meta.url));
const to = fileURLToPath(new URL("../dist/", import.meta.url));
const skippedFolders = new Set(["__pycache__"]);
const assets = new Set([".py", ".json"]);

cpSync(from, to, {
  recursive: true,
  filter: (path) => {
    const name = path.replaceAll("\\", "/").split("/").at(-1) ?? "";
    return !skippedFolders.has(name) && (extname(name) === "" || assets.has(extname(name)) || name.endsWith(".d.ts"));
  },
});

// npm does this when it links the binary; a clone has it run as it is.
chmodSync(new URL("cli/main.js", new URL("../dist/", import.meta.url)), 0o755);
