/**
 * The calls of Terraform's AWS provider for its Lambda resources, in its order: apply, the plan after it, a changed archive,
 * destroy. The provider itself is no package of a registry that tests may use; what it compares after a read is compared here.
 */
import { createHash } from "node:crypto";
import {
  type FunctionConfiguration,
  Lambda,
  paginateListVersionsByFunction,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { role, zip } from "../fixtures/service.ts";
import { withLambda } from "./served-lambda.ts";

const lambda = withLambda();
let client: Lambda;
beforeAll(() => {
  const credentials = { accessKeyId: "x", secretAccessKey: "y" };
  client = new Lambda({ endpoint: lambda().endpoint, region: "us-east-1", credentials });
});
afterAll(() => client.destroy());

const FunctionName = "web";
const LayerName = "words";
const live = { FunctionName, Qualifier: "live" };
const arnOf = (rest: string): string => `arn:aws:lambda:us-east-1:000000000000:${rest}`;

const archive = async (word: string): Promise<Buffer> => {
  const text = `exports.handler = async () => ["${word}", require("words")];`;
  return Buffer.from(await zip({ "index.js": text }), "base64");
};

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64");

const patience = { timeout: 60_000, interval: 100 };

/** The provider asks the function, not its configuration, and looks at these two. */
async function settled(): Promise<FunctionConfiguration> {
  const settledStates = { State: "Active", LastUpdateStatus: "Successful" };
  return vi.waitFor(async () => {
    const { Configuration = {} } = await client.getFunction({ FunctionName });
    expect(Configuration).toMatchObject(settledStates);
    return Configuration;
  }, patience);
}

/** What a plan reads of `aws_lambda_function`, as the state keeps it. */
async function readFunction(): Promise<object> {
  const { Configuration = {}, Code, Concurrency, Tags } = await client.getFunction({ FunctionName });
  const versions: FunctionConfiguration[] = [];
  for await (const page of paginateListVersionsByFunction({ client, pageSize: 10_000 }, { FunctionName }))
    versions.push(...(page.Versions ?? []));
  const { CodeSigningConfigArn } = await client.getFunctionCodeSigningConfig({ FunctionName });
  const { State: _, LastUpdateStatus: __, RevisionId: ___, ...rest } = Configuration;
  return {
    ...rest,
    Code: Code?.RepositoryType,
    Concurrency: Concurrency?.ReservedConcurrentExecutions,
    Tags,
    latest: [versions.at(-1)?.Version, versions.at(-1)?.FunctionArn],
    CodeSigningConfigArn,
  };
}

const statementsOf = async (target: { FunctionName: string; Qualifier?: string }): Promise<unknown> =>
  (JSON.parse((await client.getPolicy(target)).Policy ?? "{}") as { Statement: unknown }).Statement;

/** Everything that the plan after an apply reads; the same twice means that nothing is to be done. */
const readAll = async (): Promise<object> => ({
  function: await readFunction(),
  layer: await client.getLayerVersion({ LayerName, VersionNumber: 1 }).then(({ Content, ...rest }) => ({
    ...withoutMetadata(rest),
    content: [Content?.CodeSha256, Content?.CodeSize],
  })),
  alias: withoutMetadata(await client.getAlias({ FunctionName, Name: "live" })),
  url: withoutMetadata(await client.getFunctionUrlConfig(live)),
  permissions: [await statementsOf({ FunctionName }), await statementsOf(live)],
  eventInvoke: withoutMetadata(await client.getFunctionEventInvokeConfig(live)),
  provisioned: withoutMetadata(await client.getProvisionedConcurrencyConfig(live)),
});

const withoutMetadata = (output: object): object => ({ ...output, $metadata: undefined });

/** What "not found" means to a tool. */
const gone = async (asked: Promise<unknown>): Promise<boolean> =>
  asked.then(
    () => false,
    (error: unknown) => error instanceof ResourceNotFoundException,
  );

const provisioned = async (): Promise<void> => {
  await vi.waitFor(async () => {
    expect(await client.getProvisionedConcurrencyConfig(live)).toMatchObject({ Status: "READY" });
  }, patience);
};

async function createAll(): Promise<void> {
  const words = Buffer.from(await zip({ "nodejs/node_modules/words/index.js": 'module.exports = "word";' }), "base64");
  const layer = { LayerName, Description: "", LicenseInfo: "", CompatibleRuntimes: ["nodejs22.x" as const] };
  await client.publishLayerVersion({ ...layer, Content: { ZipFile: words } });
  expect(await client.getLayerVersion({ LayerName, VersionNumber: 1 })).toMatchObject({ Version: 1 });

  await client.createFunction({
    FunctionName,
    Role: role,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    PackageType: "Zip",
    Code: { ZipFile: await archive("one") },
    Description: "",
    MemorySize: 128,
    Timeout: 3,
    Publish: true,
    Layers: [arnOf(`layer:${LayerName}:1`)],
    Environment: { Variables: { STAGE: "first" } },
    EphemeralStorage: { Size: 512 },
    TracingConfig: { Mode: "PassThrough" },
    LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO", SystemLogLevel: "INFO" },
    Tags: { team: "a" },
  });
  await settled();
  await client.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 5 });

  await client.createAlias({ FunctionName, Name: "live", FunctionVersion: "1", Description: "" });
  await client.createFunctionUrlConfig({
    ...live,
    AuthType: "NONE",
    InvokeMode: "BUFFERED",
    Cors: { AllowOrigins: ["*"], AllowMethods: ["GET"], AllowCredentials: false, MaxAge: 60 },
  });
  const anybody = { Principal: "*", ...live };
  const byUrl = { StatementId: "FunctionURLAllowPublicAccess", Action: "lambda:InvokeFunctionUrl" };
  await client.addPermission({ ...anybody, ...byUrl, FunctionUrlAuthType: "NONE" });
  const throughUrl = { StatementId: "FunctionURLAllowInvokeAction", Action: "lambda:InvokeFunction" };
  await client.addPermission({ ...anybody, ...throughUrl, InvokedViaFunctionUrl: true });
  await client.addPermission({
    FunctionName,
    StatementId: "bucket",
    Action: "lambda:InvokeFunction",
    Principal: "s3.amazonaws.com",
    SourceArn: "arn:aws:s3:::parcels",
    SourceAccount: "000000000000",
  });
  await client.putFunctionEventInvokeConfig({
    ...live,
    MaximumEventAgeInSeconds: 60,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failed" } },
  });
  await client.putProvisionedConcurrencyConfig({ ...live, ProvisionedConcurrentExecutions: 1 });
  await provisioned();
}

async function destroyAll(): Promise<void> {
  await client.deleteProvisionedConcurrencyConfig(live);
  expect(await gone(client.getFunctionEventInvokeConfig({ FunctionName }))).toBe(true);
  await client.deleteFunctionEventInvokeConfig(live);
  await client.removePermission({ FunctionName, StatementId: "bucket" });
  expect(await gone(client.getPolicy({ FunctionName }))).toBe(true);
  await client.removePermission({ ...live, StatementId: "FunctionURLAllowInvokeAction" });
  await client.deleteFunctionUrlConfig(live);
  await client.deleteAlias({ FunctionName, Name: "live" });
  await client.deleteFunction({ FunctionName });
  await client.deleteLayerVersion({ LayerName, VersionNumber: 1 });
}

test("[SVC-275] apply, an empty plan, a changed archive in place, destroy", async () => {
  await createAll();
  const applied = await readAll();
  expect(applied).toMatchObject({
    function: {
      CodeSha256: hashOf(await archive("one")),
      Layers: [{ Arn: arnOf("layer:words:1") }],
      Environment: { Variables: { STAGE: "first" } },
      LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "INFO", SystemLogLevel: "INFO" },
      Concurrency: 5,
      Tags: { team: "a" },
      Code: "S3",
      latest: ["1", arnOf("function:web:1")],
      CodeSigningConfigArn: undefined,
    },
    layer: { LayerVersionArn: arnOf("layer:words:1"), CompatibleRuntimes: ["nodejs22.x"] },
    alias: { FunctionVersion: "1", Description: "" },
    url: { AuthType: "NONE", InvokeMode: "BUFFERED", Cors: { AllowMethods: ["GET"], MaxAge: 60 } },
    permissions: [
      [
        {
          Sid: "bucket",
          Principal: { Service: "s3.amazonaws.com" },
          Condition: {
            ArnLike: { "AWS:SourceArn": "arn:aws:s3:::parcels" },
            StringEquals: { "AWS:SourceAccount": "000000000000" },
          },
        },
      ],
      [
        { Principal: "*", Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } } },
        { Principal: "*", Condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } } },
      ],
    ],
    eventInvoke: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 },
    provisioned: { RequestedProvisionedConcurrentExecutions: 1, AllocatedProvisionedConcurrentExecutions: 1 },
  });
  expect(await readAll()).toEqual(applied);

  await client.updateFunctionConfiguration({ FunctionName, Environment: { Variables: { STAGE: "second" } } });
  await settled();
  const second = await archive("two");
  await client.updateFunctionCode({ FunctionName, ZipFile: second });
  expect(await settled()).toMatchObject({
    CodeSha256: hashOf(second),
    Environment: { Variables: { STAGE: "second" } },
  });
  const published = await client.publishVersion({ FunctionName });
  // The provider names the version twice, in the ARN and as the qualifier.
  const asked = { FunctionName: published.FunctionArn, Qualifier: published.Version };
  expect(await client.getFunctionConfiguration(asked)).toMatchObject({ Version: "2", LastUpdateStatus: "Successful" });
  await client.updateAlias({ FunctionName, Name: "live", FunctionVersion: "2", Description: "", RoutingConfig: {} });
  await provisioned();
  const { Payload } = await client.invoke(live);
  expect(JSON.parse(Payload!.transformToString())).toEqual(["two", "word"]);
  expect(await readAll()).toMatchObject({ function: { latest: ["2", arnOf("function:web:2")] } });

  await destroyAll();
  const after = [
    gone(client.getFunction({ FunctionName })),
    gone(client.getAlias({ FunctionName, Name: "live" })),
    gone(client.getFunctionUrlConfig(live)),
    gone(client.getPolicy(live)),
    gone(client.getFunctionEventInvokeConfig(live)),
    gone(client.getLayerVersion({ LayerName, VersionNumber: 1 })),
  ];
  expect(await Promise.all(after)).toEqual(after.map(() => true));
  expect([(await client.listFunctions({})).Functions, (await client.listLayers({})).Layers]).toEqual([[], []]);
});
