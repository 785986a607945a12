/** Control groups of version 2: one directory for all controllers. */
import { join } from "node:path";
import { cpuPeriodMicroseconds } from "./cgroup.ts";
import type { Cgroup, CgroupLimits, CgroupSupport, MemoryUse } from "./cgroup.ts";
import { makeGroup, readField, readNumber, readPids, readText, removeGroup } from "./cgroup-files.ts";
import { tryWriteValue, writeValue } from "./cgroup-files.ts";
import { cgroupParentName } from "./cgroup-mounts.ts";

const wanted = ["cpu", "memory", "pids"] as const;

/** What the hierarchy mounted at `root` allows below it; switches the controllers on for it. */
export function cgroupV2Support(root: string): CgroupSupport {
  const parent = join(root, cgroupParentName);
  const there = readText(join(root, "cgroup.controllers")).split(" ");
  const enabled = new Set(wanted.filter((controller) => there.includes(controller)));
  const enable = (directory: string): void => {
    makeGroup(directory);
    const file = join(directory, "cgroup.subtree_control");
    const given = readText(file).split(" ");
    // One by one: the kernel takes all of a line or nothing.
    [...enabled].filter((one) => !given.includes(one)).forEach((one) => tryWriteValue(file, `+${one}`));
  };
  enable(root);
  const given = readText(join(root, "cgroup.subtree_control")).split(" ");
  [...enabled].filter((one) => !given.includes(one)).forEach((one) => enabled.delete(one));
  return {
    version: 2,
    can: {
      cpu: enabled.has("cpu"),
      memory: enabled.has("memory"),
      pids: enabled.has("pids"),
      // Not a controller: every group but the root has it.
      freezer: true,
    },
    parents: [parent],
    create: (hostKey, name, limits) => {
      const directory = join(parent, hostKey, name);
      // Another host process may take an empty group away before there is something in it, and one made anew has no
      // controllers. With ours in it, it stays.
      for (let attempt = 0; attempt < 100; attempt += 1) {
        enable(parent);
        enable(join(parent, hostKey));
        makeGroup(directory);
        const got = readText(join(directory, "cgroup.controllers")).split(" ");
        if ([...enabled].every((controller) => got.includes(controller))) {
          break;
        }
        removeGroup(directory);
      }
      return new CgroupV2(directory, limits, enabled);
    },
  };
}

class CgroupV2 implements Cgroup {
  readonly limits: CgroupLimits;
  readonly #directory: string;

  /** @throws Error when the kernel does not take a limit that its controllers are there for. */
  constructor(directory: string, limits: CgroupLimits, controllers: ReadonlySet<string>) {
    this.limits = limits;
    this.#directory = directory;
    if (controllers.has("memory")) {
      writeValue(this.#file("memory.max"), limits.memoryBytes);
    }
    // No swap (ENV-83), where the kernel keeps accounts of it.
    tryWriteValue(this.#file("memory.swap.max"), 0);
    // One process is killed, not all: an extension lives on for its SHUTDOWN.
    tryWriteValue(this.#file("memory.oom.group"), 0);
    if (controllers.has("pids")) {
      writeValue(this.#file("pids.max"), limits.processes);
    }
    if (controllers.has("cpu")) {
      writeValue(this.#file("cpu.max"), cpuMax(limits.cpuMicrosecondsPerPeriod));
    }
  }

  get entrances(): readonly string[] {
    return [this.#file("cgroup.procs")];
  }

  freeze(): void {
    writeValue(this.#file("cgroup.freeze"), 1);
  }

  thaw(): void {
    tryWriteValue(this.#file("cgroup.freeze"), 0);
  }

  setCpu(microsecondsPerPeriod: number | undefined): void {
    tryWriteValue(this.#file("cpu.max"), cpuMax(microsecondsPerPeriod));
  }

  letDie(): void {
    // In this version a frozen process dies of SIGKILL as any other does.
  }

  outOfMemoryKills(): number {
    return readField(this.#file("memory.events"), "oom_kill");
  }

  memory(): MemoryUse {
    const stat = this.#file("memory.stat");
    const kernel = readField(stat, "kernel") || readField(stat, "kernel_stack") + readField(stat, "slab");
    const shared = readField(stat, "shmem");
    return {
      ownBytes: readField(stat, "anon") + shared + kernel,
      cacheBytes: readField(stat, "file") - shared,
      peakBytes: readNumber(this.#file("memory.peak")),
    };
  }

  forgetPeak(): void {
    // Not possible for all who read it.
  }

  cpuMicroseconds(): number {
    return readField(this.#file("cpu.stat"), "usage_usec");
  }

  pids(): readonly number[] {
    return readPids(this.#file("cgroup.procs"));
  }

  remove(): boolean {
    return removeGroup(this.#directory);
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }
}

const cpuMax = (microseconds: number | undefined): string => `${microseconds ?? "max"} ${cpuPeriodMicroseconds}`;
