import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cpuShareMicroseconds } from "./cgroup.ts";
import type { Cgroup } from "./cgroup.ts";
import { cgroupV2Support } from "./cgroup-v2.ts";
import { arrangeGroup, ownGroup } from "./delegated-group.ts";

// A directory that looks like a hierarchy of version 2, for machines that have none: names and values of its files. What
// the kernel makes of them is proved by all other specs of this directory where they run on such a machine.
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cgroup-v2-spec-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

describe("a hierarchy of version 2", () => {
  const group = "lambdarium/host-1/sandbox";

  const create = (memorySizeMb = 256): Cgroup => {
    put("cgroup.controllers", "cpuset cpu io memory pids");
    put("cgroup.subtree_control", "cpu memory pids");
    put(`${group}/cgroup.controllers`, "cpu memory pids");
    put(`${group}/memory.swap.max`, "");
    put(`${group}/memory.oom.group`, "");
    put(`${group}/cpu.max`, "");
    put(`${group}/cgroup.freeze`, "");
    const cpuMicrosecondsPerPeriod = cpuShareMicroseconds(memorySizeMb);
    return cgroupV2Support(root).create("host-1", "sandbox", {
      memoryBytes: memorySizeMb * 2 ** 20,
      processes: 1024,
      cpuMicrosecondsPerPeriod,
    });
  };

  test("gets its limits: memory, no swap, one victim, processes, CPU time by memory size", () => {
    create(256);
    const names = ["memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cpu.max"];
    expect(names.map((name) => textOf(`${group}/${name}`))).toEqual(["268435456", "0", "0", "1024", "2894 20000"]);
  });

  test("freezes, thaws, lifts the CPU limit and sets it again", () => {
    const cgroup = create(1769);
    cgroup.freeze();
    expect(textOf(`${group}/cgroup.freeze`)).toBe("1");
    cgroup.thaw();
    expect(textOf(`${group}/cgroup.freeze`)).toBe("0");
    put(`${group}/cpu.max`, "");
    cgroup.setCpu(undefined);
    expect(textOf(`${group}/cpu.max`)).toBe("max 20000");
    cgroup.setCpu(20_000);
    expect(textOf(`${group}/cpu.max`)).toBe("20000 20000");
  });

  test("reads memory, kills and CPU time from the kernel's accounts", () => {
    const cgroup = create();
    put(`${group}/memory.stat`, "anon 1000\nfile 5000\nkernel 300\nshmem 200\n");
    put(`${group}/memory.peak`, "7000\n");
    put(`${group}/memory.events`, "low 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n");
    put(`${group}/cpu.stat`, "usage_usec 4242\nuser_usec 4000\n");
    put(`${group}/cgroup.procs`, "12\n34\n");
    expect(cgroup.memory()).toEqual({ ownBytes: 1500, cacheBytes: 4800, peakBytes: 7000 });
    expect([cgroup.outOfMemoryKills(), cgroup.cpuMicroseconds(), cgroup.pids()]).toEqual([2, 4242, [12, 34]]);
    expect(cgroup.entrances).toEqual([join(root, group, "cgroup.procs")]);
  });

  test("says which controllers it can have: those that could be switched on", () => {
    put("cgroup.controllers", "cpu memory pids");
    put("cgroup.subtree_control", "");
    expect(cgroupV2Support(root).can).toEqual({ cpu: false, memory: false, pids: false, freezer: true });
  });

  test("refuses to go on without a limit that it has a controller for", () => {
    create();
    rmSync(join(root, group, "memory.max"));
    mkdirSync(join(root, group, "memory.max"));
    expect(() => create()).toThrow("EISDIR");
  });
});

describe("a group that was given to an ordinary user", () => {
  const scope = "user.slice/run-1.scope";

  test("is the one this process is in, or the one above when its processes were moved already", () => {
    expect(ownGroup("/sys/fs/cgroup", `0::/${scope}\n`)).toBe(`/sys/fs/cgroup/${scope}`);
    expect(ownGroup("/sys/fs/cgroup", `1:name=systemd:/x\n0::/${scope}/lambdarium-host\n`)).toBe(
      `/sys/fs/cgroup/${scope}`,
    );
    expect([ownGroup("/m", "0::/../outside\n"), ownGroup("/m", "4:memory:/x\n")]).toEqual([undefined, undefined]);
  });

  test("is left alone when it cannot be written, or has a shell in it", () => {
    put(`${scope}/cgroup.procs`, "10\n11\n");
    put(`${scope}/cgroup.subtree_control`, "");
    expect(arrangeGroup(join(root, "missing"), () => false)).toBe(false);
    expect(arrangeGroup(join(root, scope), (pid) => pid === 11)).toBe(false);
    expect(existsSync(join(root, scope, "lambdarium-host"))).toBe(false);
  });

  test("has its processes moved out of the way", () => {
    put(`${scope}/cgroup.procs`, "10\n");
    put(`${scope}/cgroup.subtree_control`, "");
    expect(arrangeGroup(join(root, scope), () => false)).toBe(true);
    expect(textOf(`${scope}/lambdarium-host/cgroup.procs`)).toBe("10");
  });
});
