/** Permissions of layer versions: stored and shown, and of no effect here (SVC-127). */
import type { Answer, ControlCall } from "../control-operation.ts";
import type { Input } from "../model/operations.ts";
import { notFound } from "../refusal.ts";
import { policyText, principalOf, withoutStatement, withStatement } from "../policies/statements.ts";
import type { LayerVersionRecord, PolicyRecord, PolicyStatement } from "../state/records.ts";
import type { Change } from "../state/service-state.ts";
import { findLayerVersion } from "./find-layer.ts";

export function addLayerVersionPermission(given: Input<"AddLayerVersionPermission">, call: ControlCall): Answer {
  const { name, arn, version } = findLayerVersion(given, call);
  const statement: PolicyStatement = {
    Sid: given.StatementId,
    Effect: "Allow",
    Principal: principalOf(given.Principal),
    Action: given.Action,
    Resource: `${arn}:${version.version}`,
    ...(given.OrganizationId === undefined
      ? {}
      : { Condition: { StringEquals: { "aws:PrincipalOrgID": given.OrganizationId } } }),
  };
  const policy = withStatement(version.policy, statement, given.RevisionId, call.newId);
  return {
    body: { Statement: JSON.stringify(statement), RevisionId: policy.revisionId },
    changes: [keep(call, name, version, policy)],
  };
}

export function getLayerVersionPolicy(given: Input<"GetLayerVersionPolicy">, call: ControlCall): Answer {
  const { policy } = findLayerVersion(given, call).version;
  if (policy === undefined) throw notFound("No policy is associated with the given resource.");
  return { body: { Policy: policyText(policy), RevisionId: policy.revisionId } };
}

export function removeLayerVersionPermission(given: Input<"RemoveLayerVersionPermission">, call: ControlCall): Answer {
  const { name, version } = findLayerVersion(given, call);
  const policy = withoutStatement(version.policy, given.StatementId, given.RevisionId, call.newId);
  return { changes: [keep(call, name, version, policy)] };
}

function keep(call: ControlCall, name: string, version: LayerVersionRecord, policy: PolicyRecord | undefined): Change {
  const record = call.view.layerNamed(call.region, name)!;
  const { policy: _, ...rest } = version;
  const changed = policy === undefined ? rest : { ...rest, policy };
  return {
    kind: "layer",
    record: {
      ...record,
      versions: record.versions.map((candidate) => (candidate.version === version.version ? changed : candidate)),
    },
  };
}
