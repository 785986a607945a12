import { createWriteStream, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { lstat, mkdir, readFile, readlink, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32, deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { lambdaArchiveLimits } from "./archive-limits.ts";
import { archiveFailure, unpackArchive } from "./unpack-archive.ts";

let directory = "";
let destination = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "archive-spec-"));
  destination = join(directory, "unpacked", "code");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Nothing but the archive may be left. */
function leftovers(): readonly string[] {
  const parent = join(directory, "unpacked");
  return existsSync(parent) ? readdirSync(parent) : [];
}

test("[ENV-18] keeps structure, links and permission bits, whatever the umask", async () => {
  const previous = process.umask(0o077);
  try {
    const archive = await pack((zip) => {
      zip.addBuffer(Buffer.from("#!/bin/sh\r\nexit\r\n"), "bin/run", { mode: 0o100_755 });
      zip.addBuffer(Buffer.from("secret"), "private/key", { mode: 0o100_600 });
      zip.addBuffer(Buffer.from("../bin/run"), "private/link", { mode: 0o120_777 });
      zip.addBuffer(Buffer.from("x"), "set-uid", { mode: 0o104_755 });
      zip.addEmptyDirectory("empty", { mode: 0o040_750 });
    });
    const { unpackedBytes } = await unpackArchive(archive, destination);
    const modes = await Promise.all(
      ["", "bin", "bin/run", "private/key", "set-uid", "empty"].map(async (path) =>
        ((await lstat(join(destination, path))).mode & 0o7777).toString(8),
      ),
    );
    expect(modes).toEqual(["755", "755", "755", "600", "755", "750"]);
    expect(await readlink(join(destination, "private/link"))).toBe("../bin/run");
    expect(await readFile(join(destination, "private/link"), "utf8")).toBe("#!/bin/sh\r\nexit\r\n");
    expect(unpackedBytes).toBe(24);
  } finally {
    process.umask(previous);
  }
});

test("gives files 0644 and directories 0755 when the archive was made on Windows, and takes its backslashes", async () => {
  const archive = await craft([
    { name: "dir\\", madeOn: 0, mode: 0 },
    { name: "dir\\file.txt", madeOn: 0, mode: 0, content: "text" },
  ]);
  await unpackArchive(archive, destination);
  expect((await stat(join(destination, "dir"))).mode & 0o7777).toBe(0o755);
  expect((await stat(join(destination, "dir/file.txt"))).mode & 0o7777).toBe(0o644);
});

test("unpacks bytes as it unpacks a file", async () => {
  const archive = await readFile(await craft([{ name: "a", content: "1" }]));
  await unpackArchive(archive, destination);
  expect(await readFile(join(destination, "a"), "utf8")).toBe("1");
});

test("unpacks files that are too large to be held", async () => {
  const content = "0123456789".repeat(500_000);
  await unpackArchive(await craft([{ name: "large", content, deflate: true }]), destination);
  expect((await readFile(join(destination, "large"), "utf8")) === content).toBe(true);
});

test("[SVC-51] takes the last of two files with one name", async () => {
  const archive = await craft([{ name: "file", content: "first" }, { name: "b" }, { name: "./file", content: "last" }]);
  await unpackArchive(archive, destination);
  expect(await readFile(join(destination, "file"), "utf8")).toBe("last");
});

test("unpacks many files and directories that the archive does not name", async () => {
  const names = Array.from({ length: 500 }, (_, at) => `node_modules/package-${at}/lib/index.js`);
  const archive = await craft(names.map((name) => ({ name, content: name })));
  await unpackArchive(archive, destination);
  const contents = await Promise.all(names.map(async (name) => readFile(join(destination, name), "utf8")));
  expect(contents).toEqual(names);
});

test.each<[string, readonly Crafted[]]>([
  ["a path outside", [{ name: "../outside" }]],
  ["a path outside, deeper", [{ name: "a/../../outside" }]],
  ["a path outside with backslashes", [{ name: "..\\outside" }]],
  ["an absolute path", [{ name: "/tmp/absolute" }]],
  ["a path on a drive", [{ name: "C:/windows" }]],
  ["a NUL in the name", [{ name: "a\0b" }]],
  ["a link outside", [{ name: "link", mode: 0o120_777, content: "../outside" }]],
  ["an absolute link", [{ name: "link", mode: 0o120_777, content: "/etc/passwd" }]],
  [
    "links that lead outside together",
    [
      { name: "a/b/up", mode: 0o120_777, content: "../.." },
      { name: "out", mode: 0o120_777, content: "a/b/up/../outside" },
    ],
  ],
  [
    "a file below a link",
    [
      { name: "link", mode: 0o120_777, content: "directory" },
      { name: "directory/x" },
      { name: "link/written-through" },
    ],
  ],
  ["a file below a link that comes later", [{ name: "link/file" }, { name: "link", mode: 0o120_777, content: "." }]],
  ["a file below a file", [{ name: "file" }, { name: "file/below" }]],
  ["a directory and a file of one name", [{ name: "x/" }, { name: "x" }]],
  ["a link and a file of one name", [{ name: "x", mode: 0o120_777, content: "y" }, { name: "x" }]],
  ["a device", [{ name: "device", mode: 0o020_666 }]],
  ["an encrypted file", [{ name: "file", flags: 1 }]],
])("refuses %s, and leaves nothing behind", async (_, entries) => {
  const archive = await craft([{ name: "good" }, ...entries]);
  await expect(unpackArchive(archive, destination)).rejects.toMatchObject({ code: "archive-unsafe" });
  expect(leftovers()).toEqual([]);
});

test("takes links that go up and stay inside, and links that lead nowhere or to each other", async () => {
  const link = (name: string, content: string): Crafted => ({ name, content, mode: 0o120_777 });
  const archive = await craft([
    { name: "lib/real" },
    link("bin/up", "../lib/real"),
    link("nowhere", "lib/missing"),
    link("a", "b"),
    link("b", "a"),
  ]);
  await unpackArchive(archive, destination);
  expect(readdirSync(destination).toSorted()).toEqual(["a", "b", "bin", "lib", "nowhere"]);
});

test("[ENV-19] refuses more than 262,144,000 bytes unpacked, by what the archive declares", async () => {
  expect(lambdaArchiveLimits.unpackedBytes).toBe(262_144_000);
  const archive = await craft([
    { name: "half", declaredBytes: 131_072_000 },
    { name: "other-half", declaredBytes: 131_072_001 },
  ]);
  await expect(unpackArchive(archive, destination)).rejects.toMatchObject({ code: "archive-too-large" });
  expect(leftovers()).toEqual([]);
});

test("accepts exactly as many bytes and entries as the limits allow, and not one more", async () => {
  const archive = await craft([
    { name: "a", content: "12345" },
    { name: "b", content: "12345" },
  ]);
  const unpack = async (unpackedBytes: number, entries: number): Promise<unknown> =>
    unpackArchive(archive, join(directory, "unpacked", `${unpackedBytes}-${entries}`), { unpackedBytes, entries });
  await expect(unpack(10, 2)).resolves.toEqual({ unpackedBytes: 10 });
  await expect(unpack(9, 2)).rejects.toMatchObject({ code: "archive-too-large" });
  await expect(unpack(10, 1)).rejects.toMatchObject({ code: "archive-too-large" });
});

test.each([10, 2_000_000])("refuses content that is longer than the %i bytes declared", async (declaredBytes) => {
  const archive = await craft([{ name: "bomb", content: "0".repeat(50_000_000), deflate: true, declaredBytes }]);
  await expect(unpackArchive(archive, destination)).rejects.toMatchObject({ code: "archive-unreadable" });
  expect(leftovers()).toEqual([]);
});

test.each([7, 3_000_000])("refuses damaged content of %i bytes", async (length) => {
  const archive = await craft([{ name: "file", content: "x".repeat(length), checksum: 1, deflate: true }]);
  await expect(unpackArchive(archive, destination)).rejects.toMatchObject({ code: "archive-unreadable" });
  expect(leftovers()).toEqual([]);
});

test.each([0, 10, 60, 200])("refuses an archive of which only the first %i bytes are there", async (length) => {
  const archive = await craft([{ name: "file", content: "x".repeat(100) }]);
  await truncate(archive, length);
  await expect(unpackArchive(archive, destination)).rejects.toMatchObject({ code: "archive-unreadable" });
  expect(leftovers()).toEqual([]);
});

test("refuses what is no archive, or is not there", async () => {
  const text = join(directory, "text.zip");
  await writeFile(text, "This is no archive. ".repeat(50));
  await expect(unpackArchive(text, destination)).rejects.toMatchObject({ code: "archive-unreadable" });
  await expect(unpackArchive(join(directory, "missing.zip"), destination)).rejects.toMatchObject({
    code: "archive-unreadable",
  });
});

test("leaves alone what is in the way", async () => {
  const archive = await craft([{ name: "file", content: "new" }]);
  await mkdir(destination, { recursive: true });
  await writeFile(join(destination, "file"), "old");
  await expect(unpackArchive(archive, destination)).rejects.toMatchObject({ code: "archive-unreadable" });
  expect(await readFile(join(destination, "file"), "utf8")).toBe("old");
  expect(leftovers()).toEqual(["code"]);
});

test("says when the disk is full", () => {
  const error = Object.assign(new Error("no space"), { code: "ENOSPC" });
  expect(archiveFailure("a.zip", "/d", error)).toMatchObject({ code: "disk-full", mendedBy: "machine" });
});

async function pack(fill: (zip: ZipFile) => void): Promise<string> {
  const archive = join(directory, "archive.zip");
  const zip = new ZipFile();
  fill(zip);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(archive));
  return archive;
}

interface Crafted {
  readonly name: string;
  readonly content?: string;
  readonly mode?: number;
  /** System of the maker: 3 is Unix, 0 Windows. */
  readonly madeOn?: number;
  readonly flags?: number;
  readonly deflate?: boolean;
  /** What the archive says, where that is a lie. */
  readonly declaredBytes?: number;
  readonly checksum?: number;
}

/** Writes an archive as no honest program would. */
async function craft(entries: readonly Crafted[]): Promise<string> {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { name: text, content = "", mode = 0o100_644, madeOn = 3, flags = 0, deflate = false } = entry;
    const name = Buffer.from(text, "latin1");
    // An encrypted file begins with twelve bytes of its own.
    const plain = flags === 1 ? `${"?".repeat(12)}${content}` : content;
    const data = deflate ? deflateRawSync(plain) : Buffer.from(plain);
    const sum = entry.checksum ?? crc32(content);
    const declaredBytes = entry.declaredBytes ?? Buffer.byteLength(content);
    const packedBytes = deflate || entry.declaredBytes === undefined ? data.length : entry.declaredBytes;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(deflate ? 8 : 0, 4);
    shared.writeUInt32LE(sum, 10);
    shared.writeUInt32LE(packedBytes, 14);
    shared.writeUInt32LE(declaredBytes, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), shared, name, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, madeOn]), shared, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const directoryBytes = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directoryBytes.length, 8);
  end.writeUInt32LE(offset, 12);
  const archive = join(directory, "archive.zip");
  await writeFile(archive, Buffer.concat([...locals, directoryBytes, Buffer.from("PK\u0005\u0006"), end]));
  return archive;
}
