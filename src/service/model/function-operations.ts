/** Functions, their versions and aliases, in the model. */
import * as shapes from "./named-shapes.ts";
import { operation } from "./operation.ts";
import { anyText, boolean, list, oneOf, required, structure, text } from "./shape.ts";

const named = { FunctionName: required(shapes.functionName) };
const qualified = { ...named, Qualifier: shapes.qualifier };
const alias = { ...named, Name: required(shapes.aliasName) };

export const functionOperations = {
  CreateFunction: operation("POST /2015-03-31/functions", 201, {
    FunctionName: required(shapes.newFunctionName),
    Role: required(shapes.roleArn),
    Code: required(structure(shapes.codeMembers)),
    ...shapes.configurationMembers,
    Publish: boolean,
    PackageType: oneOf("Zip", "Image"),
    Tags: shapes.tags,
    Architectures: list(shapes.architecture, 1, 1),
    CodeSigningConfigArn: text({ max: 200 }),
    PublishTo: anyText,
    TenancyConfig: structure({}),
  }),
  GetFunction: operation("GET /2015-03-31/functions/{FunctionName}", 200, qualified, { query: ["Qualifier"] }),
  GetFunctionConfiguration: operation("GET /2015-03-31/functions/{FunctionName}/configuration", 200, qualified, {
    query: ["Qualifier"],
  }),
  ListFunctions: operation(
    "GET /2015-03-31/functions",
    200,
    {
      MasterRegion: text({ pattern: "ALL|[a-z]{2}(-gov)?-[a-z]+-\\d{1}" }),
      FunctionVersion: oneOf("ALL"),
      Marker: anyText,
      MaxItems: shapes.maxItems,
    },
    { query: ["MasterRegion", "FunctionVersion", "Marker", "MaxItems"] },
  ),
  // SVC-41: the model says 200, AWS says 204.
  DeleteFunction: operation("DELETE /2015-03-31/functions/{FunctionName}", 204, qualified, { query: ["Qualifier"] }),
  UpdateFunctionCode: operation("PUT /2015-03-31/functions/{FunctionName}/code", 200, {
    ...named,
    ...shapes.codeMembers,
    Publish: boolean,
    DryRun: boolean,
    RevisionId: anyText,
    Architectures: list(shapes.architecture, 1, 1),
    PublishTo: anyText,
  }),
  UpdateFunctionConfiguration: operation("PUT /2015-03-31/functions/{FunctionName}/configuration", 200, {
    ...named,
    Role: shapes.roleArn,
    ...shapes.configurationMembers,
    RevisionId: anyText,
  }),
  PublishVersion: operation("POST /2015-03-31/functions/{FunctionName}/versions", 201, {
    ...named,
    CodeSha256: anyText,
    Description: shapes.description,
    RevisionId: anyText,
    PublishTo: anyText,
  }),
  ListVersionsByFunction: operation(
    "GET /2015-03-31/functions/{FunctionName}/versions",
    200,
    { ...named, Marker: anyText, MaxItems: shapes.maxItems },
    { query: ["Marker", "MaxItems"] },
  ),
  CreateAlias: operation("POST /2015-03-31/functions/{FunctionName}/aliases", 201, {
    ...alias,
    FunctionVersion: required(shapes.versionNumber),
    Description: shapes.description,
    RoutingConfig: shapes.routingConfig,
  }),
  GetAlias: operation("GET /2015-03-31/functions/{FunctionName}/aliases/{Name}", 200, alias),
  ListAliases: operation(
    "GET /2015-03-31/functions/{FunctionName}/aliases",
    200,
    { ...named, FunctionVersion: shapes.versionNumber, Marker: anyText, MaxItems: shapes.maxItems },
    { query: ["FunctionVersion", "Marker", "MaxItems"] },
  ),
  UpdateAlias: operation("PUT /2015-03-31/functions/{FunctionName}/aliases/{Name}", 200, {
    ...alias,
    FunctionVersion: shapes.versionNumber,
    Description: shapes.description,
    RoutingConfig: shapes.routingConfig,
    RevisionId: anyText,
  }),
  DeleteAlias: operation("DELETE /2015-03-31/functions/{FunctionName}/aliases/{Name}", 204, alias),
} as const;
