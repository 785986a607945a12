/** Which sandbox driver is used, and why. */
import { failure } from "../errors.ts";
import { createLinuxDriver } from "./linux/linux-driver.ts";
import type { LinuxDriver } from "./linux/linux-driver.ts";
import { createProcessDriver } from "./process/process-driver.ts";
import { sandboxFeatures } from "./sandbox.ts";
import type { SandboxDriver, SandboxDriverName } from "./sandbox.ts";

export interface ChosenDriver {
  readonly driver: SandboxDriver;
  /** Which driver it is and why, in one line for the user. */
  readonly line: string;
}

/**
 * Gives the driver asked for. `auto` is the isolating one where a throw-away sandbox really worked and everything that
 * can be enforced is, and the process driver elsewhere.
 * @throws LambdariumError `sandbox-driver-unavailable` when the driver asked for cannot work here.
 */
export async function chooseDriver(
  wanted: "auto" | SandboxDriverName,
  findLinux: () => Promise<LinuxDriver> = createLinuxDriver,
): Promise<ChosenDriver> {
  switch (wanted) {
    case "process":
      return { driver: createProcessDriver(), line: 'Sandbox driver "process", as you asked.' };
    case "linux": {
      const linux = await findLinux();
      if (!linux.available) {
        throw failure("sandbox-driver-unavailable", { driver: "linux", why: linux.why });
      }
      return { driver: linux.driver, line: `Sandbox driver "linux" (${linux.by}), as you asked.` };
    }
    case "auto": {
      const linux = await findLinux();
      const why = linux.available ? whatIsLacking(linux.driver) : linux.why;
      return linux.available && why === ""
        ? { driver: linux.driver, line: `Sandbox driver "linux" (${linux.by}).` }
        : { driver: createProcessDriver(), line: `Sandbox driver "process", for "linux" cannot do all here: ${why}.` };
    }
    default:
      return wanted satisfies never;
  }
}

function whatIsLacking({ capabilities }: SandboxDriver): string {
  return sandboxFeatures
    .filter((feature) => feature !== "snapshot" && capabilities[feature].level !== "enforced")
    .map((feature) => `${feature} would be ${capabilities[feature].level} (${capabilities[feature].reason})`)
    .join("; ");
}
