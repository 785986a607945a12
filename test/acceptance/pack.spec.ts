/** `lambdarium pack` as a user at a shell uses it, and what it makes in real environments. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  realpathSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  mkdirSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { lambdarium, newDirectory, projectDirectory } from "../fixtures/command-line.ts";
import { echo, type Files, program } from "../fixtures/programs.ts";

/** A project that has Lambdarium among its packages. */
function newProject(files: Files): string {
  const directory = newDirectory(files);
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(projectDirectory, join(directory, "node_modules/lambdarium"));
  return directory;
}

const teller = `
import { defineExtension } from "lambdarium/extension";
import { says } from "./says.ts";
const node: string = process.execPath;
defineExtension({ onInvoke: ({ requestId }) => console.log(says, requestId, node, process.env["NODE_OPTIONS"]) });
`;
const project = { "src/teller.ts": teller, "src/says.ts": 'export const says = "heard";\n' };

/** A runtime of its own, so that nothing but the layer brings Node.js to the extension's PATH. */
const invoked = (layer: string) => {
  const code = newDirectory({ bootstrap: program(echo) });
  return lambdarium(["invoke", code, "--runtime=provided.al2023", "--json", "--layer", layer]);
};

describe("a source", () => {
  test("becomes a layer that runs, whatever the function says to its own Node.js", async () => {
    const cwd = newProject(project);
    const packed = await lambdarium(["pack", "src/teller.ts"], { cwd });
    expect(packed).toMatchObject({ code: 0, stderr: "" });
    expect(packed.stdout).toMatch(/^teller\.zip: extension teller, 2 files, \d+ KB zipped, \d+ KB unzipped$/mu);
    expect(packed.stdout).toContain("--compatible-runtimes nodejs20.x nodejs22.x nodejs24.x");
    const { code, stdout, stderr } = await lambdarium([
      "invoke",
      join(projectDirectory, "examples/functions/hello-node"),
      "--json",
      "--layer",
      join(cwd, "teller.zip"),
      "--env",
      "NODE_OPTIONS=--no-warnings",
    ]);
    expect(stderr).toMatch(/^extension teller +\| heard [\da-f-]{36} \S+ undefined$/mu);
    expect(JSON.parse(stdout)).toMatchObject({ extensions: [{ name: "teller", state: "Exited", exit: { code: 0 } }] });
    expect(code).toBe(0);
  });

  test("is described as JSON, with what was found", async () => {
    const cwd = newProject({ "mine.mjs": "export const port = 4243;\n" });
    const { code, stdout, stderr } = await lambdarium(["pack", "mine.mjs", "--json", "--output", "out/l.zip"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      name: "mine",
      extensions: ["mine"],
      architectures: ["x86_64", "arm64"],
      files: [{ path: "extensions/mine", mode: "755" }, { path: "mine/index.mjs" }],
      findings: [{ code: "port-clash", severity: "warning" }],
      output: "out/l.zip",
      zippedBytes: readFileSync(join(cwd, "out/l.zip")).length,
    });
  });

  test("is packed to the same bytes in another directory", async () => {
    const one = newProject(project);
    const other = newProject(project);
    for (const cwd of [one, other]) await lambdarium(["pack", "src/teller.ts"], { cwd });
    expect(readFileSync(join(one, "teller.zip")).equals(readFileSync(join(other, "teller.zip")))).toBe(true);
  });

  test("that cannot be bundled is refused with its place, and nothing is left", async () => {
    const cwd = newProject({ "mine.ts": "const = 1;\n" });
    const { code, stderr } = await lambdarium(["pack", "mine.ts"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: The extension mine\.ts cannot be bundled\.\nmine\.ts:1:7: .+\nhint: /u);
    expect(readdirSync(cwd).sort()).toEqual(["mine.ts", "node_modules"]);
  });
});

describe("a directory with a ready extension", () => {
  const shell = "#!/bin/sh\r\nprintf 'never'\r\n";

  test("is packed as it is, with mode and line ends mended", async () => {
    const cwd = newDirectory({ "layer/extensions/mine": shell, "layer/mine/data.txt": "data\r\n" });
    chmodSync(join(cwd, "layer/extensions/mine"), 0o644);
    const { code, stdout, stderr } = await lambdarium(["pack", "layer"], { cwd });
    expect(stderr).toMatch(/\[mode-mended\][\s\S]+\[line-ends-mended\]/u);
    expect({ code, stdout: stdout.split("\n", 1)[0] }).toEqual({
      code: 0,
      stdout: "mine.zip: extension mine, 2 files, 1 KB zipped, 1 KB unzipped",
    });
  });

  test("that would fail on Lambda is refused, each finding with its remedy", async () => {
    const cwd = newDirectory({
      "layer/extensions/mine": "#!/usr/bin/env node\n",
      "layer/extensions/README.md": "words",
    });
    const args = ["pack", "layer", "--compatible-runtimes", "python3.13,python3.12"];
    const { code, stdout, stderr } = await lambdarium(args, { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: The layer was not packed/u);
    expect(stderr).toContain("error: extensions/README.md is no program, and Lambda would start it. [not-a-program]\n");
    expect(stderr).toContain("extensions/mine needs node, which python3.13 does not have. [interpreter-missing]\n");
    expect(stderr).toContain("extensions/mine needs node, which python3.12 does not have. [interpreter-missing]\n");
    expect(existsSync(join(cwd, "mine.zip"))).toBe(false);
  });
});

test.each([
  [["pack", "nowhere.ts"], /^error: There is no extension at nowhere\.ts/u],
  [
    ["pack", "mine.ts", "--node", "/usr/bin/node"],
    /^error: --node cannot be "\/usr\/bin\/node": it goes with --standalone/u,
  ],
  [["pack", "mine.ts", "--compatible-runtimes", "node22"], /^error: --compatible-runtimes cannot be "node22"/u],
  [["pack", "mine.ts", "--standalone", "--node", "/bin/sh"], /^error: \/bin\/sh cannot be the Node\.js of a layer/u],
  [["pack", "mine.ts", "--output", "mine.ts/l.zip"], /^error: The archive mine\.ts\/l\.zip cannot be written/u],
  [["pack"], /^error: Expected argument for EXTENSION/u],
])("%j is refused", async (args, message) => {
  const { code, stderr } = await lambdarium(args, { cwd: newProject({ "mine.ts": "export const a = 1;\n" }) });
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

// The program of Node.js here may leave most of itself in a library, or be none of Linux.
const wholeNode = process.platform === "linux" && readFileSync(process.execPath).length > 30_000_000;

/** Only root may give a program another root directory. */
const mayChroot = wholeNode && process.getuid?.() === 0;

/** A root directory with the layer's one file, the libraries that Node.js asks for, and nothing else: no shell either. */
function rootWithNothing(archive: string): string {
  const root = newDirectory();
  const libraries = execFileSync("ldd", [process.execPath], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/gu);
  for (const file of [...libraries].map(([, library = ""]) => library)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(realpathSync(file), join(root, file));
  }
  execFileSync("python3", ["-m", "zipfile", "-e", archive, join(root, "opt")]);
  chmodSync(join(root, "opt/extensions/teller"), 0o755);
  return root;
}

describe.skipIf(!wholeNode)("--standalone", () => {
  test.skipIf(!mayChroot)("starts from one file, where there is neither Node.js nor a shell", async () => {
    const cwd = newProject(project);
    await lambdarium(["pack", "src/teller.ts", "--standalone"], { cwd });
    const root = rootWithNothing(join(cwd, "teller.zip"));
    expect(readdirSync(join(root, "opt"), { recursive: true })).toEqual(["extensions", "extensions/teller"]);
    const { status, stderr } = spawnSync("/usr/sbin/chroot", [root, "/opt/extensions/teller"], {
      encoding: "utf8",
      env: {},
    });
    expect(stderr).toMatch(/^\[teller\] AWS_LAMBDA_RUNTIME_API is not set/u);
    expect(status).toBe(1);
  });

  test("makes one program for a function whose runtime has no Node.js, and says what it costs", async () => {
    const cwd = newProject(project);
    const packed = await lambdarium(["pack", "src/teller.ts", "--standalone"], { cwd });
    expect(packed.stderr).toContain("[much-of-the-limit]");
    expect(packed.stdout).toMatch(/^teller\.zip: extension teller, 1 file, /mu);
    expect(packed.stdout).toMatch(/^for nodejs20\.x, .+ provided\.al2023 on /mu);
    expect(packed.code).toBe(0);
    const { code, stdout, stderr } = await invoked(join(cwd, "teller.zip"));
    expect(stderr).toMatch(/^extension teller +\| heard [\da-f-]{36} \S+\/extensions\/teller undefined$/mu);
    expect(JSON.parse(stdout)).toMatchObject({ extensions: [{ name: "teller", exit: { code: 0 } }] });
    expect(code).toBe(0);
  });

  test("is out of reach of the function's NODE_OPTIONS, or whoever packs is told that it is not", async () => {
    const cwd = newProject(project);
    const packed = await lambdarium(["pack", "src/teller.ts", "--standalone"], { cwd });
    execFileSync("python3", ["-m", "zipfile", "-e", join(cwd, "teller.zip"), join(cwd, "opt")]);
    chmodSync(join(cwd, "opt/extensions/teller"), 0o755);
    const { stderr } = spawnSync(join(cwd, "opt/extensions/teller"), {
      encoding: "utf8",
      env: { NODE_OPTIONS: "--require=/nowhere" },
    });
    const isReached = stderr.includes("Cannot find module '/nowhere'");
    expect(packed.stderr.includes("[node-options-obeyed]")).toBe(isReached);
    expect(stderr.includes("[teller] AWS_LAMBDA_RUNTIME_API is not set")).toBe(!isReached);
  });

  test("makes the same program of the same source in another directory", async () => {
    const one = newProject(project);
    const other = newProject(project);
    for (const cwd of [one, other]) await lambdarium(["pack", "src/teller.ts", "--standalone"], { cwd });
    expect(readFileSync(join(one, "teller.zip")).equals(readFileSync(join(other, "teller.zip")))).toBe(true);
  });
});
