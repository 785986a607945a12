/** What is mounted where inside one sandbox, in words that every way of making it understands. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import type { SandboxSpec } from "../sandbox.ts";
import type { Skeleton } from "./skeleton.ts";

export type Mount =
  | { readonly kind: "bind"; readonly source: string; readonly target: string; readonly writable?: true }
  | { readonly kind: "overlay"; readonly lower: readonly string[]; readonly target: string }
  | { readonly kind: "tmpfs"; readonly target: string; readonly sizeBytes: number };

export interface MountFacts {
  readonly skeleton: Skeleton;
  readonly spec: SandboxSpec;
  /** Directory of this sandbox on the host, with `opt`, `lang`, `meminfo`, `cpuinfo` and `tmp` in it. */
  readonly directory: string;
  /** `tmp` of that directory is an own file system; otherwise memory is taken for `/tmp`. */
  readonly tmpOnDisk: boolean;
  readonly mayOverlay: boolean;
}

/** In the order in which they must be made. */
export function mountsOf({ skeleton, spec, directory, tmpOnDisk, mayOverlay }: MountFacts): readonly Mount[] {
  const within = (name: string): string => join(directory, name);
  const behind = (source: string, target: string): Mount =>
    mayOverlay
      ? // The topmost directory gives owner and mode: root:root 0755, whatever the developer's own has (ENV-05).
        { kind: "overlay", lower: [skeleton.empty, source], target }
      : { kind: "bind", source, target };
  const bind = (source: string, target: string): Mount => ({ kind: "bind", source, target });
  return [
    ...skeleton.shared.map((path) => bind(path, path)),
    ...interpreterMounts(spec.interpreters),
    bind(within("lang"), "/var/lang"),
    ...interpreterFiles(spec.interpreters).map(({ name, file }) => bind(realpathSync(file), `/var/lang/bin/${name}`)),
    behind(realpathSync(spec.codeDirectory), "/var/task"),
    behind(within("opt"), "/opt"),
    ...(spec.runtimeDirectory === undefined ? [] : [behind(realpathSync(spec.runtimeDirectory), "/var/runtime")]),
    tmpOnDisk
      ? { kind: "bind", source: within("tmp"), target: "/tmp", writable: true }
      : { kind: "tmpfs", target: "/tmp", sizeBytes: tmpBytes(spec.ephemeralStorageMb) },
  ];
}

/** What `/tmp` shall offer: a little more than the size says, as it was seen on Lambda (ENV-13). */
export function tmpBytes(ephemeralStorageMb: number): number {
  return ephemeralStorageMb * 1_048_576 + 1_462_272;
}

/** Number of CPUs that a memory size shows (ENV-88), as far as the machine has them. */
export function visibleCpus(memorySizeMb: number, ofMachine = availableParallelism()): number {
  const steps = [3008, 5307, 7076, 8845];
  return Math.min(ofMachine, 2 + steps.filter((step) => memorySizeMb > step).length);
}

/** A `/proc/meminfo` that tells of the function's memory: language runtimes size their heaps by it. */
export function meminfoText(memorySizeMb: number): string {
  const total = memorySizeMb * 1024;
  const free = Math.round(total * 0.8);
  const rows = { MemTotal: total, MemFree: free, MemAvailable: free, Buffers: 0, Cached: 0, SwapCached: 0 };
  const more = { Active: 0, Inactive: 0, SwapTotal: 0, SwapFree: 0, Dirty: 0, Writeback: 0, AnonPages: 0, Mapped: 0 };
  return Object.entries({ ...rows, ...more })
    .map(([name, kilobytes]) => `${`${name}:`.padEnd(16)}${String(kilobytes).padStart(8)} kB\n`)
    .join("");
}

/** The first CPUs of the machine's `/proc/cpuinfo`, or `undefined` when all of them are to be seen. */
export function cpuinfoText(memorySizeMb: number): string | undefined {
  const count = visibleCpus(memorySizeMb);
  return count >= cpus().length
    ? undefined
    : `${readFileSync("/proc/cpuinfo", "utf8").split("\n\n").slice(0, count).join("\n\n")}\n\n`;
}

type Interpreters = SandboxSpec["interpreters"];

/** Interpreters of one file: they lie in `/var/lang/bin` as on Lambda. */
export function interpreterFiles(interpreters: Interpreters): Interpreters {
  return interpreters.filter(({ file }) => libraryOf(file) === undefined);
}

/** Interpreters that find their library by where they lie: `/var/lang/bin` has links to them. */
export function interpreterLinks(interpreters: Interpreters): Interpreters {
  return interpreters
    .filter(({ file }) => libraryOf(file) !== undefined)
    .map(({ name, file }) => ({ name, file: realpathSync(file) }));
}

function interpreterMounts(interpreters: Interpreters): readonly Mount[] {
  const paths = interpreterLinks(interpreters)
    .flatMap(({ file }) => [file, String(libraryOf(file))])
    .filter((path) => !path.startsWith("/usr/"));
  return [...new Set(paths)].map((path) => ({ kind: "bind", source: path, target: path }));
}

/** `lib` beside the `bin` of a Python, which version managers keep in the user's home; no more of it is mounted. */
function libraryOf(file: string): string | undefined {
  const real = realpathSync(file);
  const version = /\/python(\d+\.\d+)$/u.exec(real)?.[1];
  const library = join(real, "../../lib");
  return version !== undefined && existsSync(join(library, `python${version}`)) ? library : undefined;
}
