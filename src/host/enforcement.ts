/** What the sandbox enforces, for whoever must know before the first run (ENV-151, ENV-153). */
import { failure } from "../errors.ts";
import type { ChosenDriver } from "../sandbox/choose-driver.ts";
import { type Capabilities, sandboxFeatures } from "../sandbox/sandbox.ts";
import type { HostedFunction, HostSettings } from "./hosted-function.ts";

export type { Capabilities };

/** What is enforced, in one line; empty when nothing is. What is not, is in the driver's own notice. */
export function enforcedLine({ capabilities }: { readonly capabilities: Capabilities }): string {
  const enforced = sandboxFeatures.filter((feature) => capabilities[feature].level === "enforced");
  return enforced.length === 0 ? "" : `Enforced as on Lambda: ${enforced.join(", ")}.`;
}

/** @throws LambdariumError `sandbox-not-strict` when any feature this function needs would be less than enforced. */
export function refuseLessThanEnforced(
  { driver, line }: ChosenDriver,
  { initializationType }: Pick<HostedFunction, "initializationType">,
  { freeze }: Pick<HostSettings, "freeze">,
): void {
  const weak = sandboxFeatures
    // Only SnapStart takes snapshots.
    .filter((feature) => feature !== "snapshot" || initializationType === "snap-start")
    .map((feature) => ({
      feature,
      ...(feature === "freeze" && !freeze ? switchedOff : driver.capabilities[feature]),
    }))
    .filter(({ level }) => level !== "enforced")
    .map(({ feature, level, reason }) => `${feature} is ${level} (${reason})`);
  if (weak.length > 0) throw failure("sandbox-not-strict", { line, features: weak.join("; ") });
}

const switchedOff = { level: "not enforced", reason: "it was switched off" } as const;
