/** What is set on a function beside its code and configuration, in the model. */
import * as shapes from "./named-shapes.ts";
import { operation } from "./operation.ts";
import { anyText, boolean, integer, list, oneOf, required, text } from "./shape.ts";

const named = { FunctionName: required(shapes.functionName) };
const qualified = { ...named, Qualifier: shapes.qualifier };
const provisioned = { ...named, Qualifier: required(shapes.neededQualifier) };
const url = { ...named, Qualifier: shapes.urlQualifier };
const paging = { Marker: anyText, MaxItems: shapes.maxFewItems };
const byQualifier = { query: ["Qualifier"] } as const;

export const concurrencyOperations = {
  GetAccountSettings: operation("GET /2016-08-19/account-settings", 200, {}),
  PutFunctionConcurrency: operation("PUT /2017-10-31/functions/{FunctionName}/concurrency", 200, {
    ...named,
    ReservedConcurrentExecutions: required(integer(0)),
  }),
  GetFunctionConcurrency: operation("GET /2019-09-30/functions/{FunctionName}/concurrency", 200, named),
  DeleteFunctionConcurrency: operation("DELETE /2017-10-31/functions/{FunctionName}/concurrency", 204, named),
  PutProvisionedConcurrencyConfig: operation(
    "PUT /2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    202,
    { ...provisioned, ProvisionedConcurrentExecutions: required(integer(1)) },
    byQualifier,
  ),
  ListProvisionedConcurrencyConfigs: operation(
    "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    200,
    { ...named, ...paging },
    { query: ["Marker", "MaxItems"], when: { List: "ALL" } },
  ),
  GetProvisionedConcurrencyConfig: operation(
    "GET /2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    200,
    provisioned,
    byQualifier,
  ),
  DeleteProvisionedConcurrencyConfig: operation(
    "DELETE /2019-09-30/functions/{FunctionName}/provisioned-concurrency",
    204,
    provisioned,
    byQualifier,
  ),
} as const;

const eventInvokePath = "/2019-09-25/functions/{FunctionName}/event-invoke-config";

export const eventInvokeOperations = {
  PutFunctionEventInvokeConfig: operation(
    `PUT ${eventInvokePath}`,
    200,
    { ...qualified, ...shapes.eventInvokeMembers },
    byQualifier,
  ),
  UpdateFunctionEventInvokeConfig: operation(
    `POST ${eventInvokePath}`,
    200,
    { ...qualified, ...shapes.eventInvokeMembers },
    byQualifier,
  ),
  GetFunctionEventInvokeConfig: operation(`GET ${eventInvokePath}`, 200, qualified, byQualifier),
  DeleteFunctionEventInvokeConfig: operation(`DELETE ${eventInvokePath}`, 204, qualified, byQualifier),
  ListFunctionEventInvokeConfigs: operation(
    `GET ${eventInvokePath}/list`,
    200,
    { ...named, ...paging },
    { query: ["Marker", "MaxItems"] },
  ),
} as const;

export const functionUrlOperations = {
  CreateFunctionUrlConfig: operation(
    "POST /2021-10-31/functions/{FunctionName}/url",
    201,
    { ...url, AuthType: required(shapes.functionUrlAuthType), Cors: shapes.cors, InvokeMode: shapes.invokeMode },
    byQualifier,
  ),
  UpdateFunctionUrlConfig: operation(
    "PUT /2021-10-31/functions/{FunctionName}/url",
    200,
    { ...url, AuthType: shapes.functionUrlAuthType, Cors: shapes.cors, InvokeMode: shapes.invokeMode },
    byQualifier,
  ),
  GetFunctionUrlConfig: operation("GET /2021-10-31/functions/{FunctionName}/url", 200, url, byQualifier),
  DeleteFunctionUrlConfig: operation("DELETE /2021-10-31/functions/{FunctionName}/url", 204, url, byQualifier),
  ListFunctionUrlConfigs: operation(
    "GET /2021-10-31/functions/{FunctionName}/urls",
    200,
    { ...named, ...paging },
    { query: ["Marker", "MaxItems"] },
  ),
} as const;

export const accessOperations = {
  AddPermission: operation(
    "POST /2015-03-31/functions/{FunctionName}/policy",
    201,
    {
      ...qualified,
      StatementId: required(shapes.statementId),
      Action: required(text({ pattern: "(lambda:[*]|lambda:[a-zA-Z]+|[*])" })),
      Principal: required(text({ pattern: "[^\\s]+" })),
      SourceArn: text({
        pattern: "arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}(-gov)?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)",
      }),
      SourceAccount: text({ max: 12, pattern: "\\d{12}" }),
      EventSourceToken: text({ min: 0, max: 256, pattern: "[a-zA-Z0-9._\\-]+" }),
      RevisionId: anyText,
      PrincipalOrgID: text({ min: 12, max: 34, pattern: "o-[a-z0-9]{10,32}" }),
      FunctionUrlAuthType: shapes.functionUrlAuthType,
      InvokedViaFunctionUrl: boolean,
    },
    byQualifier,
  ),
  GetPolicy: operation("GET /2015-03-31/functions/{FunctionName}/policy", 200, qualified, byQualifier),
  RemovePermission: operation(
    "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}",
    204,
    {
      ...qualified,
      StatementId: required(text({ min: 1, max: 100, pattern: "([a-zA-Z0-9-_.]+)" })),
      RevisionId: anyText,
    },
    { query: ["Qualifier", "RevisionId"] },
  ),
  TagResource: operation("POST /2017-03-31/tags/{Resource}", 204, {
    Resource: required(shapes.taggableResource),
    Tags: required(shapes.tags),
  }),
  ListTags: operation("GET /2017-03-31/tags/{Resource}", 200, { Resource: required(shapes.taggableResource) }),
  UntagResource: operation(
    "DELETE /2017-03-31/tags/{Resource}",
    204,
    { Resource: required(shapes.taggableResource), TagKeys: required(list(anyText)) },
    { query: ["TagKeys"] },
  ),
} as const;

export const runtimeOperations = {
  GetFunctionCodeSigningConfig: operation("GET /2020-06-30/functions/{FunctionName}/code-signing-config", 200, named),
  GetRuntimeManagementConfig: operation(
    "GET /2021-07-20/functions/{FunctionName}/runtime-management-config",
    200,
    qualified,
    byQualifier,
  ),
  PutRuntimeManagementConfig: operation(
    "PUT /2021-07-20/functions/{FunctionName}/runtime-management-config",
    200,
    {
      ...qualified,
      UpdateRuntimeOn: required(oneOf("Auto", "Manual", "FunctionUpdate")),
      RuntimeVersionArn: anyText,
    },
    byQualifier,
  ),
  GetFunctionRecursionConfig: operation("GET /2024-08-31/functions/{FunctionName}/recursion-config", 200, named),
  PutFunctionRecursionConfig: operation("PUT /2024-08-31/functions/{FunctionName}/recursion-config", 200, {
    ...named,
    RecursiveLoop: required(oneOf("Allow", "Terminate")),
  }),
  ListEventSourceMappings: operation("GET /2015-03-31/event-source-mappings", 200, {}),
  GetEventSourceMapping: operation("GET /2015-03-31/event-source-mappings/{UUID}", 200, { UUID: required(anyText) }),
  ListCodeSigningConfigs: operation("GET /2020-04-22/code-signing-configs", 200, {}),
} as const;
