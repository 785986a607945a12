/** AddPermission, RemovePermission, GetPolicy (SVC-258 to SVC-263). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { requireVersion, targetOf } from "../functions/find-function.ts";
import type { Input } from "../model/operations.ts";
import { functionArn } from "../names/arns.ts";
import { invalidValue, notFound } from "../refusal.ts";
import type { FunctionRecord, PolicyRecord, PolicyStatement } from "../state/records.ts";
import { without } from "../state/without.ts";
import { policyText, principalOf, withoutStatement, withStatement } from "./statements.ts";

export function addPermission(given: Input<"AddPermission">, call: ControlCall): Answer {
  const { record, qualifier } = find(given, call);
  const Condition = conditionOf(given);
  const statement: PolicyStatement = {
    Sid: given.StatementId,
    Effect: "Allow",
    Principal: principalOf(given.Principal),
    Action: given.Action,
    Resource: functionArn(call, record.name, qualifier),
    ...(Object.keys(Condition).length === 0 ? {} : { Condition }),
  };
  const scope = qualifier ?? unqualified;
  const policy = withStatement(record.policies[scope], statement, given.RevisionId, call.newId);
  return { body: { Statement: JSON.stringify(statement) }, changes: [keep(record, scope, policy)] };
}

export function removePermission(given: Input<"RemovePermission">, call: ControlCall): Answer {
  const { record, qualifier } = find(given, call);
  const scope = qualifier ?? unqualified;
  const policy = withoutStatement(record.policies[scope], given.StatementId, given.RevisionId, call.newId);
  return { changes: [keep(record, scope, policy)] };
}

export function getPolicy(given: Input<"GetPolicy">, call: ControlCall): Answer {
  const { record, qualifier } = find(given, call);
  const policy = record.policies[qualifier ?? unqualified];
  if (policy === undefined) throw notFound("The resource you requested does not exist.");
  return { body: { Policy: policyText(policy), RevisionId: policy.revisionId } };
}

/** `$LATEST` has no policy of its own (SVC-261), so its name is free for the unqualified one. */
const unqualified = "$LATEST";

function find(
  given: { readonly FunctionName: string; readonly Qualifier?: string },
  call: ControlCall,
): { readonly record: FunctionRecord; readonly qualifier: string | undefined } {
  const target = targetOf(given, call);
  if (target.qualifier === "$LATEST") throw invalidValue("We currently do not support adding policies for $LATEST.");
  return { record: requireVersion(call, target).record, qualifier: target.qualifier };
}

const keep = (record: FunctionRecord, scope: string, policy: PolicyRecord | undefined) => ({
  kind: "function" as const,
  record: {
    ...record,
    policies: policy === undefined ? without(record.policies, scope) : { ...record.policies, [scope]: policy },
  },
});

/** SVC-259 */
function conditionOf(given: Input<"AddPermission">): Record<string, Record<string, unknown>> {
  const equals = {
    ...(given.SourceAccount === undefined ? {} : { "AWS:SourceAccount": given.SourceAccount }),
    ...(given.PrincipalOrgID === undefined ? {} : { "aws:PrincipalOrgID": given.PrincipalOrgID }),
    ...(given.FunctionUrlAuthType === undefined ? {} : { "lambda:FunctionUrlAuthType": given.FunctionUrlAuthType }),
    ...(given.EventSourceToken === undefined ? {} : { "lambda:EventSourceToken": given.EventSourceToken }),
  };
  return {
    ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
    ...(given.InvokedViaFunctionUrl === undefined
      ? {}
      : { Bool: { "lambda:InvokedViaFunctionUrl": String(given.InvokedViaFunctionUrl) } }),
    ...(given.SourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": given.SourceArn } }),
  };
}

/** SVC-252: whether everybody may call the URL of that scope. */
export const opensUrlToAll = (record: FunctionRecord, scope: string): boolean =>
  record.policies[scope]?.statements.some(
    ({ Principal, Action, Condition }) =>
      Principal === "*" &&
      ["lambda:InvokeFunctionUrl", "lambda:*", "*"].includes(Action) &&
      [undefined, "NONE"].includes(Condition?.["StringEquals"]?.["lambda:FunctionUrlAuthType"] as string | undefined),
  ) === true;
