import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findingCodes } from "./findings.ts";

test("docs/extensions.md lists everything that is checked, in the catalogue's order, and nothing else", () => {
  const text = readFileSync(new URL("../../docs/extensions.md", import.meta.url), "utf8");
  const [, checked = ""] = text.split("### What is checked");
  const rows = [...checked.split("\n## ")[0]!.matchAll(/^\| `([\w-]+)` \| (\w+) \|/gmu)];
  expect(rows.map(([, code, severity]) => ({ code, severity }))).toEqual(findingCodes);
});
