/** Function URLs: what is set on them (SVC-232 to SVC-235, SVC-253). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { requireFunction, requireVersion, targetOf } from "../functions/find-function.ts";
import { faultsText, faultText } from "../model/check-input.ts";
import { urlQualifier } from "../model/named-shapes.ts";
import type { Input } from "../model/operations.ts";
import { functionArn } from "../names/arns.ts";
import { page } from "../page.ts";
import { conflict, notFound, refusal } from "../refusal.ts";
import type { FunctionRecord, FunctionUrlRecord } from "../state/records.ts";
import { without } from "../state/without.ts";
import { zuluTime } from "../times.ts";

export function createFunctionUrlConfig(given: Input<"CreateFunctionUrlConfig">, call: ControlCall): Answer {
  const target = targetOf(given, call);
  requireAlias(target.qualifier);
  const { record } = requireVersion(call, target);
  const scope = target.qualifier ?? "$LATEST";
  if (record.urls[scope] !== undefined)
    throw conflict(
      `Failed to create function url config for [functionArn = ${functionArn(call, record.name, target.qualifier)}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    );
  const url: FunctionUrlRecord = {
    id: call.newId().replaceAll("-", ""),
    authType: given.AuthType,
    invokeMode: given.InvokeMode ?? "BUFFERED",
    ...corsOf(given.Cors),
    createdMs: call.nowMs,
    lastModifiedMs: call.nowMs,
  };
  const { InvokeMode, LastModifiedTime: _, ...body } = render(call, record, scope, url);
  return {
    body: { ...body, ...(given.InvokeMode === undefined ? {} : { InvokeMode }) },
    changes: [keep(record, scope, url)],
  };
}

export function updateFunctionUrlConfig(given: Input<"UpdateFunctionUrlConfig">, call: ControlCall): Answer {
  const { record, scope, url } = find(given, call);
  const { cors, ...former } = url;
  const changed: FunctionUrlRecord = {
    ...former,
    authType: given.AuthType ?? url.authType,
    invokeMode: given.InvokeMode ?? url.invokeMode,
    ...corsOf(given.Cors ?? cors),
    lastModifiedMs: call.nowMs,
  };
  return { body: render(call, record, scope, changed), changes: [keep(record, scope, changed)] };
}

export function getFunctionUrlConfig(given: Input<"GetFunctionUrlConfig">, call: ControlCall): Answer {
  const { record, scope, url } = find(given, call);
  return { body: render(call, record, scope, url) };
}

export function deleteFunctionUrlConfig(given: Input<"DeleteFunctionUrlConfig">, call: ControlCall): Answer {
  const { record, scope } = find(given, call);
  return { changes: [{ kind: "function", record: { ...record, urls: without(record.urls, scope) } }] };
}

export function listFunctionUrlConfigs(given: Input<"ListFunctionUrlConfigs">, call: ControlCall): Answer {
  const { qualifier: _, ...target } = targetOf(given, call);
  const record = requireFunction(call, target);
  const urls = Object.entries(record.urls).sort(([a], [b]) => (a < b ? -1 : 1));
  const { items, ...rest } = page(urls, ([scope]) => scope, given);
  return { body: { FunctionUrlConfigs: items.map(([scope, url]) => render(call, record, scope, url)), ...rest } };
}

interface Found {
  readonly record: FunctionRecord;
  readonly scope: string;
  readonly url: FunctionUrlRecord;
}

/** SVC-253: the alias need not be there any more. */
function find(given: { readonly FunctionName: string; readonly Qualifier?: string }, call: ControlCall): Found {
  const { qualifier: scope = "$LATEST", ...target } = targetOf(given, call);
  const record = requireFunction(call, target);
  const url = record.urls[scope];
  if (url === undefined) throw notFound("The resource you requested does not exist.");
  return { record, scope, url };
}

/** SVC-234: the model sees to a qualifier in the query, not to one in the name. */
function requireAlias(qualifier: string | undefined): void {
  if (qualifier === undefined || !/^(\$LATEST|\d+)$/.test(qualifier)) return;
  const rule = `Member must satisfy regular expression pattern: ${urlQualifier.pattern}`;
  throw refusal("ValidationException", faultsText([faultText(qualifier, "qualifier", rule)]));
}

/** SVC-233: `{}` clears. */
const corsOf = (cors: FunctionUrlRecord["cors"]): Pick<FunctionUrlRecord, "cors"> =>
  cors === undefined || Object.keys(cors).length === 0 ? {} : { cors };

const keep = (record: FunctionRecord, scope: string, url: FunctionUrlRecord) => ({
  kind: "function" as const,
  record: { ...record, urls: { ...record.urls, [scope]: url } },
});

const render = (call: ControlCall, record: FunctionRecord, scope: string, url: FunctionUrlRecord) => ({
  FunctionUrl: `${call.endpoint}/lambda-url/${url.id}/`,
  FunctionArn: functionArn(call, record.name, scope === "$LATEST" ? undefined : scope),
  AuthType: url.authType,
  ...(url.cors === undefined ? {} : { Cors: url.cors }),
  CreationTime: zuluTime(url.createdMs),
  LastModifiedTime: zuluTime(url.lastModifiedMs),
  InvokeMode: url.invokeMode,
});
