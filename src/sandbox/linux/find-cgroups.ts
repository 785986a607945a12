/** Which control groups of this machine can be used. */
import { readFileSync } from "node:fs";
import type { CgroupSupport } from "./cgroup.ts";
import { controllersOf, parseCgroupMounts } from "./cgroup-mounts.ts";
import { cgroupV1Support } from "./cgroup-v1.ts";
import { cgroupV2Support } from "./cgroup-v2.ts";
import { arrangeGroup, ownGroup } from "./delegated-group.ts";

export interface CgroupLayout {
  readonly support: CgroupSupport | undefined;
  /** Directory of a version 2 hierarchy with controllers beside version 1, which crun refuses to work with. */
  readonly hybridAt: string | undefined;
}

/** Looks at the machine's hierarchies; with none in which this user may make groups, there is no support. */
export function findCgroups(): CgroupLayout {
  const mounts = parseCgroupMounts(readFileSync("/proc/self/mountinfo", "latin1"));
  const second = mounts.find(({ version }) => version === 2);
  const first = mounts.filter(({ version }) => version === 1);
  const hybrid = first.length > 0 && second !== undefined && controllersOf(second).some((name) => name !== "");
  const hybridAt = hybrid ? second.directory : undefined;
  if (process.getuid?.() !== 0) {
    return { support: first.length === 0 && second !== undefined ? delegated(second.directory) : undefined, hybridAt };
  }
  const hasFirst = first.some((mount) => controllersOf(mount).includes("memory"));
  if (hasFirst) {
    return { support: cgroupV1Support(mounts), hybridAt };
  }
  return { support: second === undefined ? undefined : cgroupV2Support(second.directory), hybridAt };
}

function delegated(mount: string): CgroupSupport | undefined {
  const directory = ownGroup(mount, readFileSync("/proc/self/cgroup", "latin1"));
  return directory !== undefined && arrangeGroup(directory) ? cgroupV2Support(directory) : undefined;
}
