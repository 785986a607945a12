import { execFileSync } from "node:child_process";
import { describe, test } from "vitest";
import { describeSandboxDriver } from "../../../test/contract/sandbox-driver.ts";
import { createLinuxDriver } from "./linux-driver.ts";

const linux = await createLinuxDriver();
if (linux.available) {
  describeSandboxDriver(linux.driver, (_, id) => tracesOf(id));
} else {
  describe.skip(`the linux driver (${linux.why})`, () => {
    test("isolates", () => undefined);
  });
}

/** Directories and control groups named for a sandbox, and what is mounted from them. */
function tracesOf(id: string): readonly string[] {
  const roots = ["/tmp/lambdarium-sandboxes-0", "/sys/fs/cgroup"];
  const found = execFileSync("find", [...roots, "-maxdepth", "4", "-name", `${id}-*`], { encoding: "utf8" });
  return found.split("\n").filter(Boolean);
}
