/** The package as npm publishes it, for projects that are made in a room of their own, without a registry. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../..", import.meta.url));

export interface Room {
  readonly directory: string;
  /** What `npm install` would make in a project that has `lambdarium` among its packages. */
  readonly packages: string;
  readonly command: string;
  readonly remove: () => void;
}

export function run(command: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** The tarball's files, beside the packages that are here already. */
export function newRoom(): Room {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "lambdarium-published-")));
  const packed = run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", directory], project);
  run("tar", ["-xzf", packed.stdout.trim()], directory);
  const packages = join(directory, "packages/node_modules");
  mkdirSync(join(packages, ".bin"), { recursive: true });
  for (const name of readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith(".")))
    symlinkSync(join(project, "node_modules", name), join(packages, name));
  renameSync(join(directory, "package"), join(packages, "lambdarium"));
  const command = join(packages, "lambdarium/dist/cli/main.js");
  chmodSync(command, 0o755);
  symlinkSync(command, join(packages, ".bin/lambdarium"));
  symlinkSync(join(project, "node_modules/.bin/tsc"), join(packages, ".bin/tsc"));
  return { directory, packages, command, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
