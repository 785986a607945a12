/** Aliases (SVC-106 to SVC-113). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { requireRevision } from "../functions/deployment.ts";
import { functionNotFound, requireFunction, targetOf } from "../functions/find-function.ts";
import type { Input } from "../model/operations.ts";
import { functionArn } from "../names/arns.ts";
import { page } from "../page.ts";
import { conflict, notFound } from "../refusal.ts";
import type { AliasRecord, FunctionRecord } from "../state/records.ts";
import { without } from "../state/without.ts";
import { requireRoutable, weightOf } from "./weights.ts";

export function createAlias(given: Input<"CreateAlias">, call: ControlCall): Answer {
  const record = find(given, call);
  if (record.aliases[given.Name] !== undefined)
    throw conflict(`Alias already exists: ${aliasArn(call, record, given.Name)}`);
  const weight = weightOf(given.RoutingConfig);
  const alias: AliasRecord = {
    name: given.Name,
    version: given.FunctionVersion,
    description: given.Description ?? "",
    ...(weight === undefined ? {} : { weight }),
    revisionId: call.newId(),
  };
  return keep(record, alias, call);
}

export function updateAlias(given: Input<"UpdateAlias">, call: ControlCall): Answer {
  const record = find(given, call);
  const former = record.aliases[given.Name];
  if (former === undefined) throw notFound(`Alias not found: ${aliasArn(call, record, given.Name)}`);
  requireRevision(given.RevisionId, former.revisionId);
  const weight = given.RoutingConfig === undefined ? former.weight : weightOf(given.RoutingConfig);
  const alias: AliasRecord = {
    name: former.name,
    version: given.FunctionVersion ?? former.version,
    description: given.Description ?? former.description,
    ...(weight === undefined ? {} : { weight }),
    revisionId: call.newId(),
  };
  return keep(record, alias, call);
}

export function getAlias(given: Input<"GetAlias">, call: ControlCall): Answer {
  const record = find(given, call);
  const alias = record.aliases[given.Name];
  if (alias === undefined) throw notFound(`Cannot find alias arn: ${aliasArn(call, record, given.Name)}`);
  return { body: render(call, record, alias) };
}

export function listAliases(given: Input<"ListAliases">, call: ControlCall): Answer {
  const record = find(given, call);
  const aliases = Object.values(record.aliases)
    .filter(({ version }) => given.FunctionVersion === undefined || version === given.FunctionVersion)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, ...rest } = page(aliases, ({ name }) => name, given, { most: 10_000 });
  return { body: { Aliases: items.map((alias) => render(call, record, alias)), ...rest } };
}

/** SVC-110: an absent one is deleted too; what was configured on it goes with it, but for its URL (SVC-215, SVC-253). */
export function deleteAlias(given: Input<"DeleteAlias">, call: ControlCall): Answer {
  const record = find(given, call);
  const { Name } = given;
  if (record.aliases[Name] === undefined) return {};
  const changed: FunctionRecord = {
    ...record,
    aliases: without(record.aliases, Name),
    provisioned: without(record.provisioned, Name),
    eventInvoke: without(record.eventInvoke, Name),
    policies: without(record.policies, Name),
    runtimeUpdates: without(record.runtimeUpdates, Name),
  };
  return { changes: [{ kind: "function", record: changed }] };
}

const find = (given: { readonly FunctionName: string }, call: ControlCall): FunctionRecord => {
  const { qualifier: _, ...target } = targetOf(given, call);
  return requireFunction(call, target);
};

function keep(record: FunctionRecord, alias: AliasRecord, call: ControlCall): Answer {
  const exists = (version: string): boolean =>
    version === "$LATEST" || record.versions.some((candidate) => candidate.version === version);
  for (const version of [alias.version, ...(alias.weight === undefined ? [] : [alias.weight.version])])
    if (!exists(version)) throw functionNotFound(call, { region: call.region, name: record.name, qualifier: version });
  requireRoutable(record, alias);
  return {
    body: render(call, record, alias),
    changes: [{ kind: "function", record: { ...record, aliases: { ...record.aliases, [alias.name]: alias } } }],
  };
}

const aliasArn = ({ accountId }: ControlCall, { region, name }: FunctionRecord, alias: string): string =>
  functionArn({ region, accountId }, name, alias);

const render = (call: ControlCall, record: FunctionRecord, alias: AliasRecord): object => ({
  AliasArn: aliasArn(call, record, alias.name),
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description,
  ...(alias.weight === undefined
    ? {}
    : { RoutingConfig: { AdditionalVersionWeights: { [alias.weight.version]: alias.weight.share } } }),
  RevisionId: alias.revisionId,
});
