/**
 * A shell that outlives this process: when we are gone, however that came about, it ends the process groups and removes
 * the directories we had registered. Without it a host that was killed would leave stopped processes behind for ever.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

const groups = new Set<number>();
const directories = new Map<string, number>();
let shell: ChildProcess | undefined;
let nextKey = 1;

/** Registers a process group: it does not outlive us. */
export function guardGroup(group: number): void {
  groups.add(group);
  tell(`group ${group}`);
}

/** Takes back a group, at the moment its last process is gone. */
export function releaseGroup(group: number): void {
  if (groups.delete(group)) {
    tell(`ended ${group}`);
  }
}

/**
 * Registers a directory: it does not outlive us, nor do processes that were given a search path into it. Its path must
 * be unique for ever.
 */
export function guardDirectory(path: string): void {
  const key = nextKey++;
  directories.set(path, key);
  tell(`directory ${key} ${path}`);
}

/** Takes back a directory that is removed. */
export function releaseDirectory(path: string): void {
  const key = directories.get(path);
  if (key !== undefined) {
    directories.delete(path);
    tell(`removed ${key}`);
  }
}

/** Process id of the guardian, when it runs. */
export function guardianPid(): number | undefined {
  return shell?.pid;
}

// Windows has neither groups to end nor this shell: there nothing is cleared after a host that was killed.
const isPossible = process.platform !== "win32";

function tell(line: string): void {
  if (shell !== undefined) {
    shell.stdin?.write(`${line}\n`);
  } else if (isPossible && groups.size + directories.size > 0) {
    shell = startShell();
    const known = [
      ...[...groups].map((group) => `group ${group}`),
      ...[...directories].map(([path, key]) => `directory ${key} ${path}`),
    ];
    shell.stdin?.write(`${known.join("\n")}\n`);
  }
}

function startShell(): ChildProcess {
  // Detached: in a session of its own the terminal's Ctrl-C does not reach it.
  const child = spawn("/bin/sh", ["-c", script, "lambdarium-guardian"], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin" },
  });
  const forget = (): void => {
    if (shell === child) {
      shell = undefined;
    }
  };
  child.once("error", forget);
  child.once("exit", forget);
  child.stdin.on("error", forget);
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}

// Portable sh. Everything is looked at twice, because a process may start another one while we are at it. Programs that
// left their group are known by an output that is a pipe of the environment's directory, or by PATH or LD_LIBRARY_PATH
// leading into it; other variables do not count, for a shell of the user's may have been there (PWD, OLDPWD). An empty
// name would match every process of the machine: hence `set -u`, and only names of the expected form are taken at all.
const script = String.raw`
set -u
trap '' HUP INT TERM
groups=
keys=
without() {
  for item in $1; do [ "$item" = "$2" ] || echo "$item"; done
}
while read -r what key path; do
  case $what in
    group) case $key in '' | *[!0-9]* | 0 | 1) ;; *) groups="$groups $key" ;; esac ;;
    ended) groups=$(without "$groups" "$key") ;;
    directory) case $path in /*/lambdarium-?*) keys="$keys $key"; eval "directory_$key=\$path" ;; esac ;;
    removed) keys=$(without "$keys" "$key") ;;
  esac
done
for round in 1 2; do
  for group in $groups; do kill -9 -- "-$group" 2>/dev/null; done
  for key in $keys; do
    eval "directory=\$directory_$key"
    for pid in $(ls -l /proc/[0-9]*/fd/1 /proc/[0-9]*/fd/2 2>/dev/null |
      grep -F -e "-> $directory/" | sed 's|.* /proc/\([0-9]*\)/fd/.*|\1|'); do
      kill -9 "$pid" 2>/dev/null
    done
    for found in $(grep -lsF -e "$directory/" /proc/[0-9]*/environ 2>/dev/null); do
      if tr '\0' '\n' <"$found" 2>/dev/null | grep -E '^(PATH|LD_LIBRARY_PATH)=' | grep -qF -e "$directory/"; then
        kill -9 "$(echo "$found" | cut -d/ -f3)" 2>/dev/null
      fi
    done
  done
done
for key in $keys; do
  eval "directory=\$directory_$key"
  rm -rf -- "$directory"
done
`;
