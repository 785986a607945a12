/** The sandbox in the words of our init program (init/setup.h), for machines without an OCI runtime. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "./mounts.ts";
import { maskedPaths, overlayOption, readonlyPaths } from "./oci-config.ts";
import { deviceFiles } from "./skeleton.ts";
import { attainableLimits, sandboxUser } from "./user.ts";

export interface PlanFacts {
  readonly root: string;
  readonly mounts: readonly Mount[];
  /** Whether we are root on this machine; otherwise only in a user namespace. */
  readonly privileged: boolean;
}

/** The content of the plan's file. */
export function setupPlan({ root, mounts, privileged }: PlanFacts): string {
  const steps = [
    ["b", root, root, String(safe | recursive)],
    ["m", "proc", join(root, "proc"), "proc", String(safe | noExecution), ""],
    ...hideProc(root),
    ...deviceFiles.map((name) => ["b", `/dev/${name}`, join(root, "dev", name), String(noSetuid | noExecution)]),
    ...mounts.map((mount) => step(mount, root)),
    ["m", "", root, "", String(remount | bind | readOnly | safe), ""],
    ["p", root],
    ["h", "169"],
    ["l"],
    ...attainableLimits().map(({ number, soft, hard }) => [
      "r",
      String(number),
      String(soft ?? "-"),
      String(hard ?? "-"),
    ]),
    ["c"],
    ...(privileged ? [["u", String(sandboxUser.uid), String(sandboxUser.gid)]] : []),
    ["d"],
  ];
  return steps.map((fields) => fields.map((field) => `${field}\0`).join("")).join("");
}

// Numbers of mount(2).
const readOnly = 1;
const noSetuid = 2;
const noDevices = 4;
const noExecution = 8;
const remount = 32;
const bind = 4096;
const recursive = 16_384;
const safe = noSetuid | noDevices;

function step(mount: Mount, root: string): readonly string[] {
  const target = join(root, mount.target);
  switch (mount.kind) {
    case "bind":
      return ["b", mount.source, target, String(safe | recursive | (mount.writable === true ? 0 : readOnly))];
    case "overlay":
      return ["m", "overlay", target, "overlay", String(safe | readOnly), overlayOption(mount.lower)];
    case "tmpfs":
      return ["m", "tmpfs", target, "tmpfs", String(safe), `size=${mount.sizeBytes},mode=1777`];
    default:
      return mount satisfies never;
  }
}

function hideProc(root: string): readonly (readonly string[])[] {
  const masked = maskedPaths
    .filter((path) => existsSync(path))
    .map((path) =>
      statSync(path).isDirectory()
        ? ["m", "tmpfs", join(root, path), "tmpfs", String(safe | readOnly), "size=0"]
        : ["b", "/dev/null", join(root, path), String(safe | readOnly)],
    );
  const fixed = readonlyPaths
    .filter((path) => existsSync(path))
    .map((path) => ["b", join(root, path), join(root, path), String(safe | noExecution | readOnly)]);
  return [...masked, ...fixed];
}
