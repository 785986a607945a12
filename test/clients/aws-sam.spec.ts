/** SAM against a function that is there already: remote invoke, and the sync of code, a layer and an alias. */
import { join } from "node:path";
import { Lambda } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeFiles } from "../fixtures/programs.ts";
import { role } from "../fixtures/service.ts";
import { type ServedStack, serveStack } from "./cloud-formation.ts";
import { describeClient } from "./installed-client.ts";
import { type Ran, withLambda } from "./served-lambda.ts";

const arn = (rest: string): string => `arn:aws:lambda:us-east-1:000000000000:${rest}`;

const template = `
Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: app/
      Handler: index.handler
      Runtime: nodejs22.x
      AutoPublishAlias: live
      Layers: [!Ref Words]
  Words:
    Type: AWS::Serverless::LayerVersion
    Properties:
      LayerName: words
      ContentUri: words/
`;

/** What was deployed before, as CloudFormation would have it. */
const stack = {
  name: "demo",
  template: {},
  resources: [
    { logicalId: "Web", type: "AWS::Lambda::Function", physicalId: "web" },
    { logicalId: "Weblive", type: "AWS::Lambda::Alias", physicalId: arn("function:web:live") },
    { logicalId: "Words", type: "AWS::Lambda::LayerVersion", physicalId: arn("layer:words:1") },
  ],
};

/** A function that answers with its word, the layer's, its version and its event. */
const handler = (word: string): string =>
  `exports.handler = async (event, { functionVersion }) => ["${word}", require("words"), functionVersion, event];`;

const layerFile = "words/nodejs/node_modules/words/index.js";

describeClient("aws-sam", (installed) => {
  const lambda = withLambda();
  let stacks: ServedStack;
  let client: Lambda;
  beforeAll(async () => {
    stacks = await serveStack(stack);
    const credentials = { accessKeyId: "x", secretAccessKey: "y" };
    client = new Lambda({ endpoint: lambda().endpoint, region: "us-east-1", credentials });
    await deploy();
  });
  afterAll(async () => {
    client.destroy();
    await stacks.close();
  });

  /** What `sam deploy` would have left behind. */
  async function deploy(): Promise<void> {
    const { directory } = lambda();
    writeFiles(directory, {
      "template.yaml": template,
      "app/index.js": handler("one"),
      [layerFile]: 'module.exports = "first";',
    });
    const content = (name: string) => ({ S3Bucket: "local-dir", S3Key: join(directory, name) });
    await client.publishLayerVersion({ LayerName: "words", Content: content("words") });
    const made = { Role: role, Runtime: "nodejs22.x", Handler: "index.handler", Code: content("app") } as const;
    await client.createFunction({ FunctionName: "web", ...made, Layers: [arn("layer:words:1")] });
    await client.publishVersion({ FunctionName: "web" });
    await client.createAlias({ FunctionName: "web", Name: "live", FunctionVersion: "1" });
  }

  const sam = (args: readonly string[], stdin = ""): Promise<Ran> =>
    lambda().run(["python3", "-m", "samcli", ...args], {
      stdin,
      env: {
        PYTHONPATH: join(installed, "python"),
        SAM_CLI_TELEMETRY: "0",
        HOME: lambda().directory,
        AWS_ENDPOINT_URL_CLOUDFORMATION: stacks.endpoint,
      },
    });

  const result = ({ stdout, stderr }: Ran): unknown => JSON.parse(stdout || `"${stderr}"`);

  test("[SVC-274] sam remote invoke prints the result, by ARN and by the name that the stack knows", async () => {
    const byArn = await sam(["remote", "invoke", arn("function:web"), "--event", '{"a":1}']);
    expect(result(byArn)).toEqual(["one", "first", "$LATEST", { a: 1 }]);
    expect(byArn.stderr).toMatch(/START RequestId: [^]+REPORT RequestId: /u);
    const byName = await sam(["remote", "invoke", "Web", "--stack-name", "demo", "--event", '{"b":2}']);
    expect(result(byName)).toEqual(["one", "first", "$LATEST", { b: 2 }]);
    const missing = await sam(["remote", "invoke", arn("function:none")]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("Function not found") as string]);
  });

  test("[SVC-274] it streams where the URL of the function says so", async () => {
    const FunctionName = "streams";
    const body = 'stream.write("one "); stream.write("two"); stream.end();';
    const text = `exports.handler = awslambda.streamifyResponse(async (event, stream) => { ${body} });`;
    const S3Key = writeFiles(join(lambda().directory, FunctionName), { "index.js": text });
    const made = { Role: role, Runtime: "nodejs22.x", Handler: "index.handler" } as const;
    await client.createFunction({ FunctionName, ...made, Code: { S3Bucket: "local-dir", S3Key } });
    await client.createFunctionUrlConfig({ FunctionName, AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" });
    const { code, stdout } = await sam(["remote", "invoke", arn(`function:${FunctionName}`)]);
    expect([code, stdout]).toEqual([0, "one two"]);
  });

  test("[SVC-274] sam sync --code brings code and layer up to date, and the alias to a new version", async () => {
    const { directory } = lambda();
    writeFiles(directory, { "app/index.js": handler("two"), [layerFile]: 'module.exports = "second";' });
    const args = ["--code", "--stack-name", "demo", "--s3-bucket", "unused", "--no-dependency-layer"];
    const synced = await sam(["sync", ...args], "y\n");
    expect(synced).toMatchObject({ code: 0 });
    const alias = await client.getAlias({ FunctionName: "web", Name: "live" });
    expect(Number(alias.FunctionVersion)).toBeGreaterThan(1);
    const { Configuration } = await client.getFunction({ FunctionName: "web" });
    expect(Configuration?.Layers).toMatchObject([{ Arn: arn("layer:words:2") }]);
    const after = await sam(["remote", "invoke", arn("function:web"), "--event", "{}"]);
    expect(result(after)).toEqual(["two", "second", "$LATEST", {}]);
    // The version is published while the layer may still be on its way.
    const byAlias = await client.invoke({ FunctionName: "web", Qualifier: "live" });
    expect(JSON.parse(byAlias.Payload!.transformToString())).toEqual([
      "two",
      expect.anything(),
      alias.FunctionVersion,
      {},
    ]);
  });
});
