import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorCodes } from "./errors.ts";

test("docs/errors.md explains every error in the catalogue's order, says who can mend it, and explains no other", () => {
  const text = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
  const [, ...sections] = text.split(/^## /mu);
  const documented = sections.map((section) => {
    const [code, , mendedBy, , ...explanation] = section.trimEnd().split("\n");
    return { code, mendedBy: mendedBy?.replace("Mended by: ", ""), explained: explanation.join("").length > 40 };
  });
  expect(documented).toEqual(errorCodes.map(({ code, mendedBy }) => ({ code, mendedBy, explained: true })));
});
