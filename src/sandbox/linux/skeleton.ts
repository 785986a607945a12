/** The root directory that all sandboxes of this host process share: empty places to mount on, and a small `/etc`. */
import { existsSync, lstatSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { initProgram } from "./init-program.ts";
import { makeDirectory, writeReadable } from "./mount-points.ts";
import { sandboxUser } from "./user.ts";

export interface Skeleton {
  readonly root: string;
  /** An empty directory with the owner and mode that `/var/task` and `/opt` have (ENV-05). */
  readonly empty: string;
  /** Another one, to stand for a function's code. */
  readonly nothing: string;
  /** Parts of the machine that are mounted as they are. */
  readonly shared: readonly string[];
}

/** @throws Error when there is no init program for this CPU, or the directory cannot be written. */
export async function makeSkeleton(directory: string): Promise<Skeleton> {
  const program = initProgram();
  if (program === undefined) {
    throw new Error(`there is no init program for the CPU ${process.arch}`);
  }
  const root = join(directory, "root");
  const empty = join(directory, "empty");
  const nothing = join(directory, "nothing");
  await Promise.all([...places, "../empty", "../nothing"].map(async (place) => makeDirectory(join(root, place))));
  const shared = [...systemDirectories(), ...systemFiles].filter((path) => existsSync(path));
  const files: Readonly<Record<string, string | Buffer>> = {
    ...etcFiles,
    ...Object.fromEntries(deviceFiles.map((name) => [`dev/${name}`, ""])),
  };
  await Promise.all([
    ...Object.entries(files).map(async ([path, content]) => writeReadable(join(root, path), content)),
    ...Object.entries(links()).map(async ([path, target]) => symlink(target, join(root, path))),
    ...shared.map(async (path) => makePlaceFor(path, root)),
  ]);
  await writeReadable(join(root, "var/rapid/init"), program, 0o755);
  return { root, empty, nothing, shared };
}

/** Devices that programs get (ENV-08). There is no `/dev/shm` (ENV-07). */
export const deviceFiles = ["null", "zero", "full", "random", "urandom", "tty"] as const;

const places = ["dev", "etc", "proc", "tmp", "usr", "opt", "var/task", "var/runtime", "var/lang/bin", "var/rapid"];

const systemFiles = ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/localtime", "/etc/mime.types"];

function systemDirectories(): readonly string[] {
  const merged = ["/bin", "/sbin", "/lib", "/lib64"].filter((path) => !isLink(path));
  return [
    "/usr",
    ...merged,
    ...["alternatives", "ca-certificates", "ld.so.conf.d", "pki", "ssl"].map((name) => `/etc/${name}`),
  ];
}

function links(): Readonly<Record<string, string>> {
  const merged = ["bin", "sbin", "lib", "lib64"].filter((name) => isLink(`/${name}`));
  return {
    ...Object.fromEntries(merged.map((name) => [name, `usr/${name}`])),
    "dev/fd": "/proc/self/fd",
    "dev/stdin": "/proc/self/fd/0",
    "dev/stdout": "/proc/self/fd/1",
    "dev/stderr": "/proc/self/fd/2",
    "etc/mtab": "/proc/mounts",
    "etc/os-release": "../usr/lib/os-release",
  };
}

async function makePlaceFor(path: string, root: string): Promise<void> {
  const place = join(root, path);
  if (lstatSync(path).isDirectory()) {
    await makeDirectory(place);
  } else {
    await makeDirectory(join(place, ".."));
    await writeReadable(place, "");
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? true;
}

/** Before the machine's own name, for telemetry listeners bind to what `sandbox` resolves to (ENV-94). */
export const hostsText = "127.0.0.1 localhost sandbox.localdomain sandbox sandbox.local\n";

const { name, uid, gid } = sandboxUser;

const etcFiles = {
  "etc/passwd": `root:x:0:0:root:/root:/sbin/nologin\n${name}:x:${uid}:${gid}::/home/${name}:/sbin/nologin\n`,
  "etc/group": `root:x:0:\n${name}:x:${gid}:\n`,
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
  "etc/hosts": hostsText,
  "etc/hostname": "169\n",
  "etc/resolv.conf": "",
};
