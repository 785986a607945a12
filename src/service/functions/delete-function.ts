/** DeleteFunction, of a function or of one version (SVC-41 to SVC-43, SVC-104, SVC-105). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { functionArn } from "../names/arns.ts";
import { isVersionNumber } from "../names/function-names.ts";
import type { Input } from "../model/operations.ts";
import { conflict, invalidValue } from "../refusal.ts";
import type { FunctionRecord } from "../state/records.ts";
import { without } from "../state/without.ts";
import { requireFunction, targetOf } from "./find-function.ts";

export function deleteFunction(given: Input<"DeleteFunction">, call: ControlCall): Answer {
  const target = targetOf(given, call);
  const { qualifier } = target;
  if (qualifier === "$LATEST") throw invalidValue("$LATEST version cannot be deleted without deleting the function.");
  if (qualifier !== undefined && !isVersionNumber(qualifier))
    throw invalidValue("Deletion of aliases is not currently supported.");
  const record = requireFunction(call, target);
  if (qualifier === undefined) return { changes: [{ kind: "function deleted", record }] };
  requireUnnamed(record, qualifier, call.accountId);
  return { changes: [{ kind: "function", record: withoutVersion(record, qualifier) }] };
}

function requireUnnamed(record: FunctionRecord, version: string, accountId: string): void {
  const naming = Object.values(record.aliases).filter(
    (alias) => alias.version === version || alias.weight?.version === version,
  );
  if (naming.length === 0) return;
  const arn = functionArn({ region: record.region, accountId }, record.name, version);
  throw conflict(
    `Version ${arn} cannot be deleted since it is named by the aliases [${naming.map(({ name }) => name).join(", ")}].`,
  );
}

function withoutVersion(record: FunctionRecord, version: string): FunctionRecord {
  return {
    ...record,
    versions: record.versions.filter((candidate) => candidate.version !== version),
    provisioned: without(record.provisioned, version),
    eventInvoke: without(record.eventInvoke, version),
    policies: without(record.policies, version),
    runtimeUpdates: without(record.runtimeUpdates, version),
  };
}
