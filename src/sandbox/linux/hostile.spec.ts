import { existsSync, statfsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hostilePrograms, linuxForTests, shell, tracesOf, workshops } from "../../../test/contract/linux-sandbox.ts";
import type { LinuxForTests } from "../../../test/contract/linux-sandbox.ts";
import { lives } from "../../../test/contract/sandbox-programs.ts";
import { defaultWorkDirectory } from "./linux-driver.ts";

// Both ways, for what they forbid is set up by different programs.
const ways = [await linuxForTests(), await linuxForTests("unshare")];
const hasPython = existsSync("/usr/bin/python3");

describe.each(ways)("hostile code in $title", ({ driver, missing }: LinuxForTests) => {
  const open = workshops(driver);

  test.skipIf([missing, !hasPython].some(Boolean))(
    "gains no right by any system call: mounts, namespaces, tracing, devices",
    async () => {
      const workshop = await open({ codeDirectory: hostilePrograms });
      const program = await workshop.start("try-privileges.py");
      await program.exited;
      const outcomes = Object.fromEntries(
        program
          .text()
          .trimEnd()
          .split("\n")
          .map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
      );
      expect(program.text("stderr")).toBe("");
      expect(Object.keys(outcomes).length).toBeGreaterThan(20);
      expect(Object.entries(outcomes).filter(([, outcome]) => outcome === "ALLOWED")).toEqual([]);
      expect(outcomes).toMatchObject({
        mount: "EPERM",
        "new user namespace": "EPERM",
        "trace pid 1": "EPERM",
        "read memory of pid 1": "EACCES",
        "descriptors of pid 1": "EACCES",
        "set user": "EPERM",
        "write sysctl": "EACCES",
        keys: "EPERM",
        "raw socket": "EPERM",
        "host socket": "EPERM",
      });
    },
  );

  test.skipIf(missing)("cannot see or signal a process of the host's or of another environment's", async () => {
    const [workshop, other] = [await open(), await open()];
    const victim = await other.start("count.mjs");
    await victim.until(/count/u);
    const pids = [process.pid, victim.process.pid];
    const script = `for pid in ${pids.join(" ")}; do kill -9 $pid 2>&1 | grep -o 'No such process'; done
      kill -9 -1; echo survived`;
    const { text } = await shell(workshop, script);
    expect(text.split("\n").slice(0, 2)).toEqual(["No such process", "No such process"]);
    expect([lives(process.pid), lives(victim.process.pid)]).toEqual([true, true]);
    // Nor could it end its own first process, without which nothing could be started any more.
    expect((await shell(workshop, "kill -9 1; kill -STOP 1; kill -TERM 1; echo still")).text).toBe("still");
    expect((await shell(workshop, "echo here")).text).toBe("here");
  });

  test.skipIf(missing)("cannot starve the host by forking without end, nor outlive the environment", async () => {
    const workshop = await open({ memorySizeMb: 512 });
    const bomb = "echo started; bomb() { bomb | bomb & }; bomb; while :; do sleep 1; done";
    const program = await workshop.start("sh", ["-c", bomb], { file: "/bin/sh" });
    await program.until(/started/u);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await workshop.sandbox.destroy();
    expect(await program.exited).toMatchObject({ signal: "SIGKILL" });
    expect(tracesOf(workshop.id)).toEqual([]);
  });

  test.skipIf(missing)("cannot take more memory than it has, in many processes either", async () => {
    const workshop = await open({ memorySizeMb: 192, codeDirectory: hostilePrograms, initCpu: "boost" });
    const programs = await Promise.all([1, 2, 3].map(async () => workshop.start("grow.mjs")));
    const ends = await Promise.all(programs.map(async ({ exited }) => exited));
    expect(ends.every(({ signal }) => signal === "SIGKILL")).toBe(true);
    expect(ends.some(({ outOfMemory }) => outOfMemory)).toBe(true);
    expect(workshop.sandbox.memoryPeakBytes()).toBeLessThanOrEqual(192 * 2 ** 20);
  });

  test.skipIf(missing)("cannot fill the host's disk through /tmp", async () => {
    const workshop = await open();
    const free = statfsSync(defaultWorkDirectory()).bavail;
    const { text } = await shell(workshop, "cat /dev/zero >/tmp/a 2>/tmp/b; df --output=avail /tmp | tail -1");
    expect(Number(text)).toBeLessThan(1000);
    const { bsize } = statfsSync(defaultWorkDirectory());
    expect((free - statfsSync(defaultWorkDirectory()).bavail) * bsize).toBeLessThan(2 * 2 ** 30);
  });

  test.skipIf(missing)("cannot take the host's time or memory by a flood of output", async () => {
    const [workshop, other] = [await open({ codeDirectory: hostilePrograms }), await open()];
    const flood = { bytes: 0 };
    const program = await workshop.start("flood-log.sh", [], {
      onOutput: (_, bytes) => void (flood.bytes += bytes.length),
    });
    await expect.poll(() => flood.bytes, { timeout: 50_000 }).toBeGreaterThan(16 * 2 ** 20);
    const before = process.memoryUsage().rss;
    const from = flood.bytes;
    await expect.poll(() => flood.bytes, { timeout: 50_000 }).toBeGreaterThan(from + 256 * 2 ** 20);
    expect(process.memoryUsage().rss - before).toBeLessThan(192 * 2 ** 20);
    // Others are started and heard meanwhile, and the flood ends with its environment.
    expect((await shell(other, "echo heard")).text).toBe("heard");
    await workshop.sandbox.destroy();
    expect(await program.exited).toMatchObject({ signal: "SIGKILL" });
    const atEnd = flood.bytes;
    expect((await shell(other, "sleep 0.1; echo heard")).text).toBe("heard");
    expect(flood.bytes).toBe(atEnd);
  });

  test.skipIf(missing)("cannot mislead the host by what it writes to the channel of its first process", async () => {
    const workshop = await open();
    const { text, complaints } = await shell(
      workshop,
      "for n in 0 1 2 3 4 5; do echo 'X 1 0' >/proc/1/fd/$n; done; echo on",
    );
    expect(text).toBe("on");
    expect(complaints.match(/Permission denied/gu)?.length).toBe(6);
  });

  test.skipIf(missing)("leaves nothing running when destroyed while daemons ignore every signal they can", async () => {
    const workshop = await open();
    const script =
      "trap '' TERM HUP INT; (setsid sh -c 'trap \"\" TERM HUP; while :; do :; done' &) ; echo up; sleep 100";
    const program = await workshop.start("sh", ["-c", script], { file: "/bin/sh" });
    await program.until(/up/u);
    await workshop.sandbox.freeze();
    await workshop.sandbox.destroy();
    expect(tracesOf(workshop.id)).toEqual([]);
    expect(lives(program.process.pid)).toBe(false);
  });
});
