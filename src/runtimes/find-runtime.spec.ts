import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { findRuntime, runtimeVersionArn } from "./find-runtime.ts";
import type { Machine } from "./machine.ts";

const rooms: string[] = [];
afterEach(() => rooms.splice(0).forEach((room) => rmSync(room, { recursive: true })));

/** A machine with empty programs at these paths below its home, run by Node.js 20. */
function machineWith(files: readonly string[], versions: Readonly<Record<string, string>> = {}) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "lambdarium-machine-")));
  rooms.push(home);
  for (const file of files) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), "");
  }
  const asked: string[] = [];
  const machine: Machine = {
    env: { PATH: `${join(home, "shims")}:${join(home, "bin")}` },
    home,
    execPath: "/usr/bin/own-node",
    nodeVersion: "20.20.2",
    systemFolders: [],
    askVersion: (file) => {
      asked.push(file.slice(home.length + 1));
      return Promise.resolve(versions[file.slice(home.length + 1)]);
    },
  };
  return { home, machine, asked };
}

test("takes the Node.js that runs us without looking further, when it is the one", async () => {
  const { machine, asked } = machineWith(["bin/node", ".nvm/versions/node/v20.1.0/bin/node"]);
  const runtime = await findRuntime("nodejs20.x", machine);
  expect(runtime).toMatchObject({
    language: "nodejs",
    version: "20",
    interpreterVersion: "20.20.2",
    interpreters: [{ name: "node", file: "/usr/bin/own-node" }],
    runtimeDirectory: expect.stringMatching(/runtimes\/nodejs$/),
    notice: undefined,
  });
  expect(asked).toEqual([]);
});

test.each([
  ".local/share/fnm/node-versions/v22.9.0/installation/bin/node",
  ".volta/tools/image/node/22.9.0/bin/node",
  ".asdf/installs/nodejs/22.9.0/bin/node",
  ".local/share/mise/installs/node/22.9.0/bin/node",
  "bin/node22",
])("finds another Node.js at ~/%s without running it", async (file) => {
  const { home, machine, asked } = machineWith([file]);
  const { interpreters, notice } = await findRuntime("nodejs22.x", machine);
  expect(interpreters).toEqual([{ name: "node", file: join(home, file) }]);
  expect([notice, asked]).toEqual([undefined, []]);
});

test("takes the highest patch of a version", async () => {
  const versions = ["22.9.0", "22.10.0", "24.0.0"].map((version) => `.nvm/versions/node/v${version}/bin/node`);
  const { machine } = machineWith(versions);
  expect((await findRuntime("nodejs22.x", machine)).interpreterVersion).toBe("22.10.0");
});

test("asks the node on PATH for its version when nothing else is the one", async () => {
  const { home, machine, asked } = machineWith(["bin/node"], { "bin/node": "24.1.0" });
  const { interpreters, interpreterVersion } = await findRuntime("nodejs24.x", machine);
  expect([interpreters, interpreterVersion, asked]).toEqual([
    [{ name: "node", file: join(home, "bin/node") }],
    "24.1.0",
    ["bin/node"],
  ]);
});

test("takes the nearest Node.js with a notice that says how to get the right one", async () => {
  const { machine } = machineWith([".nvm/versions/node/v18.0.0/bin/node"]);
  const { interpreterVersion, notice } = await findRuntime("nodejs22.x", machine);
  expect(interpreterVersion).toBe("20.20.2");
  expect(notice).toMatch(/^nodejs22\.x runs on Node\.js 20\.20\.2 .*Node\.js 22 was not found.*nvm install 22/);
});

test.each([
  ["bin/python3.12"],
  [".pyenv/versions/3.12.1/bin/python3"],
  [".asdf/installs/python/3.12.1/bin/python3"],
  [".local/share/mise/installs/python/3.12.1/bin/python3"],
  [".local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu/bin/python3"],
])("finds Python at ~/%s and shows it by three names", async (file) => {
  const { home, machine, asked } = machineWith([file, "shims/python3.12", "bin/python3.10"]);
  const runtime = await findRuntime("python3.12", machine);
  expect(runtime.interpreters).toEqual(
    ["python3.12", "python3", "python"].map((name) => ({ name, file: join(home, file) })),
  );
  expect([runtime.notice, asked]).toEqual([undefined, []]);
});

test("reads the version of python3 off the file its link leads to, and never runs a shim", async () => {
  const { home, machine, asked } = machineWith(["shims/python3", "shims/python3.13", "somewhere/python3.13"]);
  mkdirSync(join(home, "bin"));
  symlinkSync("../somewhere/python3.13", join(home, "bin/python3"));
  const { interpreters } = await findRuntime("python3.13", machine);
  expect([interpreters[0]?.file, asked]).toEqual([join(home, "somewhere/python3.13"), []]);
});

test("takes the nearest Python from 3.10 on", async () => {
  const { machine } = machineWith([".pyenv/versions/3.9.9/bin/python3", ".pyenv/versions/3.11.7/bin/python3"]);
  const { interpreterVersion, notice } = await findRuntime("python3.14", machine);
  expect([interpreterVersion, notice]).toEqual(["3.11.7", expect.stringContaining("uv python install 3.14")]);
});

test("fails with how to get it when the language is not there at all", async () => {
  const { machine } = machineWith([".pyenv/versions/2.7.18/bin/python3"]);
  await expect(findRuntime("python3.12", machine)).rejects.toMatchObject({
    code: "interpreter-missing",
    mendedBy: "machine",
    hint: expect.stringContaining("pyenv install 3.12"),
  });
});

test("needs nothing for provided.al2023", async () => {
  const { machine } = machineWith([]);
  expect(await findRuntime("provided.al2023", machine)).toMatchObject({
    interpreters: [],
    runtimeVersion: "provided:al2023.v1",
  });
});

test("names the execution environment of managed runtimes only (ENV-43)", async () => {
  const { machine } = machineWith(["bin/python3.12"]);
  const names = await Promise.all(
    ["nodejs22.x", "python3.12", "provided.al2023"].map(
      async (name) => (await findRuntime(name, machine)).executionEnvironment,
    ),
  );
  expect(names).toEqual(["AWS_Lambda_nodejs22.x", "AWS_Lambda_python3.12", undefined]);
});

test("gives every runtime a version and an ARN that stays the same (EVT-20)", async () => {
  const { machine } = machineWith(["bin/python3.12"]);
  const runtimes = await Promise.all(
    ["nodejs22.x", "python3.12", "provided.al2"].map((name) => findRuntime(name, machine)),
  );
  expect(runtimes.map(({ runtimeVersion }) => runtimeVersion)).toEqual([
    "nodejs:22.v1",
    "python:3.12.v1",
    "provided:al2.v1",
  ]);
  const arns = runtimes.map((runtime) => runtimeVersionArn(runtime, "eu-west-1"));
  expect(new Set(arns).size).toBe(3);
  expect(arns[0]).toMatch(/^arn:aws:lambda:eu-west-1::runtime:[0-9a-f]{64}$/);
  expect(runtimes.map((runtime) => runtimeVersionArn(runtime, "eu-west-1"))).toEqual(arns);
});

test("remembers what this machine has", async () => {
  expect(await findRuntime("provided.al2023")).toBe(await findRuntime("provided.al2023"));
});
