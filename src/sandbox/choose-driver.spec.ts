import { expect, test } from "vitest";
import { chooseDriver } from "./choose-driver.ts";
import { createProcessDriver } from "./process/process-driver.ts";

const unavailable = async () => ({ available: false, why: "there is no kernel for it" }) as const;

test("takes the process driver when asked for it, or when nothing better works, and says why", async () => {
  const chosen = [await chooseDriver("process"), await chooseDriver("auto", unavailable)];
  expect(chosen.map(({ driver }) => driver.name)).toEqual(["process", "process"]);
  expect(chosen.map(({ line }) => line)).toEqual([
    expect.stringContaining("as you asked"),
    expect.stringContaining("there is no kernel for it"),
  ]);
});

test("looks for no other driver where the process driver is asked for", async () => {
  const look = async () => {
    throw new Error("looked");
  };
  expect((await chooseDriver("process", look)).driver.name).toBe("process");
});

test("takes the linux driver by itself where everything is enforced, by name also where less is", async () => {
  const weak = createProcessDriver();
  const strong = {
    ...weak,
    name: "linux",
    capabilities: Object.fromEntries(
      Object.keys(weak.capabilities).map((feature) => [feature, { level: "enforced", reason: "" }]),
    ) as unknown as typeof weak.capabilities,
  } as const;
  const found = async (driver: typeof weak) => ({ available: true, driver, by: "crun" }) as const;
  const chosen = [
    await chooseDriver("auto", async () => found(strong)),
    await chooseDriver("auto", async () => found(weak)),
    await chooseDriver("linux", async () => found(weak)),
  ];
  expect(chosen.map(({ line }) => line)).toEqual([
    'Sandbox driver "linux" (crun).',
    expect.stringMatching(/^Sandbox driver "process", .*memory limit would be not enforced/u),
    'Sandbox driver "linux" (crun), as you asked.',
  ]);
});

test("refuses the linux driver by name, with the reason, where it does not work", async () => {
  await expect(chooseDriver("linux", unavailable)).rejects.toMatchObject({
    code: "sandbox-driver-unavailable",
    message: expect.stringContaining("there is no kernel for it"),
  });
});
