import type { AllocationKey } from "../pool/fleet.ts";

/** Names the provisioned concurrency of a version or an alias. */
export const allocationKey = (region: string, functionName: string, qualifier: string): AllocationKey =>
  `${region}:${functionName}:${qualifier}`;
