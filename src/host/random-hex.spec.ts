import { expect, test } from "vitest";
import { randomHex } from "./random-hex.ts";

test("gives as many digits as are asked for, never the same ones, also when what was drawn in advance is used up", () => {
  const given = Array.from({ length: 1000 }, () => randomHex(56));
  expect(given.filter((digits) => !/^[0-9a-f]{56}$/u.test(digits))).toEqual([]);
  expect(new Set(given.flatMap((digits) => digits.match(/.{14}/gu))).size).toBe(4000);
});
