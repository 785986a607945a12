/** Which version a call runs, or what its caller is told instead (SVC-29, SVC-62, SVC-85, SVC-115). */
import { versionByChance } from "../aliases/weights.ts";
import type { FunctionTarget } from "../directory.ts";
import { functionArn } from "../names/arns.ts";
import { isVersionNumber } from "../names/function-names.ts";
import { serviceError, type ServiceError } from "../service-error.ts";
import type { Deployment, FunctionRecord, Problem, VersionRecord } from "../state/records.ts";
import { takesSnapshot } from "./deployment.ts";

export type ResolvedCall =
  | { readonly kind: "found"; readonly version: string; readonly deployment: Deployment; readonly alias?: string }
  | { readonly kind: "refused"; readonly error: ServiceError };

export function resolveCall(
  accountId: string,
  record: FunctionRecord | undefined,
  target: FunctionTarget,
  chance: number,
): ResolvedCall {
  const { region, name, qualifier = "$LATEST" } = target;
  const missing = refused(
    "ResourceNotFoundException",
    `Function not found: ${functionArn({ region, accountId }, name, qualifier)}`,
  );
  if (record === undefined) return missing;
  const alias = isVersionNumber(qualifier) || qualifier === "$LATEST" ? undefined : record.aliases[qualifier];
  const number = alias === undefined ? qualifier : versionByChance(alias, chance);
  const found = number === "$LATEST" ? latest(record) : published(record, number);
  if (found === undefined) return missing;
  return found.kind === "refused" || alias === undefined ? found : { ...found, alias: alias.name };
}

/** SVC-93: while an update is in progress, and after one that failed, what ran before. */
function latest({ latest: version, running }: FunctionRecord): ResolvedCall {
  if (running === undefined) return notReady(version);
  return { kind: "found", version: "$LATEST", deployment: running };
}

function published(record: FunctionRecord, number: string): ResolvedCall | undefined {
  const version = record.versions.find((candidate) => candidate.version === number);
  if (version === undefined) return undefined;
  if (version.state !== "Active") return notReady(version);
  return { kind: "found", version: number, deployment: version.deployment };
}

function notReady({ state, stateProblem, deployment, version }: VersionRecord): ResolvedCall {
  if (state === "Failed" && stateProblem?.code === missingProgram)
    return refused("InvalidRuntimeException", stateProblem.reason);
  if (state === "Pending" && version !== "$LATEST" && takesSnapshot(deployment))
    return refused(
      "SnapStartNotReadyException",
      "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.",
    );
  return refused(
    "ResourceConflictException",
    `The operation cannot be performed at this time. The function is currently in the following state: ${state}`,
  );
}

const missingProgram: Problem["code"] = "InvalidRuntime";

const refused = (name: ServiceError["name"], message: string): ResolvedCall => ({
  kind: "refused",
  error: serviceError(name, message),
});
