import { expect, test } from "vitest";
import { allCapabilities, noCapabilities } from "../../test/fixtures/capabilities.ts";
import type { Capabilities } from "../sandbox/sandbox.ts";
import { enforcedLine, refuseLessThanEnforced } from "./enforcement.ts";

const lacksSnapshot: Capabilities = { ...allCapabilities, snapshot: { level: "not enforced", reason: "not saved" } };

const start =
  (capabilities: Capabilities, settings: { snapStart?: boolean; freeze?: boolean } = {}) =>
  () =>
    refuseLessThanEnforced(
      {
        driver: { name: "linux", capabilities, notice: "", create: () => Promise.reject(new Error("not made")) },
        line: "Sandbox driver.",
      },
      { initializationType: settings.snapStart ? "snap-start" : "on-demand" },
      { freeze: settings.freeze ?? true },
    );

test("says what is enforced, or nothing when nothing is", () => {
  expect(enforcedLine({ capabilities: { ...noCapabilities, freeze: allCapabilities.freeze } })).toBe(
    "Enforced as on Lambda: freeze.",
  );
  expect(enforcedLine({ capabilities: noCapabilities })).toBe("");
});

test("[ENV-153] strict mode starts where everything is enforced; snapshots count for SnapStart only", () => {
  expect(start(allCapabilities)).not.toThrow();
  expect(start(lacksSnapshot)).not.toThrow();
  expect(start(lacksSnapshot, { snapStart: true })).toThrow("snapshot is not enforced (not saved)");
});

test("[ENV-153] strict mode refuses where one feature is less, and names all that are, with the reasons", () => {
  const capabilities: Capabilities = {
    ...allCapabilities,
    user: { level: "approximated", reason: "a name" },
    "CPU share": { level: "not enforced", reason: "no control groups" },
  };
  expect(start(capabilities)).toThrow(
    expect.objectContaining({
      code: "sandbox-not-strict",
      message: expect.stringContaining(
        "Sandbox driver. user is approximated (a name); CPU share is not enforced (no control groups).",
      ) as string,
    }),
  );
});

test("[ENV-153] strict mode refuses what was switched off by an option", () => {
  expect(start(allCapabilities, { freeze: false })).toThrow("freeze is not enforced (it was switched off)");
});
