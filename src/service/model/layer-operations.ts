/** Layers, in the model. */
import * as shapes from "./named-shapes.ts";
import { operation } from "./operation.ts";
import { runtimeNames } from "./runtime-names.ts";
import { anyText, integer, list, oneOf, required, text } from "./shape.ts";

const runtime = oneOf(...runtimeNames);
const layer = { LayerName: required(shapes.layerName) };
const version = { ...layer, VersionNumber: required(integer()) };
const listing = {
  CompatibleRuntime: runtime,
  CompatibleArchitecture: shapes.architecture,
  Marker: anyText,
  MaxItems: shapes.maxFewItems,
};
const listingQuery = ["CompatibleRuntime", "CompatibleArchitecture", "Marker", "MaxItems"] as const;

export const layerOperations = {
  PublishLayerVersion: operation("POST /2018-10-31/layers/{LayerName}/versions", 201, {
    ...layer,
    Description: shapes.description,
    Content: required(shapes.layerContent),
    CompatibleRuntimes: list(runtime, 0, 15),
    LicenseInfo: text({ max: 512 }),
    CompatibleArchitectures: list(shapes.architecture, 0, 2),
  }),
  GetLayerVersion: operation("GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}", 200, version),
  GetLayerVersionByArn: operation(
    "GET /2018-10-31/layers",
    200,
    { Arn: required(shapes.layerVersionArn) },
    { query: ["Arn"], when: { find: "LayerVersion" } },
  ),
  ListLayers: operation("GET /2018-10-31/layers", 200, listing, { query: listingQuery }),
  ListLayerVersions: operation(
    "GET /2018-10-31/layers/{LayerName}/versions",
    200,
    { ...layer, ...listing },
    { query: listingQuery },
  ),
  DeleteLayerVersion: operation("DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}", 204, version),
  AddLayerVersionPermission: operation(
    "POST /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy",
    201,
    {
      ...version,
      StatementId: required(shapes.statementId),
      Action: required(text({ max: 22, pattern: "lambda:GetLayerVersion" })),
      Principal: required(text({ pattern: "\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root" })),
      OrganizationId: text({ max: 34, pattern: "o-[a-z0-9]{10,32}" }),
      RevisionId: anyText,
    },
    { query: ["RevisionId"] },
  ),
  GetLayerVersionPolicy: operation("GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy", 200, version),
  RemoveLayerVersionPermission: operation(
    "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}",
    204,
    { ...version, StatementId: required(shapes.statementId), RevisionId: anyText },
    { query: ["RevisionId"] },
  ),
} as const;
