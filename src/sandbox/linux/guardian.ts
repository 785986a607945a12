/** Clears away what host processes leave that were killed: a shell that outlives this one, and a sweep of older ones. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { HostPlace } from "./host-place.ts";

/** Starts the shell that clears after this process; it keeps nobody alive, and ends when its work is done. */
export function guard({ directory, key }: HostPlace, cgroupParents: readonly string[]): ChildProcess {
  return startShell(directory, key, cgroupParents, true);
}

/** Clears after a host process that is gone. */
export function clearAfter(base: string, key: string, cgroupParents: readonly string[]): void {
  startShell(join(base, key), key, cgroupParents, false);
}

function startShell(directory: string, key: string, parents: readonly string[], waits: boolean): ChildProcess {
  const groups = parents.map((parent) => join(parent, key));
  const child = spawn(
    "/bin/sh",
    ["-c", script, "lambdarium-sandbox-guardian", waits ? "wait" : "now", directory, ...groups],
    {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin" },
    },
  );
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

// The init programs end by themselves when the host is gone, and the mounts with them. But who is frozen, or has used
// up its CPU time, cannot die before it is let, and directories and groups remain. Names are checked once more, since
// what follows removes trees.
const script = String.raw`
set -u
trap '' HUP INT TERM
[ "$1" = wait ] && while read -r _; do :; done
directory=$2
shift 2
case $directory in /*/lambdarium-sandboxes-*/*-*-*) ;; *) exit 1 ;; esac
each() {
  for group in "$@"; do
    case $group in /*/lambdarium/*-*-*) [ -d "$group" ] && find "$group" -mindepth 1 -depth -type d ;; esac
  done
}
round=0
while [ "$round" -lt 50 ]; do
  round=$((round + 1))
  each "$@" | while read -r group; do
    while read -r pid; do kill -9 "$pid"; done 2>/dev/null <"$group/cgroup.procs"
    [ -e "$group/cpu.cfs_quota_us" ] && echo -1 >"$group/cpu.cfs_quota_us"
    [ -e "$group/freezer.state" ] && echo THAWED >"$group/freezer.state"
    [ -e "$group/cgroup.kill" ] && echo 1 >"$group/cgroup.kill"
    rmdir "$group"
  done 2>/dev/null
  [ -z "$(each "$@")" ] && break
  sleep 0.1
done
# The last two also where others work at the same time: what is not empty stays.
for group in "$@"; do rmdir "$group" "$(dirname "$group")"; done 2>/dev/null
rm -rf -- "$directory"
`;
