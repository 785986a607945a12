import { expect, test } from "vitest";
import { describeRuntime, nearestIdentifier, runtimeIdentifiers } from "./runtime-catalogue.ts";

test("knows the managed runtimes of Node.js and Python and the OS-only ones", () => {
  expect(runtimeIdentifiers.join(" ")).toBe(
    "nodejs20.x nodejs22.x nodejs24.x python3.11 python3.12 python3.13 python3.14 provided.al2023 provided.al2",
  );
  expect(describeRuntime("python3.12")).toMatchObject({ language: "python", version: "3.12" });
});

test("refuses an unknown identifier and lists the known ones in the hint", () => {
  expect(() => describeRuntime("nodejs8.10")).toThrow(
    expect.objectContaining({ code: "runtime-unknown", hint: expect.stringContaining("nodejs22.x, nodejs24.x") }),
  );
});

test.each([
  ["nodejs", "20.20.2", "nodejs20.x"],
  ["nodejs", "21.0.0", "nodejs22.x"],
  ["nodejs", "23.1.0", "nodejs24.x"],
  ["nodejs", "26.0.0", "nodejs24.x"],
  ["python", "3.10.13", "python3.11"],
  ["python", "3.12", "python3.12"],
  ["python", "3.15.0", "python3.14"],
] as const)("chooses for %s %s the nearest identifier, the newer of two", (language, version, expected) => {
  expect(nearestIdentifier(language, version)).toBe(expected);
});
