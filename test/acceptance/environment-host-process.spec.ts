/** The process that uses the library: killed, on a full disk, in another test framework, and after a thousand invocations. */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdirSync, symlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import yazl from "yazl";
import { eventually, temporaryDirectory, writeCode, writeExtension } from "../fixtures/environments.ts";
import { echo, follower, program } from "../fixtures/programs.ts";
import { directoriesIn, isListening, processesOf } from "../fixtures/traces.ts";

const host = (name: string): string => fileURLToPath(new URL(`../fixtures/library-hosts/${name}.mjs`, import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url));

type Host = ChildProcessByStdio<Writable, Readable, null>;

interface Running {
  readonly endpoint: string;
}

async function startHost(): Promise<{ child: Host; endpoint: string }> {
  const code = writeCode({ bootstrap: program(echo) });
  const child: Host = spawn(
    process.execPath,
    [host("host-that-waits"), code, writeExtension("follower", program(follower))],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  return { child, endpoint: (JSON.parse(line) as Running).endpoint };
}

test.each([
  { how: "is killed by SIGKILL", end: (child: Host) => child.kill("SIGKILL") },
  { how: "leaves by process.exit", end: (child: Host) => child.stdin.end("leave\n") },
])("leaves no process, no directory and no socket when the test process $how", async ({ end }) => {
  const { child, endpoint } = await startHost();
  expect(processesOf(endpoint)).toHaveLength(2);
  expect(directoriesIn(temporaryDirectory)).toHaveLength(1);
  end(child);
  await eventually(() => expect(processesOf(endpoint)).toEqual([]));
  await eventually(() => expect(directoriesIn(temporaryDirectory)).toEqual([]));
  expect(await isListening(endpoint)).toBe(false);
});

/** Whether this user may mount in a namespace of its own: as root, or where user namespaces are allowed. */
const mounting = ["-rm", "-m"].find(
  (flags) => spawnSync("unshare", [flags, "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0,
);

const onFullDisk = (
  code: string,
  bytes: string,
  files: string,
): { code?: string; message?: string; left?: string[] } => {
  const full = writeCode({});
  const script = 'mount -t tmpfs -o "size=$1,nr_inodes=$2" none "$3" && TMPDIR=$3 exec "$4" "$5" "$6"';
  const args = [
    mounting!,
    "sh",
    "-c",
    script,
    "sh",
    bytes,
    files,
    full,
    process.execPath,
    host("host-on-a-full-disk"),
    code,
  ];
  const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as ReturnType<typeof onFullDisk>;
};

// Skipped where nobody may mount: a full disk cannot be had without one.
test.skipIf(mounting === undefined)(
  "says that the disk is full when the environment's directories cannot be made",
  () => {
    const told = onFullDisk(writeCode({ bootstrap: program(echo) }), "64k", "4");
    expect(told).toMatchObject({ code: "disk-full", left: [] });
    expect(told.message).toMatch(/^There is no space left on the disk for /);
  },
);

test.skipIf(mounting === undefined)("says that the disk is full while the function's archive is unpacked", async () => {
  const archive = new yazl.ZipFile();
  archive.addBuffer(Buffer.from(program(echo)), "bootstrap", { mode: 0o100755 });
  archive.addBuffer(Buffer.alloc(1_000_000, "x"), "large.txt");
  archive.end();
  const zip = join(writeCode({}), "function.zip");
  await pipeline(archive.outputStream, createWriteStream(zip));
  expect(onFullDisk(zip, "128k", "1000")).toMatchObject({ code: "disk-full", left: [] });
});

test.skipIf(mounting === undefined)("lets a function see for itself that the disk is full, and leaves nothing", () => {
  const bootstrap = program(`
    const { writeFileSync } = require("node:fs");
    const { dirname } = require("node:path");
    await serve(() => {
      try { writeFileSync(dirname(process.env.LAMBDARIUM_OPT) + "/large", Buffer.alloc(1_000_000)); return '"fits"'; }
      catch ({ code }) { return JSON.stringify(code); }
    });
  `);
  expect(onFullDisk(writeCode({ bootstrap }), "128k", "1000")).toEqual({ payload: "ENOSPC", left: [] });
});

interface Measure {
  readonly processes: number;
  readonly descriptors: number;
  readonly bytes: number;
}

test("leaks no process, descriptor or memory in a thousand invocations with an extension", () => {
  const bootstrap = program("await serve(({ body }) => String(JSON.parse(body).padding.length));");
  const args = [
    host("host-that-invokes-often"),
    writeCode({ bootstrap }),
    writeExtension("follower", program(follower)),
  ];
  const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", ...args], { encoding: "utf8" });
  expect(stderr).toBe("");
  const { early, late } = JSON.parse(stdout) as Record<"early" | "late", Measure>;
  expect(late.processes).toBe(2);
  expect(late.descriptors).toBe(early.descriptors);
  // The history of 800 invocations is kept on purpose; their payloads alone would be 40 MB.
  expect(late.bytes - early.bytes).toBeLessThan(20_000_000);
  expect(directoriesIn(temporaryDirectory)).toEqual([]);
});

test("works in node:test", () => {
  const room = writeCode({
    "function/index.mjs": "export const handler = async ({ name }) => `hello ${name}`;",
    "hello.test.mjs": `
      import assert from "node:assert/strict";
      import { test } from "node:test";
      import { createEnvironment } from "lambdarium";

      test("greets", async () => {
        const environment = await createEnvironment({ function: new URL("function", import.meta.url).pathname });
        try {
          assert.equal((await environment.invoke({ name: "node:test" })).payload, "hello node:test");
        } finally {
          await environment.shutdown();
        }
      });
    `,
    "package.json": '{ "type": "module" }',
  });
  mkdirSync(join(room, "node_modules"));
  symlinkSync(project, join(room, "node_modules/lambdarium"));
  const { stdout, status } = spawnSync(process.execPath, ["--test", join(room, "hello.test.mjs")], {
    cwd: room,
    encoding: "utf8",
  });
  expect(stdout).toContain("pass 1");
  expect(status).toBe(0);
});
