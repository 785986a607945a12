import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { linuxForTests, shell, tracesOf, workshops } from "../../../test/contract/linux-sandbox.ts";
import { describeSandboxDriver } from "../../../test/contract/sandbox-driver.ts";
import {
  clearDirectories,
  copyOfPrograms,
  freshDirectory,
  openWorkshop,
  specOf,
} from "../../../test/contract/sandbox-programs.ts";
import { createLinuxDriver } from "./linux-driver.ts";

const linux = await linuxForTests();

describe.skipIf(linux.missing)(`all promises: ${linux.title}`, () => {
  describeSandboxDriver(linux.driver, (_, id) => tracesOf(id));
});

// Each way of making sandboxes, since a machine may have only one of them.
const makers = await Promise.all((["crun", "runc", "unshare"] as const).map(async (maker) => linuxForTests(maker)));

describe.each(makers)("$title", ({ driver, missing }) => {
  const open = workshops(driver);

  test.skipIf(missing)("[ENV-151] gives everything that a machine can give", () => {
    const weak = Object.entries(driver.capabilities).filter(([, { level }]) => level !== "enforced");
    expect(weak.map(([feature]) => feature)).toEqual(["snapshot"]);
  });

  test.skipIf(missing)("starts programs, tells their ends apart and leaves nothing", async () => {
    const workshop = await open();
    const ends = await Promise.all(
      ["exit 129", "kill -HUP $$", "exit 137", "kill -KILL $$"].map(async (script) => shell(workshop, script)),
    );
    expect(ends.map(({ exit }) => [exit.code, exit.signal])).toEqual([
      [129, null],
      [null, "SIGHUP"],
      [137, null],
      [null, "SIGKILL"],
    ]);
    expect(ends.map(({ exit }) => exit.outOfMemory)).toEqual([false, false, false, false]);
    await workshop.sandbox.destroy();
    expect(tracesOf(workshop.id)).toEqual([]);
  });

  test.skipIf(missing)("confines programs alike: user, rights, directories, limits", async () => {
    const workshop = await open();
    const { text } = await shell(
      workshop,
      `id -u; id -un; grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr -s '\\t' ' '
       ls -d /proc/[0-9]* | wc -l; ls /var/task | head -1; ls -A /opt /tmp | tr '\\n' ' '; echo
       find / -xdev -writable ! -type l ! -path '/proc/*' ! -path '/dev/*' 2>/dev/null; ulimit -n`,
    );
    expect(text.split("\n")).toEqual([
      "993",
      "sbx_user1051",
      "CapBnd: 0000000000000000",
      "NoNewPrivs: 1",
      "Seccomp: 2",
      // The init program, the shell and the `ls` in it.
      expect.stringMatching(/^[345]$/u),
      "call-port.mjs",
      "/opt:  /tmp: ",
      "/tmp",
      "1024",
    ]);
  });
});

test.skipIf(linux.missing)("works below any directory, under a umask that shuts others out", async () => {
  const umask = process.umask(0o077);
  onTestFinished(() => {
    process.umask(umask);
    clearDirectories();
  });
  const found = await createLinuxDriver({ workDirectory: freshDirectory() });
  expect(found).toMatchObject({ available: true });
  const { driver } = found as Extract<typeof found, { available: true }>;
  const workshop = await openWorkshop(driver, { codeDirectory: copyOfPrograms() });
  onTestFinished(async () => workshop.sandbox.destroy());
  const { text } = await shell(workshop, "command -v node; cat /etc/hosts | wc -l; head -1 /proc/meminfo | wc -l");
  expect(text).toBe("/var/lang/bin/node\n1\n1");
});

test.skipIf(linux.missing)("tries the machine out once, and again after a sandbox could not be made", async () => {
  onTestFinished(clearDirectories);
  const workDirectory = freshDirectory();
  const found = await createLinuxDriver({ workDirectory });
  const { driver } = found as Extract<typeof found, { available: true }>;
  const base = join(workDirectory, `lambdarium-sandboxes-${process.getuid?.()}`);
  const remembered = (): readonly string[] => readdirSync(base).filter((name) => name.startsWith("works-"));
  expect(remembered()).toHaveLength(1);
  await expect(driver.create(specOf({ layerDirectories: ["/nowhere"] }))).rejects.toMatchObject({
    code: "layer-not-found",
  });
  expect(remembered()).toHaveLength(1);
  readdirSync(base)
    .filter((name) => /^\d+-\d+-\d+$/u.test(name))
    .forEach((name) => rmSync(join(base, name), { recursive: true }));
  await expect(driver.create(specOf())).rejects.toMatchObject({ code: "sandbox-directory-failed" });
  expect(remembered()).toEqual([]);
});

test("says why it does not work where a program is missing", async () => {
  const refused = await createLinuxDriver({ workDirectory: "/nonexistent/directory\0" });
  expect(refused).toMatchObject({ available: false, why: expect.stringMatching(/.+/u) });
});
