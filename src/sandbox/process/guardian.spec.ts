import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lives } from "../../../test/contract/sandbox-programs.ts";
import { compileInto } from "../../../test/fixtures/compiled-driver.ts";

// The hosts are processes of their own, so they need the driver as JavaScript.
const compiled = mkdtempSync(join(tmpdir(), "guardian-spec-"));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const fixtures = join(root, "test/fixtures");

beforeAll(() => {
  compileInto(compiled, "sandbox/process/process-driver.ts");
});

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

const compiledDriver = join(compiled, "src/sandbox/process/process-driver.js");

function startHost(name: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(fixtures, "sandbox-hosts", name), compiledDriver, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test.each([
  ["running", "path"],
  ["frozen", "path"],
  ["frozen", "output"],
])("leaves nothing %s behind when the host is killed, known by its %s", async (state, sign) => {
  const host = startHost("host-that-is-killed.mjs", join(fixtures, "sandbox-programs"), state, sign);
  const [line] = (await once(host.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const { pids, directory } = JSON.parse(line.toString()) as { pids: number[]; directory: string };
  expect([pids.every(lives), existsSync(directory)]).toEqual([true, true]);
  host.kill("SIGKILL");
  await expect.poll(() => pids.filter(lives), { timeout: 10_000 }).toEqual([]);
  await expect.poll(() => existsSync(directory), { timeout: 10_000 }).toBe(false);
});

test("does not keep a host alive that has nothing more to do", async () => {
  const host = startHost("host-that-runs-out-of-work.mjs");
  expect(await once(host, "exit")).toEqual([0, null]);
});
