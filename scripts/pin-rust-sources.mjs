// Cargo.lock names, at each package, the registry it comes from. Ours leaves that out, so that the repository names no
// registry and a mirror works; here it is filled in with whatever registry this machine's cargo uses.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Gives the problem, if there is one. */
export function pinRustSources(directory) {
  const file = join(directory, "Cargo.lock");
  const pinned = readFileSync(file, "utf8");
  rmSync(file);
  const options = { cwd: directory, encoding: "utf8" };
  const { status, stderr, error } = spawnSync("cargo", ["generate-lockfile", "--quiet"], options);
  if (status !== 0) return `cargo generate-lockfile failed: ${error?.message ?? stderr}`;
  const source = /^source = .*$/mu.exec(readFileSync(file, "utf8"))?.[0];
  if (source === undefined) return "cargo generate-lockfile named no registry";
  // Only packages of a registry have a checksum; it is what makes the pin hold.
  writeFileSync(file, pinned.replaceAll(/^checksum = /gmu, `${source}\nchecksum = `));
  return undefined;
}
