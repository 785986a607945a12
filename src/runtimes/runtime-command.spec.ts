import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { FoundRuntime } from "./find-runtime.ts";
import { runtimeCommand, type RuntimeCommandRequest } from "./runtime-command.ts";

const rooms: string[] = [];
afterEach(() => rooms.splice(0).forEach((room) => rmSync(room, { recursive: true })));

/** A directory with these files, each with any text. */
function directoryWith(...files: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "lambdarium-function-"));
  rooms.push(directory);
  for (const file of files) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), "-");
  }
  return directory;
}

const found = (language: FoundRuntime["language"], version: string, interpreterVersion = "22.20.0"): FoundRuntime => ({
  identifier: "tested",
  language,
  version,
  interpreterVersion,
  interpreters: [],
  runtimeDirectory: undefined,
  executionEnvironment: undefined,
  runtimeVersion: "",
  notice: undefined,
});

const awsPaths = { task: "/var/task", opt: "/opt", runtime: "/var/runtime", lang: "/var/lang" };

function command(runtime: FoundRuntime, more: Partial<RuntimeCommandRequest> = {}) {
  const request = { runtime, paths: awsPaths, handler: "app.handler", memorySizeMb: 128, variables: {} };
  return runtimeCommand({ ...request, codeDirectory: directoryWith(), layerDirectories: [], ...more });
}

const heap = ["--max-semi-space-size=6", "--max-old-space-size=115"];
const node22 = ["--no-experimental-require-module", "--no-experimental-detect-module", ...heap];

describe("Node.js", () => {
  test("[ENV-49] starts our program with NODE_PATH of the identifier's version", () => {
    expect(command(found("nodejs", "22", "20.20.2"))).toEqual({
      kind: "start",
      file: "/var/lang/bin/node",
      args: [...node22, "/var/runtime/bootstrap.js"],
      variables: {
        NODE_PATH:
          "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task",
      },
      notice: undefined,
    });
  });

  test("[ENV-49] names the sandbox's own directories where it cannot show AWS's", () => {
    const paths = { task: "/s/task", opt: "/s/opt", runtime: "/s/runtime", lang: "/s/lang" };
    expect(command(found("nodejs", "24"), { paths })).toMatchObject({
      file: "/s/lang/bin/node",
      args: [...heap, "/s/runtime/bootstrap.js"],
      variables: { NODE_PATH: expect.stringMatching(/^\/s\/opt\/nodejs\/node24\/node_modules:.*:\/s\/task$/) },
    });
  });

  test("leaves a NODE_PATH that the customer set alone (ENV-57)", () => {
    expect(command(found("nodejs", "22"), { variables: { NODE_PATH: "/mine" } })).toMatchObject({ variables: {} });
  });

  test.each([
    ["20", "20.20.2", "", ["--no-experimental-require-module", ...heap]],
    ["20", "20.5.0", "", heap],
    ["22", "22.20.0", "--experimental-require-module", ["--no-experimental-detect-module", ...heap]],
    ["22", "22.20.0", "--max_old_space_size=50", node22.slice(0, 2)],
    ["24", "24.1.0", "", heap],
  ])("starts version %s (%s) with NODE_OPTIONS=%s by the options %j", (version, interpreter, options, flags) => {
    const started = command(found("nodejs", version, interpreter), { variables: { NODE_OPTIONS: options } });
    expect(started).toMatchObject({ args: [...flags, "/var/runtime/bootstrap.js"] });
  });

  test.each([
    [["node_modules/aws-lambda-ric/index.mjs"], [], ["/var/task/node_modules/aws-lambda-ric/index.mjs"]],
    [
      ["node_modules/aws-lambda-ric/index.mjs", "node_modules/aws-lambda-ric/bin/index.mjs"],
      [],
      ["/var/task/node_modules/aws-lambda-ric/bin/index.mjs", "app.handler"],
    ],
    [[], ["nodejs/node_modules/aws-lambda-ric/index.mjs"], ["/opt/nodejs/node_modules/aws-lambda-ric/index.mjs"]],
  ])("starts AWS's own client that the function brings: %j, layer %j", (files, layer, args) => {
    const codeDirectory = directoryWith(...files);
    const started = command(found("nodejs", "24"), { codeDirectory, layerDirectories: [directoryWith(...layer)] });
    expect(started).toMatchObject({ args: [...heap, ...args], notice: expect.stringContaining("aws-lambda-ric") });
  });
});

describe("Python", () => {
  test("[ENV-50] starts our program with PYTHONPATH, its file as the last argument", () => {
    expect(command(found("python", "3.12", "3.12"))).toEqual({
      kind: "start",
      file: "/var/lang/bin/python3.12",
      args: ["-B", "-s", "/var/runtime/bootstrap.py"],
      variables: { PYTHONPATH: "/var/runtime" },
      notice: undefined,
    });
  });

  test("tells our program where the layers are when they are not in /opt", () => {
    const started = command(found("python", "3.12"), { paths: { ...awsPaths, opt: "/s/opt" } });
    expect(started).toMatchObject({
      args: ["-B", "-s", "-X", "lambdarium_layers=/s/opt", "/var/runtime/bootstrap.py"],
    });
  });

  test.each([
    ["the code", ["awslambdaric/__main__.py"], [], "/var/task"],
    ["a layer", [], ["python/awslambdaric/__main__.py"], "/opt/python"],
  ])("starts AWS's own client that stands in %s", (_where, files, layer, path) => {
    const codeDirectory = directoryWith(...files);
    const started = command(found("python", "3.12"), { codeDirectory, layerDirectories: [directoryWith(...layer)] });
    expect(started).toMatchObject({
      args: ["-B", "-s", "-m", "awslambdaric", "app.handler"],
      variables: { PYTHONPATH: expect.stringContaining(path) },
      notice: expect.stringContaining(`(${path})`),
    });
  });
});

describe("provided", () => {
  const provided = found("provided", "al2023");
  const bootstrap = (place: string) => ({ kind: "start", file: `${place}/bootstrap`, args: [], variables: {} });

  test("[ENV-62] [ENV-64] executes bootstrap of the code without arguments, or of a layer", () => {
    const code = directoryWith("bootstrap");
    const layer = directoryWith("bootstrap");
    expect(command(provided, { codeDirectory: code, layerDirectories: [layer] })).toMatchObject(bootstrap("/var/task"));
    expect(command(provided, { layerDirectories: [directoryWith(), layer] })).toMatchObject(bootstrap("/opt"));
  });

  test("[ENV-62] counts a link that leads somewhere only inside the sandbox", () => {
    const codeDirectory = directoryWith("app");
    symlinkSync("/var/task/app", join(codeDirectory, "bootstrap"));
    expect(command(provided, { codeDirectory })).toMatchObject(bootstrap("/var/task"));
  });

  test("[ENV-63] does not take a directory of that name", () => {
    const codeDirectory = directoryWith("bootstrap/file");
    const layerDirectories = [directoryWith("bootstrap")];
    expect(command(provided, { codeDirectory, layerDirectories })).toMatchObject(bootstrap("/opt"));
  });

  test("says in AWS's words that there is none (ENV-65, RT-106)", () => {
    expect(command(provided)).toEqual({
      kind: "no bootstrap",
      error: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
    });
  });

  test("[ENV-67] a bootstrap in the package of a managed runtime is not executed", () => {
    const started = command(found("nodejs", "22"), { codeDirectory: directoryWith("bootstrap") });
    expect(started).toMatchObject({ file: "/var/lang/bin/node" });
  });

  test("[ENV-75] ignores the wrapper", () => {
    const codeDirectory = directoryWith("bootstrap");
    const variables = { AWS_LAMBDA_EXEC_WRAPPER: "/opt/wrapper" };
    expect(command(provided, { codeDirectory, variables })).toMatchObject(bootstrap("/var/task"));
  });
});

test("[ENV-71] a wrapper is started with the interpreter's path and all its arguments", () => {
  const paths = { ...awsPaths, opt: "/s/opt" };
  const started = command(found("nodejs", "24"), { paths, variables: { AWS_LAMBDA_EXEC_WRAPPER: "/opt/wrapper" } });
  expect(started).toMatchObject({
    file: "/bin/sh",
    args: ["-c", 'exec "$0" "$@"', "/s/opt/wrapper", "/var/lang/bin/node", ...heap, "/var/runtime/bootstrap.js"],
  });
});
