/** Which packages the state still names. */
import type { CodeReference, FunctionRecord, LayerVersionRecord } from "./records.ts";
import type { ServiceState } from "./service-state.ts";

/** By hash; `mapped` are layers that settings name. */
export function keptCode(
  state: ServiceState,
  mapped: ReadonlyMap<string, LayerVersionRecord> = new Map(),
): ReadonlySet<string> {
  const codes = [...mapped.values()].map(({ code }) => code);
  for (const record of state.allFunctions()) codes.push(...codeOf(record));
  for (const { versions } of state.allLayers()) codes.push(...versions.map(({ code }) => code));
  return new Set(codes.map(({ sha256 }) => sha256));
}

/** Of all versions, layers included. */
export const codeOf = ({ latest, running, versions }: FunctionRecord): readonly CodeReference[] =>
  [latest.deployment, running, ...versions.map(({ deployment }) => deployment)].flatMap((deployment) =>
    deployment === undefined ? [] : [deployment.code, ...deployment.layers.map(({ code }) => code)],
  );
