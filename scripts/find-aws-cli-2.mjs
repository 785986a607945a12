// The second version of the AWS CLI, which no registry of a language has: the one that is on this machine, as GitHub's
// have it, or the packages of Debian, unpacked into the client's directory and not installed.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const run = (command, args, cwd) => spawnSync(command, args, { cwd, encoding: "utf8" });
const isVersion2 = (file) => run(file, ["--version"]).stdout?.startsWith("aws-cli/2.") ?? false;

/** Makes `aws` in `target`; gives what stood in the way, if anything did. */
export function findAwsCli2(target) {
  const own = (process.env.PATH ?? "")
    .split(delimiter)
    .map((directory) => join(directory, "aws"))
    .find(isVersion2);
  if (own !== undefined) return writeLauncher(target, `exec '${own}' "$@"`);
  // Simulating needs no rights, and names what is not here yet.
  const plan = run("apt-get", ["install", "--simulate", "--no-install-recommends", "awscli"]);
  const packages = [...(plan.stdout ?? "").matchAll(/^Inst (\S+) /gm)].map(([, name]) => name);
  if (!packages.includes("awscli")) return "neither this machine nor its package manager has version 2 of the AWS CLI";
  const root = join(target, "root");
  mkdirSync(root, { recursive: true });
  const { status, stderr } = run("apt-get", ["download", ...packages], target);
  if (status !== 0) return `its packages cannot be downloaded: ${stderr?.trim()}`;
  for (const file of readdirSync(target).filter((name) => name.endsWith(".deb")))
    run("dpkg", ["-x", file, "root"], target);
  const launcher = `PYTHONPATH='${root}/usr/lib/python3/dist-packages' exec /usr/bin/python3 '${root}/usr/bin/aws' "$@"`;
  return (
    writeLauncher(target, launcher) ?? (isVersion2(join(target, "aws")) ? undefined : "what was unpacked does not run")
  );
}

function writeLauncher(target, command) {
  const file = join(target, "aws");
  writeFileSync(file, `#!/bin/sh\n${command}\n`);
  chmodSync(file, 0o755);
  return undefined;
}
