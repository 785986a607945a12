import { expect, test } from "vitest";
import { chooseDriver } from "./choose-driver.ts";
import { createProcessDriver } from "./process/process-driver.ts";

const unavailable = async () => ({ available: false, why: "there is no kernel for it" }) as const;

test("takes the process driver when asked for it, or when nothing better works, and says why", async () => {
  const chosen = [await chooseDriver("process"), await chooseDriver("auto", "wanted", unavailable)];
  expect(chosen.map(({ driver }) => driver.name)).toEqual(["process", "process"]);
  expect(chosen.map(({ line }) => line)).toEqual([
    expect.stringContaining("as you asked"),
    expect.stringContaining("there is no kernel for it"),
  ]);
});

test("takes the process driver by itself as long as nobody wants isolation, and looks for no other", async () => {
  const look = async () => {
    throw new Error("looked");
  };
  const { driver, line } = await chooseDriver("auto", "by name only", look);
  expect([driver.name, line]).toEqual(["process", expect.stringContaining("--sandbox linux")]);
});

test("takes the linux driver where isolation is wanted and everything is enforced", async () => {
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
    await chooseDriver("auto", "wanted", async () => found(strong)),
    await chooseDriver("auto", "wanted", async () => found(weak)),
    await chooseDriver("linux", "by name only", async () => found(weak)),
  ];
  expect(chosen.map(({ line }) => line)).toEqual([
    'Sandbox driver "linux" (crun).',
    expect.stringMatching(/^Sandbox driver "process": .*memory limit would be not enforced/u),
    'Sandbox driver "linux" (crun), as you asked.',
  ]);
});

test("refuses the linux driver by name, with the reason, where it does not work", async () => {
  await expect(chooseDriver("linux", "by name only", unavailable)).rejects.toMatchObject({
    code: "sandbox-driver-unavailable",
    message: expect.stringContaining("there is no kernel for it"),
  });
});
