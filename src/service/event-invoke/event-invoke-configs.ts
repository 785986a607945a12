/** Settings of asynchronous invocation (SVC-179 to SVC-184). */
import type { Answer, ControlCall } from "../control-operation.ts";
import type { FunctionTarget } from "../directory.ts";
import { targetOf, versionOf } from "../functions/find-function.ts";
import type { Input } from "../model/operations.ts";
import { functionArn } from "../names/arns.ts";
import { page } from "../page.ts";
import { invalidValue, notFound } from "../refusal.ts";
import type { EventInvokeRecord, FunctionRecord } from "../state/records.ts";
import { without } from "../state/without.ts";
import { epochSeconds } from "../times.ts";
import { checkDestinations } from "./check-destinations.ts";

type Given = Input<"PutFunctionEventInvokeConfig">;

export function putFunctionEventInvokeConfig(given: Given, call: ControlCall): Answer {
  requireSomething(given);
  const found = find(given, call);
  const { OnSuccess, OnFailure } = given.DestinationConfig ?? {};
  return keep(found, merged(given, OnSuccess?.Destination, OnFailure?.Destination, call.nowMs), given, call);
}

export function updateFunctionEventInvokeConfig(given: Given, call: ControlCall): Answer {
  requireSomething(given);
  const found = find(given, call);
  const former = requireConfig(found, call);
  // SVC-184: absent keeps the route, an empty text clears it.
  const { OnSuccess, OnFailure } = given.DestinationConfig ?? {};
  const settings = merged(
    {
      MaximumRetryAttempts: given.MaximumRetryAttempts ?? former.maximumRetryAttempts,
      MaximumEventAgeInSeconds: given.MaximumEventAgeInSeconds ?? former.maximumEventAgeSeconds,
    },
    OnSuccess?.Destination ?? former.onSuccess,
    OnFailure?.Destination ?? former.onFailure,
    call.nowMs,
  );
  return keep(found, settings, given, call);
}

export function getFunctionEventInvokeConfig(given: Input<"GetFunctionEventInvokeConfig">, call: ControlCall): Answer {
  const found = find(given, call);
  return { body: render(call, found, requireConfig(found, call)) };
}

export function deleteFunctionEventInvokeConfig(
  given: Input<"DeleteFunctionEventInvokeConfig">,
  call: ControlCall,
): Answer {
  const found = find(given, call);
  requireConfig(found, call);
  const { record, qualifier } = found;
  return {
    changes: [{ kind: "function", record: { ...record, eventInvoke: without(record.eventInvoke, qualifier) } }],
  };
}

export function listFunctionEventInvokeConfigs(
  given: Input<"ListFunctionEventInvokeConfigs">,
  call: ControlCall,
): Answer {
  const { record } = find(given, call);
  const configs = Object.entries(record.eventInvoke).sort(([a], [b]) => (a < b ? -1 : 1));
  const { items, ...rest } = page(configs, ([qualifier]) => qualifier, given);
  return {
    body: {
      FunctionEventInvokeConfigs: items.map(([qualifier, settings]) => render(call, { record, qualifier }, settings)),
      ...rest,
    },
  };
}

interface Found {
  readonly record: FunctionRecord;
  /** `$LATEST` when none was named. */
  readonly qualifier: string;
}

function find(given: { readonly FunctionName: string; readonly Qualifier?: string }, call: ControlCall): Found {
  const target: FunctionTarget = targetOf(given, call);
  const record = call.view.functionNamed(call.region, target.name);
  if (record === undefined || versionOf(record, target.qualifier) === undefined)
    throw notFound("The function doesn't exist.");
  return { record, qualifier: target.qualifier ?? "$LATEST" };
}

function requireConfig({ record, qualifier }: Found, call: ControlCall): EventInvokeRecord {
  const settings = record.eventInvoke[qualifier];
  if (settings === undefined)
    throw notFound(`The function ${functionArn(call, record.name, qualifier)} doesn't have an EventInvokeConfig`);
  return settings;
}

function requireSomething({ MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig }: Given): void {
  const destinations = Object.keys(DestinationConfig ?? {}).length;
  if (MaximumRetryAttempts === undefined && MaximumEventAgeInSeconds === undefined && destinations === 0)
    throw invalidValue("You must specify at least one of error handling or destination setting.");
}

const merged = (
  given: { readonly MaximumRetryAttempts?: number | undefined; readonly MaximumEventAgeInSeconds?: number | undefined },
  onSuccess: string | undefined,
  onFailure: string | undefined,
  nowMs: number,
): EventInvokeRecord => ({
  lastModifiedMs: nowMs,
  ...(given.MaximumRetryAttempts === undefined ? {} : { maximumRetryAttempts: given.MaximumRetryAttempts }),
  ...(given.MaximumEventAgeInSeconds === undefined ? {} : { maximumEventAgeSeconds: given.MaximumEventAgeInSeconds }),
  ...(onSuccess ? { onSuccess } : {}),
  ...(onFailure ? { onFailure } : {}),
});

function keep(found: Found, settings: EventInvokeRecord, given: Given, call: ControlCall): Answer {
  const { record, qualifier } = found;
  checkDestinations(given.DestinationConfig, record.name, call);
  return {
    body: render(call, found, settings),
    changes: [
      { kind: "function", record: { ...record, eventInvoke: { ...record.eventInvoke, [qualifier]: settings } } },
    ],
  };
}

const render = (call: ControlCall, { record, qualifier }: Found, settings: EventInvokeRecord): object => ({
  FunctionArn: functionArn(call, record.name, qualifier),
  LastModified: epochSeconds(settings.lastModifiedMs),
  ...(settings.maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: settings.maximumRetryAttempts }),
  ...(settings.maximumEventAgeSeconds === undefined
    ? {}
    : { MaximumEventAgeInSeconds: settings.maximumEventAgeSeconds }),
  DestinationConfig: {
    OnSuccess: settings.onSuccess === undefined ? {} : { Destination: settings.onSuccess },
    OnFailure: settings.onFailure === undefined ? {} : { Destination: settings.onFailure },
  },
});
