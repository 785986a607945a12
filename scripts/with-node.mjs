// Runs a command with another version of Node.js, taken from the registry as a package, at the front of PATH.
//
//   node scripts/with-node.mjs MAJOR COMMAND [ARGUMENT…]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const [major, command, ...args] = process.argv.slice(2);
const name = `node-${process.platform}-${process.arch}`;
const directory = fileURLToPath(new URL(`../.clients/node-${major}/`, import.meta.url));
const binaries = join(directory, "node_modules", name, "bin");

if (!existsSync(join(binaries, "node"))) {
  mkdirSync(directory, { recursive: true });
  const install = ["install", "--prefix", directory, "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", [...install, `${name}@${major}`], { stdio: "inherit" });
  if (status !== 0) {
    console.error(`Node.js ${major} could not be installed as the package ${name}.`);
    process.exit(1);
  }
}
const PATH = [binaries, process.env.PATH ?? ""].join(delimiter);
const { status, signal } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, PATH } });
if (signal !== null) console.error(`${command} was ended by ${signal}`);
process.exitCode = status ?? 1;
