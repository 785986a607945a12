/** Starts a sandbox: makes its `/tmp`, its namespaces and mounts, and in them the init program. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { visibleCpus } from "./mounts.ts";
import type { Mount } from "./mounts.ts";
import { ociConfigText } from "./oci-config.ts";
import { setupPlan } from "./setup-plan.ts";

/** By what the namespaces and mounts are made. */
export type Maker =
  | { readonly kind: "oci"; readonly program: string; readonly name: "crun" | "runc" }
  | { readonly kind: "unshare"; readonly privileged: boolean };

export interface LaunchFacts {
  readonly maker: Maker;
  readonly directory: string;
  readonly root: string;
  readonly mounts: readonly Mount[];
  readonly name: string;
  readonly hostKey: string;
  readonly memorySizeMb: number;
  /** Image of a file system that is copied and mounted for `/tmp`; none where memory is taken. */
  readonly tmpImage: string | undefined;
  /** Files by which programs enter their control groups. */
  readonly entrances: readonly string[];
  /** A hierarchy that crun must not see. */
  readonly hybridAt: string | undefined;
}

/** Starts it; what is given has pipes as descriptors 0 to 2 and a channel of Node.js's as descriptor 3. */
export async function launch(facts: LaunchFacts): Promise<ChildProcess> {
  const { maker, directory } = facts;
  await mkdir(join(directory, "tmp"), { recursive: true });
  const command = maker.kind === "oci" ? await ociCommand(facts, maker) : await setupCommand(facts, maker);
  const entrances = facts.entrances.map((file) => openSync(file, "w"));
  try {
    return spawn("unshare", [...command.namespaces, "--", "/bin/sh", "-c", script, "sandbox", ...command.arguments], {
      cwd: "/",
      // A session of its own: Ctrl-C is for us to answer, in order.
      detached: true,
      stdio: ["pipe", "pipe", "pipe", "ipc", ...entrances],
      serialization: "json",
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    });
  } finally {
    entrances.forEach((descriptor) => closeSync(descriptor));
  }
}

interface Command {
  readonly namespaces: readonly string[];
  readonly arguments: readonly string[];
}

// Everything is mounted in a mount namespace that only this sandbox has: when its last process is gone, the kernel
// unmounts it all and frees the loop device. Nothing of it can be left behind.
const script = `set -e
directory=$1 image=$2 hidden=$3
shift 3
if [ -n "$hidden" ]; then umount "$hidden" || mount -t tmpfs none "$hidden"; fi
if [ -n "$image" ]; then
  cp --sparse=always --reflink=auto "$image" "$directory/tmp.img"
  mount -o loop,nosuid,nodev "$directory/tmp.img" "$directory/tmp"
fi
unset directory image hidden NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE
exec "$@"`;

async function ociCommand(facts: LaunchFacts, { program, name }: Extract<Maker, { kind: "oci" }>): Promise<Command> {
  const { directory, root, mounts, hostKey } = facts;
  const cgroupsPath = `/lambdarium/${hostKey}/${facts.name}.init`;
  const config = ociConfigText({ root, mounts, initArguments: initArguments(facts), cgroupsPath });
  await writeFile(join(directory, "config.json"), config);
  const own = name === "crun" ? ["--cgroup-manager=disabled"] : [];
  return {
    namespaces: ["--mount", "--propagation", "private"],
    arguments: [
      ...preparation(facts, name === "crun"),
      program,
      "--root",
      join(directory, "state"),
      ...own,
      "run",
      "--bundle",
      directory,
      "--preserve-fds",
      String(1 + facts.entrances.length),
      facts.name,
    ],
  };
}

async function setupCommand(facts: LaunchFacts, maker: Extract<Maker, { kind: "unshare" }>): Promise<Command> {
  const { directory, root, mounts } = facts;
  const plan = join(directory, "plan");
  await writeFile(plan, setupPlan({ root, mounts, privileged: maker.privileged }));
  const user = maker.privileged ? [] : ["--user", "--map-user=993", "--map-group=990", "--keep-caps"];
  return {
    namespaces: [...user, "--mount", "--propagation", "private", "--pid", "--net", "--ipc", "--uts", "--fork"],
    arguments: [...preparation(facts, false), join(root, "var/rapid/init"), "setup", plan, ...initArguments(facts)],
  };
}

function preparation({ directory, tmpImage, hybridAt }: LaunchFacts, hides: boolean): readonly string[] {
  return [directory, tmpImage ?? "", hides ? (hybridAt ?? "") : ""];
}

/** Which CPUs programs see: not always the first, or all sandboxes would crowd there. */
function initArguments({ memorySizeMb, entrances }: LaunchFacts): readonly string[] {
  const count = visibleCpus(memorySizeMb);
  const spare = cpus().length - count;
  const seen = spare <= 0 ? [0, 0] : [Math.floor(Math.random() * (spare + 1)), count];
  return [...seen, entrances.length, process.getuid?.() === 0 ? 0 : 1].map(String);
}
