/** The operations that run functions, in the model. */
import * as shapes from "./named-shapes.ts";
import { operation } from "./operation.ts";
import { anyText, oneOf, required } from "./shape.ts";

const target = { FunctionName: required(shapes.functionName), Qualifier: shapes.qualifier };
const call = { LogType: oneOf("None", "Tail"), ClientContext: anyText, TenantId: anyText };
const callHeaders = {
  InvocationType: "x-amz-invocation-type",
  LogType: "x-amz-log-type",
  ClientContext: "x-amz-client-context",
  TenantId: "x-amz-tenant-id",
};

export const invocationOperations = {
  Invoke: operation(
    "POST /2015-03-31/functions/{FunctionName}/invocations",
    200,
    {
      ...target,
      InvocationType: oneOf("Event", "RequestResponse", "DryRun"),
      ...call,
      DurableExecutionName: anyText,
    },
    {
      query: ["Qualifier"],
      headers: { ...callHeaders, DurableExecutionName: "x-amz-durable-execution-name" },
      rawBody: true,
    },
  ),
  InvokeAsync: operation("POST /2014-11-13/functions/{FunctionName}/invoke-async", 202, target, { rawBody: true }),
  InvokeWithResponseStream: operation(
    "POST /2021-11-15/functions/{FunctionName}/response-streaming-invocations",
    200,
    // SVC-161: `Event` is taken and means nothing.
    { ...target, InvocationType: oneOf("Event", "RequestResponse", "DryRun"), ...call },
    { query: ["Qualifier"], headers: callHeaders, rawBody: true },
  ),
} as const;
