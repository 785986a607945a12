/** Provisioned concurrency: what is asked for, and how far the pools are (SVC-208 to SVC-216). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { requireVersion, targetOf } from "../functions/find-function.ts";
import type { FunctionTarget, ProvisionedStatus } from "../directory.ts";
import type { Input } from "../model/operations.ts";
import { functionArn } from "../names/arns.ts";
import { isVersionNumber } from "../names/function-names.ts";
import { page } from "../page.ts";
import { conflict, invalidValue, refusal } from "../refusal.ts";
import type { FunctionRecord, ProvisionedRecord } from "../state/records.ts";
import { without } from "../state/without.ts";
import { offsetTime } from "../times.ts";
import { leavesTooLittle, totalProvisioned, withChanged } from "./limits.ts";

type Qualified = FunctionTarget & { readonly qualifier: string };

export function putProvisionedConcurrencyConfig(
  given: Input<"PutProvisionedConcurrencyConfig">,
  call: ControlCall,
): Answer {
  const target = qualified(given, call);
  if (target.qualifier === "$LATEST")
    throw invalidValue("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  const { record } = requireVersion(call, target);
  requireSingle(record, target.qualifier);
  const requested = given.ProvisionedConcurrentExecutions;
  const configuration: ProvisionedRecord = { requested, lastModifiedMs: call.nowMs };
  const changed = { ...record, provisioned: { ...record.provisioned, [target.qualifier]: configuration } };
  requireRoom(changed, call);
  return {
    body: render(configuration, { allocated: 0, available: 0, status: "IN_PROGRESS" }),
    changes: [{ kind: "function", record: changed }],
  };
}

export function getProvisionedConcurrencyConfig(
  given: Input<"GetProvisionedConcurrencyConfig">,
  call: ControlCall,
): Answer {
  const target = qualified(given, call);
  const configuration = requireVersion(call, target).record.provisioned[target.qualifier];
  if (configuration === undefined)
    throw refusal(
      "ProvisionedConcurrencyConfigNotFoundException",
      "No Provisioned Concurrency Config found for this function",
    );
  return { body: render(configuration, statusOf(target, call)) };
}

export function deleteProvisionedConcurrencyConfig(
  given: Input<"DeleteProvisionedConcurrencyConfig">,
  call: ControlCall,
): Answer {
  const target = qualified(given, call);
  const { record } = requireVersion(call, target);
  const provisioned = without(record.provisioned, target.qualifier);
  return { changes: [{ kind: "function", record: { ...record, provisioned } }] };
}

export function listProvisionedConcurrencyConfigs(
  given: Input<"ListProvisionedConcurrencyConfigs">,
  call: ControlCall,
): Answer {
  const { region, name } = targetOf(given, call);
  const { record } = requireVersion(call, { region, name });
  const configurations = Object.entries(record.provisioned).sort(([a], [b]) => (a < b ? -1 : 1));
  const { items, ...rest } = page(configurations, ([qualifier]) => qualifier, given);
  return {
    body: {
      ProvisionedConcurrencyConfigs: items.map(([qualifier, configuration]) => ({
        FunctionArn: functionArn(call, name, qualifier),
        ...render(configuration, statusOf({ region, name, qualifier }, call)),
      })),
      ...rest,
    },
  };
}

function qualified(given: { readonly FunctionName: string; readonly Qualifier: string }, call: ControlCall): Qualified {
  return { ...targetOf(given, call), qualifier: given.Qualifier };
}

/** SVC-212: a version is provisioned under one name only. */
function requireSingle(record: FunctionRecord, qualifier: string): void {
  if (isVersionNumber(qualifier)) {
    const aliases = Object.values(record.aliases).filter(({ version }) => version === qualifier);
    if (aliases.some(({ name }) => record.provisioned[name] !== undefined))
      throw conflict("Version is pointed by a Provisioned Concurrency alias");
    return;
  }
  const { version } = record.aliases[qualifier]!;
  if (record.provisioned[version] !== undefined)
    throw conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
}

/** SVC-214 */
function requireRoom(changed: FunctionRecord, call: ControlCall): void {
  if (changed.reserved !== undefined) {
    if (totalProvisioned(changed) > changed.reserved)
      throw invalidValue(
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
      );
    return;
  }
  if (leavesTooLittle(withChanged(call.view.functionsIn(call.region), changed), call.settings))
    throw invalidValue(
      `Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${call.settings.unreservedMinimum}].`,
    );
}

const statusOf = (target: Qualified, { pools }: ControlCall): ProvisionedStatus =>
  pools?.provisionedStatus(target) ?? { allocated: 0, available: 0, status: "IN_PROGRESS" };

const render = (
  { requested, lastModifiedMs }: ProvisionedRecord,
  { allocated, available, status, reason }: ProvisionedStatus,
): object => ({
  RequestedProvisionedConcurrentExecutions: requested,
  AvailableProvisionedConcurrentExecutions: available,
  AllocatedProvisionedConcurrentExecutions: allocated,
  Status: status,
  ...(reason === undefined ? {} : { StatusReason: reason }),
  LastModified: offsetTime(lastModifiedMs),
});
