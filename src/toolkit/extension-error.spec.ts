import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { extensionErrorCodes, reasonOf } from "./extension-error.ts";

test("the guide names every code", () => {
  const guide = readFileSync(new URL("../../docs/extensions.md", import.meta.url), "utf8");
  expect(Object.keys(extensionErrorCodes).filter((code) => !guide.includes(`\`${code}\``))).toEqual([]);
});

test.each([
  [new Error("first\nsecond"), "first"],
  [new TypeError(), "TypeError"],
  ["thrown text", "thrown text"],
])("the reason of %o is one line", (thrown, reason) => {
  expect(reasonOf(thrown)).toBe(reason);
});
