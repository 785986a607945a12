/** A control group that was given to an ordinary user, as `systemd-run --user --scope -p Delegate=yes` does (version 2). */
import { accessSync, constants } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readProcess } from "../process/process-table.ts";
import { makeGroup, movePid, readPids } from "./cgroup-files.ts";

/** Where the processes go that were in the group, for the kernel gives controllers only below a group without any. */
const hostGroupName = "lambdarium-host";

/** Directory of the group this process is in, by the text of `/proc/self/cgroup` and where the hierarchy is mounted. */
export function ownGroup(mount: string, text: string): string | undefined {
  const path = /^0::(\/.*)$/mu.exec(text)?.[1];
  // A path that begins so lies outside of what is mounted.
  if (path === undefined || path.startsWith("/..")) {
    return undefined;
  }
  const directory = join(mount, path);
  return basename(directory) === hostGroupName ? dirname(directory) : directory;
}

/** Makes the group ready to have others below it; `false` where it is not ours to arrange. */
export function arrangeGroup(
  directory: string,
  isSessionLeader: (pid: number) => boolean = (pid) => readProcess(pid)?.session === pid,
): boolean {
  const members = join(directory, "cgroup.procs");
  try {
    [directory, members, join(directory, "cgroup.subtree_control")].forEach((path) => accessSync(path, constants.W_OK));
    // A group with a shell or a service in it was made for that, and not for us.
    if (readPids(members).some((pid) => isSessionLeader(pid))) {
      return false;
    }
    const hosts = join(directory, hostGroupName);
    makeGroup(hosts);
    for (let round = 0; readPids(members).length > 0 && round < roundsAtMost; round += 1) {
      readPids(members).forEach((pid) => movePid(join(hosts, "cgroup.procs"), pid));
    }
    return true;
  } catch {
    return false;
  }
}

/** Others may begin processes in the meantime. */
const roundsAtMost = 10;
