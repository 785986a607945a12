import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { linuxForTests, shell, workshops } from "../../../test/contract/linux-sandbox.ts";
import { clearDirectories, freshDirectory } from "../../../test/contract/sandbox-programs.ts";

const linux = await linuxForTests();
const hasPython = existsSync("/usr/bin/python3");
const here = fileURLToPath(import.meta.url);
// That of Amazon Linux 2 and of others before 2.34; that of Amazon Linux 2023 and later ones.
const semaphoreError = isBefore(glibcVersion(), [2, 34]) ? "ENOSYS" : "ENOENT";

afterAll(clearDirectories);

describe.skipIf(linux.missing)(`files: ${linux.title}`, () => {
  const open = workshops(linux.driver);

  test("[ENV-02] refuses to create, change or delete files in /var/task: read-only file system", async () => {
    const { complaints } = await shell(await open(), "touch new; echo x >>count.mjs; rm -f count.mjs; mkdir sub");
    expect(complaints.match(/Read-only file system/gu)).toHaveLength(4);
  });

  test("[ENV-03] shows an empty, read-only /opt without layers", async () => {
    const { text, complaints } = await shell(await open(), "ls -A /opt; touch /opt/new");
    expect([text, complaints]).toEqual(["", expect.stringContaining("Read-only file system")]);
  });

  test("[ENV-04] has nothing that can be written outside /tmp, not even for root's own directories", async () => {
    const workshop = await open();
    const script = "find / -writable ! -type l ! -path '/proc/*' ! -path '/dev/*' 2>/dev/null; touch /x /var/x /etc/x";
    const { text, complaints } = await shell(workshop, script);
    expect(text.split("\n")).toEqual(["/tmp"]);
    expect(complaints.match(/Read-only file system/gu)).toHaveLength(3);
  });

  test("[ENV-05] gives /var/task, /opt and /tmp to root, however the developer's own directory is kept", async () => {
    const codeDirectory = freshDirectory();
    await chmod(codeDirectory, 0o700);
    const { text } = await shell(await open({ codeDirectory }), "stat -c '%U:%G %A' /var/task /opt /tmp");
    expect(text.split("\n")).toEqual(["root:root drwxr-xr-x", "root:root drwxr-xr-x", "root:root drwxrwxrwt"]);
  });

  test("[ENV-06] does not let the function read a file that only its owner may read", async () => {
    const codeDirectory = freshDirectory();
    await writeFile(join(codeDirectory, "secret"), "x", { mode: 0o600 });
    const { complaints } = await shell(await open({ codeDirectory }), "cat /var/task/secret");
    expect(complaints).toContain("Permission denied");
  });

  // The C library looks for /dev/shm, and what it says when there is none is its own (docs/decisions/0002).
  test.skipIf(!hasPython)(
    `[ENV-07] has no /dev/shm, so sem_open, multiprocessing.Pool and Queue fail with ${semaphoreError}`,
    async () => {
      const workshop = await open();
      const script = `
import errno, multiprocessing, os
print(os.path.lexists("/dev/shm"))
for make in (lambda: multiprocessing.Pool(1), multiprocessing.Queue):
    try:
        make()
        print("made")
    except OSError as error:
        print(errno.errorcode[error.errno])`;
      const { text, complaints } = await shell(workshop, `python3 -c '${script}'`);
      expect([text.split("\n"), complaints]).toEqual([["False", semaphoreError, semaphoreError], ""]);
    },
  );

  test("[ENV-08] has the devices and the /proc that language runtimes need", async () => {
    const workshop = await open();
    const script = `head -c 3 /dev/zero | od -An -tx1; head -c 8 /dev/urandom | wc -c; echo x >/dev/null
      readlink /proc/self/fd/0; test -r /proc/self/maps && echo maps; ls /proc/self/fd | wc -l`;
    const { text, complaints } = await shell(workshop, script);
    expect([text.replaceAll(/ +/gu, " "), complaints]).toEqual([" 00 00 00\n8\n/dev/null\nmaps\n4", ""]);
  });

  test("[ENV-10] shows nothing of the host's files: homes, secrets, this repository, other functions", async () => {
    const other = freshDirectory();
    await writeFile(join(other, "code"), "x");
    const workshop = await open();
    const paths = [homedir(), "/etc/shadow", "/etc/hostname-of-host", here, join(other, "code"), "/root", "/home"];
    const { text } = await shell(workshop, `for path in ${paths.join(" ")}; do test -e "$path" && echo "$path"; done`);
    expect(text).toBe("");
    expect(existsSync(here)).toBe(true);
  });

  test("[ENV-12] [ENV-13] limits /tmp to the size configured, and says so, within 1 %", async () => {
    const [small, large] = [await open(), await open({ ephemeralStorageMb: 10_240 })];
    const available = "df -B1 --output=avail /tmp | tail -1";
    const sizes = [await shell(small, available), await shell(large, available)].map(({ text }) => Number(text));
    expect([(sizes[0] as number) / 538_333_184, (sizes[1] as number) / 10_738_335_744]).toEqual([
      expect.closeTo(1, 2),
      expect.closeTo(1, 2),
    ]);
    const { text } = await shell(
      small,
      "dd if=/dev/zero of=/tmp/all bs=1M 2>&1 | grep -o 'No space left'; stat -c %s /tmp/all",
    );
    const [error, written] = text.split("\n");
    expect([error, Number(written) / 538_329_088]).toEqual(["No space left", expect.closeTo(1, 2)]);
  });

  test("[ENV-14] does not count what is written to /tmp as memory", async () => {
    const workshop = await open({ memorySizeMb: 128, initCpu: "boost" });
    const { exit } = await shell(workshop, "dd if=/dev/zero of=/tmp/all bs=1M count=500 2>/dev/null");
    expect(exit).toEqual({ code: 0, signal: null, outOfMemory: false });
    const program = await workshop.start("use-memory.mjs", ["16"]);
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(workshop.sandbox.memoryPeakBytes()).toBeLessThan(128 * 1024 * 1024);
  });

  test("[ENV-15] begins with an empty /tmp, keeps it over a sweep, and takes it away with the environment", async () => {
    const workshop = await open();
    const first = await shell(workshop, "ls -A /tmp; echo kept >/tmp/file");
    await workshop.sandbox.sweep();
    const second = await shell(workshop, "cat /tmp/file");
    await workshop.sandbox.destroy();
    const third = await shell(await open(), "ls -A /tmp");
    expect([first.text, second.text, third.text]).toEqual(["", "kept", ""]);
  });

  test("[ENV-16] gives each environment a /tmp of its own", async () => {
    const [one, other] = [await open(), await open()];
    await shell(one, "echo x >/tmp/file");
    expect((await shell(other, "ls -A /tmp")).text).toBe("");
  });

  test("[ENV-20] finds the layers' programs by PATH, and the interpreter in /var/lang/bin", async () => {
    const layer = freshDirectory();
    await shellFile(layer, "tool", "echo from-layer");
    const workshop = await open({ layerDirectories: [layer] });
    const { text } = await shell(workshop, "PATH=$PATH:/opt; tool; command -v node");
    expect(text.split("\n")).toEqual(["from-layer", "/var/lang/bin/node"]);
  });

  test("takes code, layers and extensions from paths with special characters", async () => {
    const codeDirectory = join(freshDirectory(), "a:b,c\\d e");
    const layer = freshDirectory();
    await mkdir(codeDirectory);
    await shellFile(codeDirectory, "bootstrap", "echo code");
    await shellFile(layer, "extension", "echo extension");
    const workshop = await open({ codeDirectory, extensionFiles: [{ name: "e", file: join(layer, "extension") }] });
    expect((await shell(workshop, "./bootstrap; /opt/extensions/e")).text).toBe("code\nextension");
  });

  test("follows links as the programs do when asked whether a file exists", async () => {
    const layer = freshDirectory();
    await shellFile(layer, "bootstrap", "echo");
    await symlink("/opt/bootstrap", join(layer, "link"));
    const { sandbox } = await open({ layerDirectories: [layer] });
    const asked = ["/opt/link", "/opt/missing", "/var/task", "/etc/shadow"];
    expect(await Promise.all(asked.map(async (path) => sandbox.exists(path)))).toEqual([true, false, false, false]);
  });

  test("shows the function's memory instead of the machine's", async () => {
    const workshop = await open({ memorySizeMb: 256 });
    const script = `node -p 'os.totalmem() / 2 ** 20, v8.getHeapStatistics().heap_size_limit < 300 * 2 ** 20'
      node -p 'os.totalmem() / 2 ** 20'`;
    expect((await shell(workshop, script)).text.split("\n")).toEqual(["true", "256"]);
  });

  test("[ENV-25] gains nothing by a file with the set-uid bit", async () => {
    const codeDirectory = freshDirectory();
    await copyFile("/usr/bin/id", join(codeDirectory, "id"));
    await chmod(join(codeDirectory, "id"), 0o4755);
    const { text } = await shell(await open({ codeDirectory }), "./id -u; grep Cap /proc/self/status | sort -u -k2");
    expect(text).toMatch(/^993\nCap\w+:\s+0{16}$/u);
  });
});

async function shellFile(directory: string, name: string, command: string): Promise<void> {
  await writeFile(join(directory, name), `#!/bin/sh\n${command}\n`);
  await chmod(join(directory, name), 0o755);
}

/** Version of the machine's C library, which programs inside have too; none when it is another one than glibc. */
function glibcVersion(): readonly number[] {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return (header.glibcVersionRuntime ?? "").split(".").map(Number);
}

function isBefore([major = 0, minor = 0]: readonly number[], [ofMajor, ofMinor]: readonly [number, number]): boolean {
  return major !== 0 && (major < ofMajor || (major === ofMajor && minor < ofMinor));
}
