import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { linuxForTests, tracesOf } from "../../../test/contract/linux-sandbox.ts";
import { lives } from "../../../test/contract/sandbox-programs.ts";

// The hosts are processes of their own, so they need the driver as JavaScript.
const compiled = mkdtempSync(join(tmpdir(), "linux-guardian-spec-"));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const fixtures = join(root, "test/fixtures");
const linux = await linuxForTests();

beforeAll(() => {
  const config = join(compiled, "tsconfig.json");
  writeFileSync(join(compiled, "package.json"), '{ "type": "module" }');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.build.json"),
      compilerOptions: {
        rootDir: join(root, "src"),
        outDir: join(compiled, "src"),
        declaration: false,
        typeRoots: [join(root, "node_modules/@types")],
      },
      include: [],
      files: [join(root, "src/sandbox/linux/linux-driver.ts")],
    }),
  );
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], { cwd: root });
});

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

function startHost(state: string, ...maker: readonly string[]): ChildProcess {
  const driver = join(compiled, "src/sandbox/linux/linux-driver.js");
  const host = join(fixtures, "sandbox-hosts/host-with-linux-sandbox.mjs");
  return spawn(process.execPath, [host, driver, join(fixtures, "sandbox-programs"), state, ...maker], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function wordsOf(host: ChildProcess): Promise<string> {
  const [line] = (await once(host.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return line.toString();
}

describe.skipIf(linux.missing)(`a host process of ${linux.title}`, () => {
  test.each(["running", "frozen"])("leaves nothing %s behind when it is killed", async (state) => {
    const host = startHost(state);
    const { pid, id } = JSON.parse(await wordsOf(host)) as { pid: number; id: string };
    expect([lives(pid), tracesOf(id).length > 0]).toEqual([true, true]);
    host.kill("SIGKILL");
    await expect.poll(() => lives(pid), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => tracesOf(id), { timeout: 10_000 }).toEqual([]);
  });

  test("clears after one that was killed with its guardian, when the next one begins", async () => {
    const base = join(tmpdir(), `lambdarium-sandboxes-${process.getuid?.() ?? 0}`);
    const [namespace = ""] = /\d+/u.exec(execFileSync("readlink", ["/proc/self/ns/pid"], { encoding: "utf8" })) ?? [];
    // As it stays behind: a directory, named for a process that is gone.
    const abandoned = `${namespace}-1-999999999999`;
    mkdirSync(join(base, abandoned, `left-${process.pid}-x`), { recursive: true });
    const host = startHost("running");
    await wordsOf(host);
    await expect.poll(() => tracesOf(`left-${process.pid}`), { timeout: 10_000 }).toEqual([]);
    host.kill("SIGKILL");
  });

  test("ends by itself when it has nothing more to do", async () => {
    const host = startHost("idle");
    expect(await once(host, "exit")).toEqual([0, null]);
  });
});
