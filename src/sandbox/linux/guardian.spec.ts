import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLines, linuxForTests, sandboxesDirectory, tracesOf } from "../../../test/contract/linux-sandbox.ts";
import { lives } from "../../../test/contract/sandbox-programs.ts";
import { compileInto } from "../../../test/fixtures/compiled-driver.ts";
import { findPasta } from "./internet.ts";

// The hosts are processes of their own, so they need the driver as JavaScript.
const compiled = mkdtempSync(join(tmpdir(), "linux-guardian-spec-"));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const fixtures = join(root, "test/fixtures");
const linux = await linuxForTests();

beforeAll(() => {
  compileInto(compiled, "sandbox/linux/linux-driver.ts");
  // Where an ordinary user can read them.
  chmodSync(compiled, 0o755);
  cpSync(join(fixtures, "sandbox-programs"), join(compiled, "sandbox-programs"), { recursive: true });
  cpSync(join(fixtures, "sandbox-hosts"), compiled, { recursive: true });
});

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

function startHost(state: string, options: SpawnOptions = {}): ChildProcess {
  const driver = join(compiled, "src/sandbox/linux/linux-driver.js");
  const host = join(compiled, "host-with-linux-sandbox.mjs");
  return spawn(process.execPath, [host, driver, join(compiled, "sandbox-programs"), state], {
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
}

async function wordsOf(host: ChildProcess): Promise<string> {
  const [line] = (await once(host.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return line.toString();
}

function emptyCommonGroups(): readonly string[] {
  // What vanishes while it is looked for is no error here.
  const find = (...args: readonly string[]): string => spawnSync("find", args, { encoding: "utf8" }).stdout;
  return find("/sys/fs/cgroup", "-maxdepth", "2", "-name", "lambdarium")
    .split("\n")
    .filter((path) => existsSync(path) && find(path, "-mindepth", "1", "-type", "d") === "");
}

describe.skipIf(linux.missing)(`a host process of ${linux.title}`, () => {
  test.each(["running", "frozen"])("leaves nothing %s behind when it is killed", async (state) => {
    const host = startHost(state);
    const { pid, id } = JSON.parse(await wordsOf(host)) as { pid: number; id: string };
    expect([lives(pid), tracesOf(id).length > 0]).toEqual([true, true]);
    host.kill("SIGKILL");
    await expect.poll(() => lives(pid), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => tracesOf(id), { timeout: 10_000 }).toEqual([]);
    // Others may have theirs in our common group; empty it does not stay.
    await expect.poll(emptyCommonGroups, { timeout: 10_000 }).toEqual([]);
  });

  test.skipIf(findPasta() === undefined)(
    "leaves no way to the internet behind when it is killed (takes pasta)",
    async () => {
      const host = startHost("online");
      const { id } = JSON.parse(await wordsOf(host)) as { id: string };
      const ways = (): readonly string[] => commandLines().filter((text) => text.includes(id));
      expect(ways().some((text) => text.includes("pasta"))).toBe(true);
      host.kill("SIGKILL");
      await expect.poll(ways, { timeout: 10_000 }).toEqual([]);
    },
  );

  test("clears after one that was killed with its guardian, when the next one begins", async () => {
    const namespace = readlinkSync("/proc/self/ns/pid").replaceAll(/\D/gu, "");
    // As it stays behind: a directory, named for a process that is gone.
    const abandoned = `${namespace}-1-999999999999`;
    mkdirSync(join(sandboxesDirectory, abandoned, `left-${process.pid}-x`), { recursive: true });
    const host = startHost("running");
    await wordsOf(host);
    await expect.poll(() => tracesOf(`left-${process.pid}`), { timeout: 10_000 }).toEqual([]);
    host.kill("SIGKILL");
  });

  test("[ENV-154] works for an ordinary user too, says what is weaker, and leaves nothing", async () => {
    const ordinary = 54_321;
    const host = startHost("describe", { uid: ordinary, gid: ordinary, cwd: "/", env: { PATH: process.env["PATH"] } });
    const [line] = (await once(host.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    expect(JSON.parse(line.toString())).toEqual({
      text: "uid=993(sbx_user1051) gid=990(sbx_user1051) groups=990(sbx_user1051)\n/tmp\n",
      weak: ["/tmp size", "user", "CPU share", "memory limit", "process limit", "freeze", "snapshot"],
      standsStill: true,
      goesOn: true,
      exit: { code: null, signal: "SIGTERM", outOfMemory: false },
    });
    expect(await once(host, "exit")).toEqual([0, null]);
    rmSync(join(tmpdir(), `lambdarium-sandboxes-${ordinary}`), { recursive: true, force: true });
  });

  test("ends by itself when it has nothing more to do", async () => {
    const host = startHost("idle");
    expect(await once(host, "exit")).toEqual([0, null]);
  });
});
