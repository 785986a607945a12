/** What is wrong with layers, each alone: written, read as a user's directory, and checked. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkUnzipped, checkZipped } from "./check-size.ts";
import { packExtension, type PackRequest } from "./pack-extension.ts";

const room = mkdtempSync(join(tmpdir(), "lambdarium-packing-"));
afterAll(() => rmSync(room, { recursive: true }));

type Content = Readonly<Record<string, string | Buffer>>;

/** What is in extensions/ can be executed. */
function layer(content: Content): string {
  const directory = mkdtempSync(join(room, "layer-"));
  for (const [path, text] of Object.entries(content)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
    chmodSync(join(directory, path), path.startsWith("extensions/") ? 0o755 : 0o644);
  }
  return directory;
}

async function codes(content: Content, request: Partial<PackRequest> = {}): Promise<string[]> {
  const { findings } = await packExtension({ entry: layer(content), ...request });
  return findings.map(({ code }) => code);
}

const shell = "#!/bin/sh\nexit 0\n";

/** As much of a program of 64 bits as its header says. */
function elf(machine: number, loader?: string): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32BE(0x7f454c46);
  bytes.set([2, 1, 1], 4);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(loader === undefined ? 0 : 1, 56);
  if (loader === undefined) return bytes;
  bytes.writeUInt32LE(3, 64);
  bytes.writeBigUInt64LE(160n, 72);
  bytes.writeBigUInt64LE(BigInt(loader.length + 1), 96);
  bytes.write(loader, 160, "latin1");
  return bytes;
}

/** As much of Node.js. */
const node = Buffer.concat([
  elf(0x3e, "/lib64/ld-linux-x86-64.so.2"),
  Buffer.from("NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0"),
]);

const forX86 = 0x3e;
const forArm = 0xb7;

test.each<[string, Content, readonly string[], Partial<PackRequest>?]>([
  ["a program of the shell", { "extensions/mine": shell }, []],
  ["no extension", { "bin/mine": shell }, ["no-extension"]],
  ["a folder in extensions/, which Lambda skips", { "extensions/mine": shell, "extensions/lib/a.txt": "a" }, []],
  [
    "eleven extensions",
    Object.fromEntries([...Array(11).keys()].map((at) => [`extensions/e${at}`, shell])),
    ["too-many-extensions"],
  ],
  ["a licence beside the program", { "extensions/mine": shell, "extensions/LICENSE": "MIT" }, ["not-a-program"]],
  ["a source map beside the program", { "extensions/mine": shell, "extensions/mine.map": "{}" }, ["not-a-program"]],
  ["a name with a space", { "extensions/my extension": shell }, ["name-invalid"]],
  ["a name that is too long", { [`extensions/${"x".repeat(129)}`]: shell }, ["name-invalid"]],
  [
    "[EXT-98] the file that switches all extensions off",
    { "extensions/mine": shell, "disable-extensions-jwigqn8j": "" },
    ["name-reserved"],
  ],
  [
    "an extension whose bundle would lie where that file does",
    { "extensions/disable-extensions-jwigqn8j": shell, "disable-extensions-jwigqn8j/index.mjs": "" },
    ["name-reserved"],
  ],
  ["a bootstrap", { "extensions/mine": shell, bootstrap: shell }, ["bootstrap-in-layer"]],
  [
    "[EXT-09] a header with another name",
    { "extensions/mine": `#!/usr/bin/env node\nfetch(url, { headers: { "Lambda-Extension-Name": "other" } });` },
    ["name-differs"],
  ],
  ["line ends of Windows", { "extensions/mine": "#!/bin/sh\r\nexit 0\r\n" }, ["line-ends-mended"]],
  [
    "a shell that hands over to a file that is there",
    { "extensions/mine": "#!/bin/sh\nexec /opt/mine/run\n", "mine/run": shell },
    [],
  ],
  [
    "a shell that hands over to nothing",
    { "extensions/mine": "#!/bin/sh\nexec /opt/mine/run\n" },
    ["interpreter-not-in-layer"],
  ],
  ["an interpreter that nobody knows", { "extensions/mine": "#!/usr/bin/perl\n" }, ["interpreter-unknown"]],
  ["Python on a runtime with it", { "extensions/mine": "#!/usr/bin/env python3\n" }, [], { runtimes: ["python3.13"] }],
  [
    "Python on Node.js",
    { "extensions/mine": "#!/usr/bin/env python3\n" },
    ["interpreter-missing"],
    { runtimes: ["nodejs22.x"] },
  ],
  [
    "a launcher of node on Python",
    { "extensions/mine": "#!/bin/bash\nexec node /opt/x.js\n" },
    ["interpreter-missing"],
    { runtimes: ["python3.13"] },
  ],
  ["a program for the processor", { "extensions/mine": elf(forArm) }, [], { architectures: ["arm64"] }],
  [
    "a program for the other one",
    { "extensions/mine": elf(forX86) },
    ["architecture-wrong"],
    { architectures: ["arm64"] },
  ],
  [
    "a library for the other one",
    { "extensions/mine": shell, "lib/a.so": elf(forX86) },
    ["architecture-wrong"],
    { architectures: ["arm64"] },
  ],
  [
    "a program for both",
    { "extensions/mine": elf(forX86) },
    ["architecture-wrong"],
    { architectures: ["x86_64", "arm64"] },
  ],
  ["a program for another machine", { "extensions/mine": elf(0xf3) }, ["architecture-missing"]],
  ["a program of macOS", { "extensions/mine": Buffer.from("cffaedfe07000001", "hex") }, ["architecture-missing"]],
  ["a program linked against glibc", { "extensions/mine": elf(forX86, "/lib64/ld-linux-x86-64.so.2") }, []],
  ["a program linked against musl", { "extensions/mine": elf(forX86, "/lib/ld-musl-x86_64.so.1") }, ["loader-missing"]],
  [
    "Node.js brought along for Amazon Linux 2",
    { "extensions/mine": shell, "mine/node": node },
    ["system-too-old"],
    { runtimes: ["provided.al2", "provided.al2023"] },
  ],
  ["the Runtime API's port", { "extensions/mine": "#!/usr/bin/env node\nserver.listen(9001);" }, ["port-reserved"]],
  ["a port of others", { "extensions/mine": "#!/usr/bin/env node\nconst port = 4_317;" }, ["port-clash"]],
  [
    "a port of others, in Python",
    { "extensions/mine": '#!/usr/bin/env python3\nHTTPServer(("0.0.0.0", 8080), H)' },
    ["port-clash"],
  ],
  [
    "a port of others in a destination",
    { "extensions/mine": '#!/bin/sh\nuri="http://sandbox.localdomain:4243"' },
    ["port-clash"],
  ],
  ["a port of nobody", { "extensions/mine": "#!/usr/bin/env node\nserver.listen(12001);" }, []],
  [
    "[ENV-51] a variable of the runtime",
    { "extensions/mine": '#!/usr/bin/env python3\nos.environ["_HANDLER"]' },
    ["variable-not-there"],
  ],
  [
    "a variable with AWS's prefix",
    { "extensions/mine": "#!/usr/bin/env node\nprocess.env.AWS_LAMBDA_MINE" },
    ["variable-reserved"],
  ],
  ["variables of Lambda and of one's own", { "extensions/mine": "#!/bin/sh\necho $AWS_LAMBDA_RUNTIME_API $MINE" }, []],
])("%s", async (_, content, expected, request) => {
  expect(await codes(content, request)).toEqual(expected);
});

test("what is not executable is, in the archive, and whoever packs is told", async () => {
  const directory = layer({ "extensions/mine": shell });
  chmodSync(join(directory, "extensions/mine"), 0o644);
  const { findings, files } = await packExtension({ entry: directory });
  expect(findings.map(({ code }) => code)).toEqual(["mode-mended"]);
  expect(files).toEqual([{ path: "extensions/mine", bytes: shell.length, mode: "755" }]);
});

test("a layer is for what its programs are for", async () => {
  expect(await packExtension({ entry: layer({ "extensions/mine": elf(forArm) }) })).toMatchObject({
    architectures: ["arm64"],
    runtimes: [],
  });
  expect(await packExtension({ entry: layer({ "extensions/mine": "#!/usr/bin/env python3\n" }) })).toMatchObject({
    architectures: ["x86_64", "arm64"],
    runtimes: expect.arrayContaining(["python3.13"]),
  });
});

test("a layer that brings Node.js along is for all of Amazon Linux 2023, whatever the language", async () => {
  const { runtimes } = await packExtension({ entry: layer({ "extensions/mine": shell, "mine/node": node }) });
  expect(runtimes).toEqual(expect.arrayContaining(["provided.al2023", "java21", "python3.13", "nodejs22.x"]));
  expect(runtimes).not.toContain("provided.al2");
  expect(runtimes.length).toBeLessThanOrEqual(15);
});

test("no archive is made of what would fail", async () => {
  expect((await packExtension({ entry: layer({}) })).archive).toBeUndefined();
});

test("Lambda's limits of size", () => {
  const of = (bytes: number) => [{ path: "extensions/mine", bytes: { length: bytes } as Buffer, mode: 0o755 }];
  expect(checkUnzipped(of(1_000_000))).toEqual([]);
  expect(checkUnzipped(of(90_000_000)).map(({ code }) => code)).toEqual(["much-of-the-limit"]);
  expect(checkUnzipped(of(262_144_001)).map(({ code }) => code)).toEqual(["too-large-unzipped"]);
  expect(checkZipped(52_428_800)).toEqual([]);
  expect(checkZipped(52_428_801).map(({ code }) => code)).toEqual(["too-large-to-upload"]);
});
