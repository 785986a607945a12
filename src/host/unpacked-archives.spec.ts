import { createWriteStream, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import yazl from "yazl";
import { UnpackedArchives } from "./unpacked-archives.ts";

let sources: string;
let temporary: string;

beforeEach(() => {
  sources = mkdtempSync(join(realpathSync(tmpdir()), "lambdarium-spec-"));
  temporary = mkdtempSync(join(sources, "tmp-"));
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(sources, { recursive: true, force: true });
});

async function archiveOf(bytes: number): Promise<string> {
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.alloc(bytes, "x"), "file");
  zip.end();
  const path = join(mkdtempSync(join(sources, "zip-")), "archive.zip");
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}

const limits = { unpackedBytes: 1000, entries: 10 };

test("unpacks each archive into a directory of its own, and removes all of them", async () => {
  const archives = new UnpackedArchives(limits);
  const [one, two] = await Promise.all([
    archives.unpack(await archiveOf(400), "function-not-found"),
    archives.unpack(await archiveOf(600), "layer-not-found"),
  ]);
  expect([one, two].map((directory) => readFileSync(join(directory, "file")).length)).toEqual([400, 600]);
  await archives.remove();
  expect(readdirSync(temporary)).toEqual([]);
});

test("[ENV-19] refuses what is too large together, though each is small enough by itself", async () => {
  const archives = new UnpackedArchives(limits);
  await archives.unpack(await archiveOf(400), "function-not-found");
  await expect(archives.unpack(await archiveOf(601), "layer-not-found")).rejects.toMatchObject({
    code: "archive-too-large",
    message: expect.stringContaining("1,000 bytes"),
  });
  await archives.remove();
});

test("says which archive is missing, and makes no directory for it", async () => {
  const archives = new UnpackedArchives(limits);
  await expect(archives.unpack(join(sources, "none.zip"), "layer-not-found")).rejects.toMatchObject({
    code: "layer-not-found",
  });
  await archives.remove();
  expect(readdirSync(temporary)).toEqual([]);
});

test("leaves nothing of an archive that was still being unpacked when another failed", async () => {
  const archives = new UnpackedArchives({ unpackedBytes: 10_000_000, entries: 10 });
  const slow = archives.unpack(await archiveOf(5_000_000), "layer-not-found");
  await expect(archives.unpack(join(sources, "none.zip"), "layer-not-found")).rejects.toThrow(/no layer/);
  await archives.remove();
  expect(readdirSync(temporary)).toEqual([]);
  await slow;
});
