import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hostilePrograms, linuxForTests, shell, tracesOf, workshops } from "../../../test/contract/linux-sandbox.ts";
import type { Program, Workshop } from "../../../test/contract/sandbox-programs.ts";
import { visibleCpus } from "./mounts.ts";
import { attainableLimits } from "./user.ts";

const linux = await linuxForTests();

describe.skipIf(linux.missing)(`limits: ${linux.title}`, () => {
  const open = workshops(linux.driver);

  test("[ENV-78] [ENV-79] kills in the environment that needs more memory than it has, and in no other", async () => {
    const [workshop, other] = [await open({ memorySizeMb: 128 }), await open({ memorySizeMb: 128 })];
    const [sibling, stranger] = [await idle(workshop), await idle(other)];
    const program = await workshop.start("use-memory.mjs", ["300"]);
    expect(await program.exited).toEqual({ code: null, signal: "SIGKILL", outOfMemory: true });
    stranger.process.signal("SIGTERM");
    expect(await stranger.exited).toEqual({ code: null, signal: "SIGTERM", outOfMemory: false });
    sibling.process.signal("SIGTERM");
    expect(await sibling.exited).toMatchObject({ outOfMemory: false });
  });

  test("[ENV-78] counts all programs together", async () => {
    const workshop = await open({ memorySizeMb: 256, codeDirectory: hostilePrograms, initCpu: "boost" });
    const programs = [await workshop.start("grow.mjs"), await workshop.start("grow.mjs")];
    expect(await Promise.race(programs.map(async ({ exited }) => exited))).toMatchObject({ outOfMemory: true });
  });

  test("[ENV-81] goes on when only a child was killed for memory, whatever ends the parent later", async () => {
    const workshop = await open({ memorySizeMb: 128 });
    const script = "node ./use-memory.mjs 300; echo child $?; read line </tmp/fifo; kill -KILL $$";
    await shell(workshop, "mkfifo /tmp/fifo");
    const program = await workshop.start("sh", ["-c", script], { file: "/bin/sh" });
    await program.until(/child 137/u);
    await workshop.sandbox.freeze();
    await workshop.sandbox.thaw();
    await shell(workshop, "echo go >/tmp/fifo");
    expect(await program.exited).toEqual({ code: null, signal: "SIGKILL", outOfMemory: false });
  });

  test("[ENV-82] reports the peak since the start, never more than the size, never falling", async () => {
    const workshop = await open({ memorySizeMb: 256 });
    const first = await workshop.start("use-memory.mjs", ["100"]);
    await first.exited;
    const after = workshop.sandbox.memoryPeakBytes() / 2 ** 20;
    expect(after).toBeGreaterThan(100);
    await workshop.sandbox.sweep();
    expect(workshop.sandbox.memoryPeakBytes() / 2 ** 20).toBeGreaterThanOrEqual(after);
    const second = await workshop.start("use-memory.mjs", ["500"]);
    await second.exited;
    expect(workshop.sandbox.memoryPeakBytes() / 2 ** 20).toBeLessThanOrEqual(256);
  });

  test("[ENV-83] has no swap by the kernel's accounts: what exceeds the limit is killed, not slowed", async () => {
    const workshop = await open({ memorySizeMb: 128 });
    const groups = tracesOf(workshop.id).filter((directory) => directory.startsWith("/sys/fs/cgroup"));
    const wanted = {
      // Of memory and swap together, in version 1; how much of it is swapped; and in version 2 of swap alone.
      "memory.memsw.limit_in_bytes": String(128 * 2 ** 20),
      "memory.swappiness": "0",
      "memory.swap.max": "0",
    };
    const found = Object.keys(wanted).flatMap((name) =>
      groups
        .map((group) => join(group, name))
        .filter((file) => existsSync(file))
        .map((file) => [name, readFileSync(file, "latin1").trim()] as const),
    );
    expect(found.length).toBeGreaterThan(0);
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(wanted).filter(([name]) => found.some(([there]) => there === name))),
    );
  });

  // A ceiling is always held; how near programs come to it depends on what else the machine does, hence the best of some.
  test("[ENV-84] [ENV-85] gives a busy program CPU time in proportion to memory, within 10 %", async () => {
    const wanted = 512 / 1769;
    const workshop = await open({ memorySizeMb: 512, codeDirectory: hostilePrograms });
    const shares = await cpuShares(workshop, ["1"], { atLeast: 5, until: wanted * 0.9 });
    expect(average(shares)).toBeLessThan(wanted * 1.1);
    expect(Math.max(...shares)).toBeGreaterThan(wanted * 0.9);
  });

  test("[ENV-86] gives busy threads no more together", async () => {
    const shares = await cpuShares(await open({ memorySizeMb: 512, codeDirectory: hostilePrograms }), ["4"], {
      atLeast: 5,
    });
    expect(average(shares)).toBeLessThan((512 / 1769) * 1.1);
  });

  test("[ENV-87] lets a busy extension slow the function, since both share one budget", async () => {
    const workshop = await open({ memorySizeMb: 512, codeDirectory: hostilePrograms });
    const alone = Math.max(...(await cpuShares(workshop, ["1"], { atLeast: 4 })));
    const extension = await workshop.start("burn.mjs", ["1"]);
    await extension.until(/\n/u);
    const beside = average(await cpuShares(workshop, ["1"], { atLeast: 4 }));
    expect(beside).toBeLessThan(alone * 0.8);
  });

  test("[ENV-89] holds the share from the beginning, and lifts it for the first Init only when asked", async () => {
    const program = { codeDirectory: hostilePrograms, memorySizeMb: 256 };
    const held = await cpuShares(await open(program), ["1"], { atLeast: 3 });
    expect(average(held)).toBeLessThan((256 / 1769) * 1.1);
    const workshop = await open({ ...program, initCpu: "boost" });
    const lifted = await cpuShares(workshop, ["1"], { atLeast: 3, until: (256 / 1769) * 1.5 });
    await workshop.sandbox.endCpuBoost();
    const after = await cpuShares(workshop, ["1"], { atLeast: 3 });
    expect(Math.max(...lifted)).toBeGreaterThan((256 / 1769) * 1.5);
    expect(average(after)).toBeLessThan((256 / 1769) * 1.1);
  });

  test.each([
    [128, 2],
    [3008, 2],
    [3009, 3],
    [5307, 3],
    [5308, 4],
    [7077, 5],
    [8845, 5],
    [8846, 6],
    [10_240, 6],
  ])("[ENV-88] shows, with %d MB, %d CPUs, or as many as the machine has", (memorySizeMb, count) => {
    expect(visibleCpus(memorySizeMb, 64)).toBe(count);
    expect(visibleCpus(memorySizeMb, 1)).toBe(1);
  });

  test("[ENV-88] lets programs use the CPUs that it shows", async () => {
    const workshop = await open({ memorySizeMb: 128 });
    const { text } = await shell(workshop, "nproc; grep -c '^processor' /proc/cpuinfo");
    const count = String(visibleCpus(128, cpus().length));
    expect(text.split("\n")).toEqual([count, count]);
  });

  test("[ENV-90] refuses the 1,025th descriptor with EMFILE", async () => {
    const workshop = await open({ codeDirectory: hostilePrograms });
    const program = await workshop.start("open-files.mjs");
    await program.exited;
    expect(program.text()).toBe("EMFILE 1023\n");
    expect((await shell(workshop, "ulimit -Sn; ulimit -Hn; ulimit -n 2048")).text).toBe("1024\n1024");
  });

  test("[ENV-91] refuses more than 1,024 processes and threads with EAGAIN, and can still be swept", async () => {
    const workshop = await open({ codeDirectory: hostilePrograms });
    const program = await workshop.start("fork-bomb.mjs");
    const [error, count] = (await program.until(/.+\n/u)).trim().split(" ");
    expect(error).toBe("EAGAIN");
    expect(Number(count)).toBeGreaterThan(900);
    expect(Number(count)).toBeLessThanOrEqual(1024);
    await workshop.sandbox.sweep();
    expect((await shell(workshop, "ls -d /proc/[0-9]* | wc -l")).text).toMatch(/^[345]$/u);
  });

  test("[ENV-92] gives the limits of Lambda, as far as this machine lets them be raised", async () => {
    const { text } = await shell(await open(), "cat /proc/self/limits");
    const rows = Object.fromEntries(
      text.split("\n").map((line) => [line.slice(0, 26).trim(), line.slice(26).trim().split(/\s+/u).slice(0, 2)]),
    );
    for (const { row, soft, hard } of attainableLimits()) {
      expect([row, rows[row]]).toEqual([row, [wordOf(soft), wordOf(hard)]]);
    }
    expect([rows["Max core file size"]?.[1], rows["Max locked memory"], rows["Max stack size"]?.[0]]).toEqual([
      "10737418240",
      ["65536", "65536"],
      "8388608",
    ]);
  });
});

async function idle(workshop: Workshop): Promise<Program> {
  const program = await workshop.start("sh", ["-c", "echo up; sleep 1000"], { file: "/bin/sh" });
  await program.until(/up/u);
  return program;
}

/**
 * CPU time per time of the clock of one more busy program, for half a second each: as many as asked for, and more on a
 * machine that is busy with other things, until one is as high as it must get.
 */
async function cpuShares(
  workshop: Workshop,
  args: readonly string[],
  { atLeast, until = 0 }: { readonly atLeast: number; readonly until?: number },
): Promise<readonly number[]> {
  const program = await workshop.start("burn.mjs", args);
  // The first holds the start of the program.
  const shares = (): readonly number[] => program.text().split("\n").slice(1, -1).map(Number);
  const isEnough = (): boolean => shares().length >= atLeast && Math.max(...shares()) > until;
  await expect.poll(isEnough, { timeout: 45_000 }).toBe(true);
  program.process.signal("SIGKILL");
  await program.exited;
  return shares();
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function wordOf(limit: number | undefined): string {
  return limit === undefined ? "unlimited" : String(limit);
}
