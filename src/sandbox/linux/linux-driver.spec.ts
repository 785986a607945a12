import { describe, test } from "vitest";
import { describeSandboxDriver } from "../../../test/contract/sandbox-driver.ts";
import { createLinuxDriver } from "./linux-driver.ts";

const linux = await createLinuxDriver();
if (linux.available) {
  describeSandboxDriver(linux.driver);
} else {
  describe.skip(`the linux driver (${linux.why})`, () => {
    test("isolates", () => undefined);
  });
}
