import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeProject } from "./write-project.ts";

const room = mkdtempSync(join(tmpdir(), "lambdarium-scaffold-"));
afterAll(() => rmSync(room, { recursive: true }));

const files = { "a.txt": "a", "b/c.txt": "c" };

test("a project is written into a directory that is new, or empty", async () => {
  mkdirSync(join(room, "empty"));
  for (const name of ["new", "empty"]) {
    await writeProject(join(room, name), files);
    expect(readFileSync(join(room, name, "b/c.txt"), "utf8")).toBe("c");
  }
});

test("what is there is left as it is", async () => {
  mkdirSync(join(room, "full"));
  writeFileSync(join(room, "full/mine.txt"), "mine");
  writeFileSync(join(room, "file"), "mine");
  for (const name of ["full", "file"])
    await expect(writeProject(join(room, name), files)).rejects.toMatchObject({ code: "file-in-the-way" });
  expect(readdirSync(join(room, "full"))).toEqual(["mine.txt"]);
  expect(readFileSync(join(room, "file"), "utf8")).toBe("mine");
});

test("what cannot be written leaves nothing", async () => {
  const before = readdirSync(room);
  await expect(writeProject(join(room, "broken"), { a: "a", "a/b": "b" })).rejects.toMatchObject({
    code: "output-unwritable",
  });
  expect(readdirSync(room)).toEqual(before);
});
