import { expect, test } from "vitest";
import { parseInspectWish } from "./inspect-wish.ts";

test.each([
  ["", { port: 9229 }],
  ["9230", { port: 9230 }],
  [":9230", { port: 9230 }],
  ["hello", { name: "hello", port: 9229 }],
  ["hello:9230", { name: "hello", port: 9230 }],
  ["my-extension.mjs:0", { name: "my-extension.mjs", port: 0 }],
])("--inspect=%s", (text, wish) => {
  expect(parseInspectWish(text)).toEqual(wish);
});

test.each(["a b", "hello:99999", "http://x"])("--inspect=%s is refused", (text) => {
  expect(() => parseInspectWish(text)).toThrow(/^it/);
});
