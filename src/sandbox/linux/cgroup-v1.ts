/** Control groups of version 1: one directory for each controller, wherever each is mounted. */
import { join } from "node:path";
import { cpuPeriodMicroseconds } from "./cgroup.ts";
import type { Cgroup, CgroupLimits, CgroupSupport, MemoryUse } from "./cgroup.ts";
import { makeGroup, movePid, readField, readNumber, readPids, removeGroup } from "./cgroup-files.ts";
import { tryWriteValue, writeValue } from "./cgroup-files.ts";
import { cgroupParentName, controllersOf } from "./cgroup-mounts.ts";
import type { CgroupMount } from "./cgroup-mounts.ts";

const wanted = ["cpu", "cpuacct", "memory", "freezer", "pids"] as const;
type Controller = (typeof wanted)[number];

/** What the mounted controllers allow. */
export function cgroupV1Support(mounts: readonly CgroupMount[]): CgroupSupport {
  const places = new Map<Controller, string>();
  for (const controller of wanted) {
    const mount = mounts.find((candidate) => controllersOf(candidate).includes(controller));
    if (mount !== undefined) {
      places.set(controller, join(mount.directory, cgroupParentName));
    }
  }
  return {
    version: 1,
    can: {
      cpu: places.has("cpu"),
      memory: places.has("memory"),
      pids: places.has("pids"),
      freezer: places.has("freezer"),
    },
    // All hierarchies: runc makes groups of its own in each.
    parents: mounts.map(({ directory }) => join(directory, cgroupParentName)),
    create: (hostKey, name, limits) => new CgroupV1(places, join(hostKey, name), limits),
  };
}

class CgroupV1 implements Cgroup {
  readonly limits: CgroupLimits;
  readonly #directories: ReadonlyMap<Controller, string>;
  /** A freezer that is never frozen, for programs that shall die. */
  readonly #deathbed: string | undefined;

  constructor(places: ReadonlyMap<Controller, string>, path: string, limits: CgroupLimits) {
    this.limits = limits;
    this.#directories = new Map([...places].map(([controller, place]) => [controller, join(place, path)]));
    this.#all().forEach((directory) => makeGroup(directory));
    const freezer = this.#directories.get("freezer");
    this.#deathbed = freezer === undefined ? undefined : `${freezer}.dying`;
    this.#write("memory", "memory.limit_in_bytes", limits.memoryBytes);
    // No swap (ENV-83): where the kernel keeps accounts of it, by its limit, and in any case by never swapping.
    this.#write("memory", "memory.memsw.limit_in_bytes", limits.memoryBytes);
    this.#write("memory", "memory.swappiness", 0);
    this.#write("pids", "pids.max", limits.processes);
    this.#write("cpu", "cpu.cfs_period_us", cpuPeriodMicroseconds);
    this.setCpu(limits.cpuMicrosecondsPerPeriod);
  }

  get entrances(): readonly string[] {
    // Not `cgroup.procs`: for a single thread that enters by itself the kernel need not stop the whole machine's forks.
    return this.#all().map((directory) => join(directory, "tasks"));
  }

  freeze(): void {
    this.#write("freezer", "freezer.state", "FROZEN");
  }

  thaw(): void {
    this.#write("freezer", "freezer.state", "THAWED");
  }

  setCpu(microsecondsPerPeriod: number | undefined): void {
    this.#write("cpu", "cpu.cfs_quota_us", microsecondsPerPeriod ?? -1);
  }

  letDie(pids: readonly number[]): void {
    // In this version a frozen process does not die before it is thawed, and it is thawed by leaving.
    if (this.#deathbed !== undefined && pids.length > 0) {
      makeGroup(this.#deathbed);
      pids.forEach((pid) => movePid(join(String(this.#deathbed), "cgroup.procs"), pid));
    }
  }

  outOfMemoryKills(): number {
    return readField(this.#file("memory", "memory.oom_control"), "oom_kill");
  }

  memory(): MemoryUse {
    const stat = this.#file("memory", "memory.stat");
    const shared = readField(stat, "total_shmem");
    return {
      ownBytes: readField(stat, "total_rss") + shared + readNumber(this.#file("memory", "memory.kmem.usage_in_bytes")),
      cacheBytes: readField(stat, "total_cache") - shared,
      peakBytes: readNumber(this.#file("memory", "memory.max_usage_in_bytes")),
    };
  }

  forgetPeak(): void {
    this.#write("memory", "memory.max_usage_in_bytes", 0);
  }

  cpuMicroseconds(): number {
    return readNumber(this.#file("cpuacct", "cpuacct.usage")) / 1000;
  }

  pids(): readonly number[] {
    return readPids(join(this.#all()[0] as string, "cgroup.procs"));
  }

  remove(): boolean {
    const all = [...this.#all(), ...(this.#deathbed === undefined ? [] : [this.#deathbed])];
    return all.map((directory) => removeGroup(directory)).every(Boolean);
  }

  #all(): readonly string[] {
    return [...new Set(this.#directories.values())];
  }

  #file(controller: Controller, name: string): string {
    return join(this.#directories.get(controller) ?? "/nonexistent", name);
  }

  #write(controller: Controller, name: string, value: string | number): void {
    if (name === "memory.limit_in_bytes" || name === "pids.max") {
      if (this.#directories.has(controller)) {
        writeValue(this.#file(controller, name), value);
      }
      return;
    }
    tryWriteValue(this.#file(controller, name), value);
  }
}
