/** Reserved concurrency and the account's limits (SVC-197, SVC-200 to SVC-204). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { mostUnpackedBytes } from "../code/live-directory.ts";
import { requireFunction, targetOf } from "../functions/find-function.ts";
import type { Input } from "../model/operations.ts";
import { functionArn } from "../names/arns.ts";
import { invalidValue, notFound } from "../refusal.ts";
import type { FunctionRecord } from "../state/records.ts";
import { leavesTooLittle, totalProvisioned, totalReserved, withChanged } from "./limits.ts";

export function putFunctionConcurrency(given: Input<"PutFunctionConcurrency">, call: ControlCall): Answer {
  const target = targetOf(given, call);
  if (target.qualifier !== undefined)
    throw invalidValue(
      `This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.`,
    );
  const record = call.view.functionNamed(call.region, target.name);
  if (record === undefined) throw notFound(`Function not found: ${functionArn(call, target.name, "$LATEST")}`);
  const reserved = given.ReservedConcurrentExecutions;
  const provisioned = totalProvisioned(record);
  if (reserved < provisioned)
    throw invalidValue(
      ` ReservedConcurrentExecutions  ${reserved} should not be lower than function's total provisioned concurrency [${provisioned}].`,
    );
  const changed = { ...record, reserved, latest: rotated(record, call) };
  if (reserved > 0 && leavesTooLittle(withChanged(call.view.functionsIn(call.region), changed), call.settings))
    throw invalidValue(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${call.settings.unreservedMinimum}].`,
    );
  return {
    body: { ReservedConcurrentExecutions: reserved },
    changes: [{ kind: "function", record: changed }],
  };
}

export function getFunctionConcurrency(given: Input<"GetFunctionConcurrency">, call: ControlCall): Answer {
  const { reserved } = requireFunction(call, targetOf(given, call));
  return { body: reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved } };
}

export function deleteFunctionConcurrency(given: Input<"DeleteFunctionConcurrency">, call: ControlCall): Answer {
  const record = requireFunction(call, targetOf(given, call));
  if (record.reserved === undefined) return {};
  const { reserved: _, ...rest } = record;
  return { changes: [{ kind: "function", record: { ...rest, latest: rotated(record, call) } }] };
}

/** SVC-95 */
const rotated = ({ latest }: FunctionRecord, { newId }: ControlCall): FunctionRecord["latest"] => ({
  ...latest,
  revisionId: newId(),
});

export function getAccountSettings(_given: Input<"GetAccountSettings">, call: ControlCall): Answer {
  const functions = call.view.functionsIn(call.region);
  const codes = [
    ...functions.flatMap(({ latest, versions }) => [latest, ...versions].map(({ deployment }) => deployment.code)),
    ...call.view.layersIn(call.region).flatMap(({ versions }) => versions.map(({ code }) => code)),
  ];
  const { accountConcurrency } = call.settings;
  return {
    body: {
      AccountLimit: {
        TotalCodeSize: 322_122_547_200,
        CodeSizeUnzipped: mostUnpackedBytes,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: accountConcurrency,
        UnreservedConcurrentExecutions: accountConcurrency - totalReserved(functions),
      },
      AccountUsage: {
        TotalCodeSize: codes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
        FunctionCount: functions.length,
      },
    },
  };
}
