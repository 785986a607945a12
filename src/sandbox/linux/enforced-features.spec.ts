import { afterAll, describe, expect, test } from "vitest";
import { enforcementChecks } from "../../../test/contract/enforcement-checks.ts";
import { linuxForTests, workshops } from "../../../test/contract/linux-sandbox.ts";
import { clearDirectories } from "../../../test/contract/sandbox-programs.ts";
import { createProcessDriver } from "../process/process-driver.ts";
import type { Enforcement, SandboxFeature } from "../sandbox.ts";

const features = Object.keys(enforcementChecks) as (keyof typeof enforcementChecks)[];
const linux = await linuxForTests();
const bare = createProcessDriver();

/** For titles: why the feature is not tested here. */
const unless = ({ level, reason }: Enforcement): string => (level === "enforced" ? "" : ` (skipped: ${reason})`);

afterAll(clearDirectories);

describe.each([linux, { driver: bare, missing: false, title: "the process driver" }])(
  "what $title calls enforced",
  ({ driver, missing }) => {
    const open = workshops(driver);

    for (const feature of features) {
      const enforcement = driver.capabilities[feature];
      const skipped = [missing, enforcement.level !== "enforced"].some(Boolean);
      test.skipIf(skipped)(`[ENV-152] ${feature} holds${unless(enforcement)}`, async () => {
        expect(await enforcementChecks[feature](open)).toBe(true);
      });
    }
  },
);

describe.skipIf(process.platform !== "linux")("where nothing is enforced", () => {
  const open = workshops(bare);
  // A bomb would be one for this machine, and the limit of descriptors may be the same here.
  const harmless = features.filter(
    (feature: SandboxFeature) => feature !== "process limit" && feature !== "descriptor limit",
  );

  test.each(harmless)("[ENV-152] the test of what is enforced fails: %s", async (feature) => {
    expect(bare.capabilities[feature].level).not.toBe("enforced");
    expect(await enforcementChecks[feature](open)).toBe(false);
  });
});
