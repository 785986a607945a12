/** Sources become layers; the same ones become the same bytes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { EOL, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { bundleExtension } from "./bundle-extension.ts";
import { extensionName } from "./extension-source.ts";
import { fuse } from "./node-program.ts";
import { packExtension } from "./pack-extension.ts";
import type { Architecture } from "./program.ts";
import { archiveOf } from "./write-archive.ts";

const room = mkdtempSync(join(tmpdir(), "lambdarium-packing-"));
afterAll(() => rmSync(room, { recursive: true }));

function sources(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(room, "sources-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

const project = {
  "src/ticker.ts":
    'import { tick } from "./tick.ts";\nimport lib from "lib";\nconst n: number = tick(lib.one);\nconsole.log(n);\n',
  "src/tick.ts": "export const tick = (by: number): number => by + 1;\n",
  "node_modules/lib/package.json": '{"name":"lib","main":"index.cjs"}',
  "node_modules/lib/index.cjs": 'const { EOL } = require("os");\nmodule.exports = { one: EOL.length, port: 4317 };\n',
};

describe("the same sources", () => {
  test("in two folders, of other times, in another time zone, make the same bytes", async () => {
    const one = sources(project);
    const other = sources(Object.fromEntries(Object.entries(project).reverse()));
    utimesSync(join(other, "src/tick.ts"), 1e9, 1e9);
    const { archive } = await packExtension({ entry: join(one, "src/ticker.ts") });
    const zoned = await inZone("Pacific/Kiritimati", () => packExtension({ entry: join(other, "src/ticker.ts") }));
    expect(zoned.archive?.equals(archive!)).toBe(true);
    expect(zoned.codeSha256).toMatch(/^[\w+/]{43}=$/u);
  });

  test("changed by one character make others", async () => {
    const { codeSha256 } = await packExtension({ entry: join(sources(project), "src/ticker.ts") });
    const changed = { ...project, "src/tick.ts": "export const tick = (by: number): number => by + 2;\n" };
    expect((await packExtension({ entry: join(sources(changed), "src/ticker.ts") })).codeSha256).not.toBe(codeSha256);
  });
});

test("an archive does not depend on the order, nor on the modes of a machine", async () => {
  const of = (path: string, mode: number) => ({ path, bytes: Buffer.from(path), mode });
  const one = await archiveOf([of("extensions/a", 0o755), of("a/b", 0o644), of("Z", 0o600)]);
  const other = await archiveOf([of("Z", 0o664), of("extensions/a", 0o700), of("a/b", 0o640)]);
  expect(other.equals(one)).toBe(true);
});

async function inZone<T>(zone: string, work: () => Promise<T>): Promise<T> {
  const before = process.env["TZ"];
  process.env["TZ"] = zone;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  }
}

test("a source becomes a launcher and a module that asks for packages by both ways", async () => {
  const packed = await packExtension({ entry: join(sources(project), "src/ticker.ts") });
  expect(packed).toMatchObject({
    name: "ticker",
    extensions: ["ticker"],
    architectures: ["x86_64", "arm64"],
    runtimes: ["nodejs20.x", "nodejs22.x", "nodejs24.x"],
    // What a package does is its own affair.
    findings: [],
  });
  expect(packed.files.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    "755 extensions/ticker",
    "644 ticker/index.mjs",
  ]);
  const file = join(room, "bundle.mjs");
  writeFileSync(file, (await bundleExtension(join(sources(project), "src/ticker.ts"), "ticker")).code);
  expect(execFileSync(process.execPath, [file], { encoding: "utf8" })).toBe(`${1 + EOL.length}\n`);
});

test("faults of a source are named with their lines", async () => {
  const directory = sources({ "broken.ts": 'import "nowhere";\nconst = 1;\n', "lost.ts": '\nimport "nowhere";\n' });
  await expect(packExtension({ entry: join(directory, "broken.ts") })).rejects.toMatchObject({
    code: "extension-not-bundled",
    message: expect.stringContaining("broken.ts:2:7: "),
  });
  await expect(packExtension({ entry: join(directory, "lost.ts") })).rejects.toThrow(/lost\.ts:2:8: .*"nowhere"/u);
});

test("what a person wrote is searched for what is not its to take", async () => {
  const entry = join(
    sources({
      "mine.ts":
        'import { defineExtension } from "./x.ts";\ndefineExtension({ name: "other", telemetry: { port: 4317 } });',
      "x.ts": "export const defineExtension = (_: unknown) => 0;",
    }),
    "mine.ts",
  );
  const { findings } = await packExtension({ entry });
  expect(findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    "name-differs: mine.ts registers as other, and its file in the layer is mine.",
    "port-clash: mine.ts:2 takes port 4317, known as that of OpenTelemetry and Datadog.",
  ]);
  expect((await packExtension({ entry, name: "other" })).findings.map(({ code }) => code)).toEqual(["port-clash"]);
});

describe("--standalone", () => {
  const entry = join(sources(project), "src/ticker.ts");
  const other: Architecture = process.arch === "x64" ? "arm64" : "x86_64";

  test("without a program of Node.js for the processor is refused", async () => {
    await expect(packExtension({ entry, standalone: true, architectures: [other] })).rejects.toMatchObject({
      code: "node-program-unusable",
      hint: expect.stringContaining("nodejs.org"),
    });
  });

  test("takes no program that is not Node.js, and is for one processor", async () => {
    await expect(packExtension({ entry, standalone: "/bin/sh" })).rejects.toThrow(/too small|another|no program/u);
    await expect(packExtension({ entry, standalone: true, architectures: ["x86_64", "arm64"] })).rejects.toMatchObject({
      code: "option-invalid",
    });
  });

  const packedWith = (bytes: Buffer, architecture: Architecture = "x86_64") => {
    const standalone = join(mkdtempSync(join(room, "node-")), "node");
    writeFileSync(standalone, bytes);
    return packExtension({ entry, standalone, architectures: [architecture] });
  };

  test("takes no Node.js that another version would have to put the bundle into", async () => {
    await expect(packedWith(programOfNode({ version: "v99.1.2", architecture: other }), other)).rejects.toMatchObject({
      code: "node-program-unusable",
      message: expect.stringMatching(/is Node\.js v99\.1\.2, and only the same version .+ this is v\d/u),
    });
  });

  test("takes no Node.js that cannot be, or already is, a single executable", async () => {
    await expect(packedWith(programOfNode({ fuse: "" }))).rejects.toThrow(
      /it was built without single executable applications/u,
    );
    await expect(packedWith(programOfNode({ fuse: `${fuse}1` }))).rejects.toThrow(
      /it has an application in it already/u,
    );
    await expect(packedWith(programOfNode({ version: "" }))).rejects.toThrow(/it is not Node\.js/u);
  });

  test("takes no Node.js whose segments are such that one more would be a guess", async () => {
    await expect(packedWith(programOfNode({ version: process.version, architecture: other }), other)).rejects.toThrow(
      /its segments lie otherwise than in nodejs\.org's/u,
    );
  });

  test("refuses an await outside of functions with its place, and what is about the file itself is the program", async () => {
    const directory = sources({
      "waits.mjs": "\nawait 1;\n",
      "own.mjs": 'import("node:os").then(({ EOL }) => console.log(EOL, import.meta.url, import.meta.dirname));\n',
    });
    await expect(bundleExtension(join(directory, "waits.mjs"), "waits", "cjs")).rejects.toMatchObject({
      code: "extension-not-bundled",
      message: expect.stringMatching(/^waits\.mjs:2:1: An await outside of functions: with --standalone/mu),
    });
    const { code, warnings } = await bundleExtension(join(directory, "own.mjs"), "own", "cjs");
    const file = join(directory, "own.cjs");
    writeFileSync(file, code);
    expect(warnings).toEqual([]);
    expect(execFileSync(process.execPath, [file], { encoding: "utf8" })).toBe(
      `${EOL} ${pathToFileURL(file).href} ${directory}\n`,
    );
  });
});

/** As long as Node.js, and as much of it as is looked at before it is started. */
function programOfNode({ version = process.version, architecture = "x86_64", fuse: lit = `${fuse}0` }): Buffer {
  const bytes = Buffer.alloc(30_000_000);
  bytes.writeUInt32BE(0x7f454c46);
  bytes.set([2, 1, 1], 4);
  bytes.writeUInt16LE(architecture === "arm64" ? 0xb7 : 0x3e, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.write(`node.js/${version}\0${lit}`, 4096);
  return bytes;
}

test.each([
  ["my-extension.ts", "my-extension"],
  ["shipper.mjs", "shipper"],
  ["/home/me/my-extension/index.ts", "my-extension"],
  ["/home/me/my-extension/src/index.ts", "my-extension"],
  ["/home/me/my-extension/src/extension.ts", "my-extension"],
])("%s is the extension %s", (file, name) => {
  expect(extensionName(file)).toBe(name);
});
