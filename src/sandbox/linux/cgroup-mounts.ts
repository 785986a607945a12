/** Where this machine has its control groups mounted. */
import { join } from "node:path";
import { readText } from "./cgroup-files.ts";

export interface CgroupMount {
  readonly directory: string;
  readonly version: 1 | 2;
  readonly options: readonly string[];
}

/** Name of our group below the root of each hierarchy. */
export const cgroupParentName = "lambdarium";

/** Reads a table of mounts in the form of `/proc/self/mountinfo`. */
export function parseCgroupMounts(mountinfo: string): readonly CgroupMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [left = "", right = ""] = line.split(" - ");
    const directory = left.split(" ")[4];
    const [type, , options = ""] = right.split(" ");
    if (directory === undefined || (type !== "cgroup" && type !== "cgroup2")) {
      return [];
    }
    return [{ directory, version: type === "cgroup2" ? 2 : 1, options: options.split(",") } as const];
  });
}

/** Names of the controllers of a hierarchy. */
export function controllersOf({ directory, version, options }: CgroupMount): readonly string[] {
  return version === 1 ? options : readText(join(directory, "cgroup.controllers")).split(" ");
}
