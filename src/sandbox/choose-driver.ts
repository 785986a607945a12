/** Which sandbox driver is used, and why. */
import { failure } from "../errors.ts";
import { createProcessDriver } from "./process/process-driver.ts";
import type { SandboxDriver, SandboxDriverName } from "./sandbox.ts";

export interface ChosenDriver {
  readonly driver: SandboxDriver;
  /** Which driver it is and why, in one line for the user. */
  readonly line: string;
}

/**
 * Gives the driver asked for, or with `auto` the best one that works on this machine.
 * @throws LambdariumError `sandbox-driver-unavailable` when the driver asked for cannot work here.
 */
export function chooseDriver(wanted: "auto" | SandboxDriverName): ChosenDriver {
  switch (wanted) {
    case "process":
      return { driver: createProcessDriver(), line: 'Sandbox driver "process", as you asked.' };
    case "linux":
      throw failure("sandbox-driver-unavailable", { driver: "linux", why: "it is not available yet" });
    case "auto":
      return {
        driver: createProcessDriver(),
        line: 'Sandbox driver "process": the isolating driver "linux" is not available yet.',
      };
    default:
      return wanted satisfies never;
  }
}
