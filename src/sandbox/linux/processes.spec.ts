import { readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { linuxForTests, shell, workshops } from "../../../test/contract/linux-sandbox.ts";
import { lives } from "../../../test/contract/sandbox-programs.ts";
import type { Workshop } from "../../../test/contract/sandbox-programs.ts";

const linux = await linuxForTests();

describe.skipIf(linux.missing)(`processes and network: ${linux.title}`, () => {
  const open = workshops(linux.driver);

  test("[ENV-09] shows the environment's own processes only", async () => {
    const [workshop, other] = [await open(), await open()];
    await (await other.start("count.mjs")).until(/count/u);
    const { text } = await shell(workshop, "cat /proc/[0-9]*/comm; readlink /proc/self/ns/pid");
    const lines = text.split("\n");
    expect(lines.slice(0, -1).toSorted()).toEqual(["init", "sh"]);
    expect(lines.at(-1)).not.toBe(readlinkSync("/proc/self/ns/pid"));
  });

  test("[ENV-24] runs programs as sbx_user1051, uid 993, gid 990, by number and by name", async () => {
    const { text } = await shell(await open(), "id; whoami; getent passwd 993 | cut -d: -f1,3,4");
    expect(text.split("\n")).toEqual([
      "uid=993(sbx_user1051) gid=990(sbx_user1051) groups=990(sbx_user1051)",
      "sbx_user1051",
      "sbx_user1051:993:990",
    ]);
  });

  test("[ENV-25] gives no capability, and no way to one", async () => {
    const { text } = await shell(await open(), "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -d ' \\t'");
    const none = "0".repeat(16);
    expect(text.split("\n")).toEqual([
      ...["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => `${name}:${none}`),
      "NoNewPrivs:1",
      "Seccomp:2",
    ]);
  });

  test("[ENV-28] counts process ids in the environment's own space: the first program has pid 2", async () => {
    const workshop = await open();
    const first = await shell(workshop, "echo $$");
    const second = await shell(workshop, "echo $$");
    expect([first.text, second.text]).toEqual(["2", "3"]);
  });

  test("leaves no descriptor of the host's to programs", async () => {
    const workshop = await open();
    // The fourth is the directory that is being listed.
    expect((await shell(workshop, "ls /proc/self/fd")).text).toBe("0\n1\n2\n3");
  });

  test("[ENV-94] resolves sandbox and sandbox.localdomain to an address on which programs can listen", async () => {
    const workshop = await open();
    const { text } = await shell(workshop, "getent hosts sandbox.localdomain sandbox | cut -d' ' -f1 | uniq");
    expect(text).toBe(workshop.sandbox.address);
    const program = await workshop.start("serve-on.mjs", ["sandbox.localdomain", "0"]);
    const port = Number(await program.until(/\d+\n/u));
    expect(await answerOf(workshop, port)).toBe("hello");
  });

  test("[ENV-97] lets two environments open the same port at the same time", async () => {
    const all = [await open(), await open()];
    const programs = await Promise.all(
      all.map(async (workshop) => workshop.start("serve-on.mjs", ["0.0.0.0", "8080"])),
    );
    expect(await Promise.all(programs.map(async (program) => program.until(/.+\n/u)))).toEqual(["8080\n", "8080\n"]);
    expect(await Promise.all(all.map(async (workshop) => answerOf(workshop, 8080)))).toEqual(["hello", "hello"]);
  });

  test("[ENV-99] lets neither the host's other processes nor other environments reach a port opened inside", async () => {
    const [workshop, other] = [await open(), await open()];
    const program = await workshop.start("serve-on.mjs", ["0.0.0.0", "0"]);
    const port = (await program.until(/\d+\n/u)).trim();
    const fromHost = new Promise((resolve) => {
      connect(Number(port), "127.0.0.1").once("error", resolve);
    });
    expect(await fromHost).toMatchObject({ code: "ECONNREFUSED" });
    const caller = await other.start("call-port.mjs", [port]);
    await caller.exited;
    expect([caller.text(), caller.text("stderr")]).toEqual(["", expect.stringContaining("ECONNREFUSED")]);
  });

  test("opens many connections at once, and fails as usual where nobody listens", async () => {
    const workshop = await open();
    const program = await workshop.start("serve-on.mjs", ["127.0.0.1", "0"]);
    const port = Number(await program.until(/\d+\n/u));
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(Array.from({ length: 4 }, async () => answerOf(workshop, port)));
      expect(answers).toEqual(["hello", "hello", "hello", "hello"]);
      await shell(workshop, "true");
    }
    await expect(answerOf(workshop, 1)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("gives the Runtime API to its own environment only, at the same address in each", async () => {
    const all = [await open(), await open()];
    const calls: string[] = [];
    all.forEach((workshop, at) => (workshop.onCall = (path) => void calls.push(`${at} ${path}`)));
    expect(all.map(({ runtimeApi }) => runtimeApi)).toEqual(["127.0.0.1:9001", "127.0.0.1:9001"]);
    await Promise.all(all.map(async (workshop) => (await workshop.start("write-line-then-call.mjs", ["1"])).exited));
    expect(calls.toSorted()).toEqual(["0 /0", "1 /0"]);
  });

  test("has no way out when the network is none", async () => {
    const { text } = await shell(
      await open(),
      "cat /proc/net/dev | tail -n +3 | cut -d: -f1; cat /proc/net/route | wc -l",
    );
    expect(text.split("\n").map((line) => line.trim())).toEqual(["lo", "1"]);
  });

  test("uses no CPU time while frozen, by the kernel's accounts", async () => {
    const workshop = await open();
    const program = await workshop.start("sh", ["-c", "while :; do :; done"], { file: "/bin/sh" });
    const { pid } = program.process;
    await expect.poll(() => cpuTicks(pid)).toBeGreaterThan(2);
    await workshop.sandbox.freeze();
    await expect.poll(async () => unchanged(() => cpuTicks(pid))).toBe(true);
    const before = cpuTicks(pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(cpuTicks(pid)).toBe(before);
    expect(lives(pid)).toBe(true);
    await workshop.sandbox.thaw();
    await expect.poll(() => cpuTicks(pid)).toBeGreaterThan(before);
  });
});

async function answerOf(workshop: Workshop, port: number): Promise<string> {
  let text = "";
  for await (const bytes of workshop.sandbox.connect(port)) {
    text += String(bytes);
  }
  return text;
}

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function unchanged(measure: () => number): Promise<boolean> {
  const before = measure();
  await new Promise((resolve) => setTimeout(resolve, 60));
  return measure() === before;
}
