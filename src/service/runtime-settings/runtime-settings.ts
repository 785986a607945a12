/** Settings that are kept and shown because tools read them, and lists that are empty here (SVC-264 to SVC-267). */
import type { Answer, ControlCall } from "../control-operation.ts";
import { requireFunction, requireVersion, targetOf } from "../functions/find-function.ts";
import { runtimeVersionArn } from "../functions/render-configuration.ts";
import type { Input } from "../model/operations.ts";
import { functionArn } from "../names/arns.ts";
import { invalidValue, notFound } from "../refusal.ts";

export const getFunctionCodeSigningConfig = (
  given: Input<"GetFunctionCodeSigningConfig">,
  call: ControlCall,
): Answer => ({
  body: { FunctionName: requireFunction(call, targetOf(given, call)).name },
});

export function getRuntimeManagementConfig(given: Input<"GetRuntimeManagementConfig">, call: ControlCall): Answer {
  const target = targetOf(given, call);
  const { record } = requireVersion(call, target);
  return {
    body: {
      FunctionArn: functionArn(call, record.name, target.qualifier),
      UpdateRuntimeOn: record.runtimeUpdates[target.qualifier ?? "$LATEST"] ?? "Auto",
    },
  };
}

export function putRuntimeManagementConfig(given: Input<"PutRuntimeManagementConfig">, call: ControlCall): Answer {
  const target = targetOf(given, call);
  const { record, version } = requireVersion(call, target);
  const { UpdateRuntimeOn } = given;
  if (UpdateRuntimeOn === "Manual")
    throw invalidValue(
      `UpdateRuntimeOn Manual is not supported by this service: it has one version of each runtime, ${runtimeVersionArn(record.region, version.deployment.configuration.Runtime)}.`,
    );
  const runtimeUpdates = { ...record.runtimeUpdates, [target.qualifier ?? "$LATEST"]: UpdateRuntimeOn };
  return {
    body: { FunctionArn: functionArn(call, record.name, target.qualifier), UpdateRuntimeOn },
    changes: [{ kind: "function", record: { ...record, runtimeUpdates } }],
  };
}

export const getFunctionRecursionConfig = (given: Input<"GetFunctionRecursionConfig">, call: ControlCall): Answer => ({
  body: { RecursiveLoop: requireFunction(call, targetOf(given, call)).recursiveLoop ?? "Terminate" },
});

export function putFunctionRecursionConfig(given: Input<"PutFunctionRecursionConfig">, call: ControlCall): Answer {
  const record = requireFunction(call, targetOf(given, call));
  const { RecursiveLoop: recursiveLoop } = given;
  return {
    body: { RecursiveLoop: recursiveLoop },
    changes: [{ kind: "function", record: { ...record, recursiveLoop } }],
  };
}

export const listEventSourceMappings = (): Answer => ({ body: { EventSourceMappings: [] } });

export function getEventSourceMapping(): Answer {
  throw notFound("The resource you requested does not exist.");
}

export const listCodeSigningConfigs = (): Answer => ({ body: { CodeSigningConfigs: [] } });
