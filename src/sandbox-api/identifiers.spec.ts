import { expect, test } from "vitest";
import { normalizeIdentifier } from "./identifiers.ts";

const id = "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5";

test.each([
  id,
  id.toUpperCase(),
  id.replaceAll("-", ""),
  id.replaceAll("-", "").toUpperCase(),
  `{${id}}`,
  `{${id.toUpperCase()}}`,
  `urn:uuid:${id}`,
  `URN:UUID:${id.toUpperCase()}`,
])("[EXT-45] %s is the same identifier", (text) => {
  expect(normalizeIdentifier(text)).toBe(id);
});

test.each([
  "",
  "me",
  id.slice(1),
  `${id}0`,
  ` ${id}`,
  `{${id}`,
  `${id}}`,
  id.replace("-", ""),
  id.replace("7", "g"),
  `urn:uuid:${id.replaceAll("-", "")}`,
  `uuid:${id}`,
])("[EXT-44] %j is no identifier", (text) => {
  expect(normalizeIdentifier(text)).toBeUndefined();
});
