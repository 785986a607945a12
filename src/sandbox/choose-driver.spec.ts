import { expect, test } from "vitest";
import { chooseDriver } from "./choose-driver.ts";

test("takes the process driver when asked for it, or when nothing better works, and says why", () => {
  const chosen = [chooseDriver("process"), chooseDriver("auto")];
  expect(chosen.map(({ driver }) => driver.name)).toEqual(["process", "process"]);
  expect(chosen.map(({ line }) => line)).toEqual([
    expect.stringContaining("as you asked"),
    expect.stringContaining("not available yet"),
  ]);
});

test("refuses the linux driver by name", () => {
  expect(() => chooseDriver("linux")).toThrow(
    expect.objectContaining({
      code: "sandbox-driver-unavailable",
      message: expect.stringContaining("not available yet"),
    }),
  );
});
