import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { inferFunction } from "./infer-function.ts";
import type { Machine } from "./machine.ts";

const rooms: string[] = [];
afterEach(() => rooms.splice(0).forEach((room) => rmSync(room, { recursive: true })));

function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "lambdarium-infer-"));
  rooms.push(directory);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
    chmodSync(join(directory, name), text.startsWith("#!") ? 0o755 : 0o644);
  }
  return directory;
}

function machineWith(nodeVersion: string, ...pythons: readonly string[]): Machine {
  const home = directoryWith(
    Object.fromEntries(pythons.map((version) => [`.pyenv/versions/${version}/bin/python3`, ""])),
  );
  const nothing = { env: {}, execPath: "/usr/bin/node", systemFolders: [] };
  return { ...nothing, home, nodeVersion, askVersion: () => Promise.resolve(undefined) };
}

const node = "export const handler = async () => {};";
const python = "def lambda_handler(event, context): pass";
const usual = () => machineWith("22.1.0", "3.12.1");

describe("a directory", () => {
  test.each([
    [{ "index.mjs": node }, "nodejs22.x", "index.handler"],
    [{ "index.js": "exports.handler = 1" }, "nodejs22.x", "index.handler"],
    [{ "app.cjs": "exports.lambdaHandler = 1" }, "nodejs22.x", "app.lambdaHandler"],
    [{ "lambda_function.py": python }, "python3.12", "lambda_function.lambda_handler"],
    [{ "main.py": "def handler(e, c): pass" }, "python3.12", "main.handler"],
    [{ "resize.mjs": node, "helper.mjs": "" }, "nodejs22.x", "resize.handler"],
    [{ bootstrap: "#!/bin/sh", "index.mjs": node }, "provided.al2023", "bootstrap"],
    [
      { "package.json": '{"main":"./dist/run.js"}', "dist/run.js": node, "index.js": node },
      "nodejs22.x",
      "dist/run.handler",
    ],
    [{ "package.json": '{"main":"index.js"}', "app.mjs": node }, "nodejs22.x", "app.handler"],
    [{ "index.mjs": node, "other.mjs": node, "index.test.js": node }, "nodejs22.x", "index.handler"],
    [{ "index.js": node, "index.mjs": node }, "nodejs22.x", "index.handler"],
    [{ bootstrap: "not executable", "index.mjs": node }, "nodejs22.x", "index.handler"],
  ])("with %j is %s with %s", (files, runtime, handler) => {
    const codeDirectory = directoryWith(files);
    expect(inferFunction(codeDirectory, {}, usual())).toMatchObject({ codeDirectory, runtime, handler });
  });

  test("says what it inferred and why", () => {
    const directory = directoryWith({ "index.mjs": node });
    const { reason } = inferFunction(directory, {}, usual());
    expect(reason).toBe("Runtime nodejs22.x and handler index.handler, because index.mjs exports it.");
  });

  test("is not known with two files as likely as each other", () => {
    const directory = directoryWith({ "index.mjs": node, "lambda_function.py": python });
    expect(() => inferFunction(directory, {}, usual())).toThrow(
      expect.objectContaining({
        code: "function-ambiguous",
        message: expect.stringContaining("index.mjs, lambda_function.py"),
      }),
    );
  });

  test("infers only what is not given", () => {
    const directory = directoryWith({ "index.mjs": node, "lambda_function.py": python });
    const byRuntime = inferFunction(directory, { runtime: "python3.14" }, usual());
    expect(byRuntime).toMatchObject({ runtime: "python3.14", handler: "lambda_function.lambda_handler" });
    const byHandler = inferFunction(directory, { handler: "index.other" }, usual());
    expect(byHandler).toMatchObject({ runtime: "nodejs22.x", handler: "index.other" });
    const both = inferFunction(directory, { runtime: "nodejs24.x", handler: "any.thing" }, usual());
    expect(both).toMatchObject({ runtime: "nodejs24.x", handler: "any.thing", reason: "" });
  });

  test("finds the language of a handler in a Python package", () => {
    const directory = directoryWith({ "pkg/sub/app.py": "" });
    expect(inferFunction(directory, { handler: "pkg.sub.app.run" }, usual()).runtime).toBe("python3.12");
  });

  test.each([
    [{}, {}],
    [{ "index.mjs": "export const other = 1" }, {}],
    [{ "index.ts": node }, {}],
    [{ "index.mjs": node }, { handler: "missing.handler" }],
    [{ "index.mjs": node }, { runtime: "python3.12" }],
  ])("with %j and %j given holds nothing recognisable", (files, given) => {
    expect(() => inferFunction(directoryWith(files), given, usual())).toThrow(
      expect.objectContaining({ code: "function-not-recognised" }),
    );
  });
});

describe("a single file", () => {
  test.each([
    ["resize.mjs", node, "nodejs22.x", "resize.handler"],
    ["resize.py", python, "python3.12", "resize.lambda_handler"],
    ["bootstrap", "#!/bin/sh", "provided.al2023", "bootstrap"],
  ])("%s stands for its folder", (name, text, runtime, handler) => {
    const codeDirectory = directoryWith({ [name]: text, "index.js": node });
    expect(inferFunction(join(codeDirectory, name), {}, usual())).toMatchObject({ codeDirectory, runtime, handler });
  });

  test.each([
    ["notes.txt", "x", {}],
    ["index.ts", node, {}],
    ["my.function.mjs", node, {}],
    ["plain.mjs", "", {}],
    ["bootstrap", "not executable", {}],
    ["index.mjs", node, { runtime: "python3.12" }],
  ])("%s (%j, given %j) is no function", (name, text, given) => {
    expect(() => inferFunction(join(directoryWith({ [name]: text }), name), given, usual())).toThrow(
      expect.objectContaining({ code: "function-not-recognised" }),
    );
  });

  test("that does not exist is no function either", () => {
    expect(() => inferFunction("/nowhere/index.mjs")).toThrow(expect.objectContaining({ code: "function-not-found" }));
  });
});

test.each([
  ["20.20.2", "nodejs20.x"],
  ["22.1.0", "nodejs22.x"],
  ["24.0.0", "nodejs24.x"],
  ["26.0.0", "nodejs24.x"],
])("Node.js %s makes %s the default", (version, runtime) => {
  const file = join(directoryWith({ "index.mjs": node }), "index.mjs");
  expect(inferFunction(file, {}, machineWith(version)).runtime).toBe(runtime);
});

test.each([
  [["3.10.13", "3.11.7"], "python3.11"],
  [["3.10.13"], "python3.11"],
  [[], "python3.13"],
])("the Pythons %j make %s the default", (pythons, runtime) => {
  const file = join(directoryWith({ "app.py": python }), "app.py");
  expect(inferFunction(file, {}, machineWith("22.1.0", ...pythons)).runtime).toBe(runtime);
});
