import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

// Each row of the page is a claim; this holds the claims to tests that exist.
const page = readFileSync(new URL("../../docs/extensions-pain-points.md", import.meta.url), "utf8");
const rows = page.split("\n").filter((line) => /^\|\s*\d+ \|/.test(line));
const shownBy = (row: string) => [...row.matchAll(/`([^`]+\.spec\.ts)`: “([^”]+)”/g)];

const isTitleIn = (file: string, title: string): boolean =>
  readFileSync(new URL(`../../${file}`, import.meta.url), "utf8")
    .split("\n")
    .some((line) => /["'`]/.test(line) && line.includes(title));

test("the page of pain points has all of them, each with a thread and a test", () => {
  expect(rows.map((row) => Number(row.split("|")[1]))).toEqual(Array.from({ length: 55 }, (_, at) => at + 1));
  for (const row of rows) {
    expect(row).toContain("](https://github.com/");
    expect(shownBy(row)).not.toEqual([]);
  }
});

test("every test that the page names is there", () => {
  const missing = rows.flatMap(shownBy).filter(([, file, title]) => !isTitleIn(file!, title!));
  expect(missing.map(([whole]) => whole)).toEqual([]);
});
