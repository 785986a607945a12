/** Which packages the state still names. */
import type { CodeReference } from "./records.ts";
import type { ServiceState } from "./service-state.ts";

/** By hash. */
export function keptCode(state: ServiceState): ReadonlySet<string> {
  const codes: CodeReference[] = [];
  for (const { latest, running, versions } of state.allFunctions())
    for (const deployment of [latest.deployment, running, ...versions.map((version) => version.deployment)])
      if (deployment !== undefined) codes.push(deployment.code, ...deployment.layers.map(({ code }) => code));
  for (const { versions } of state.allLayers()) codes.push(...versions.map(({ code }) => code));
  return new Set(codes.map(({ sha256 }) => sha256));
}
