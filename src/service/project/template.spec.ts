import { describe, expect, test } from "vitest";
import { findingText, ProjectFault } from "./project-fault.ts";
import { readTemplate } from "./template.ts";

const file = "/work/app/template.yaml";

function read(text: string, overrides: Record<string, string> = {}) {
  const around = { region: "eu-west-1", accountId: "000000000000", stackName: "app", overrides };
  const project = readTemplate({ text, file, around });
  return { functions: project.functions, findings: project.findings.map((finding) => findingText("t", finding)) };
}

/** A SAM function with these properties, indented by six. */
const serverless = (properties: string, rest = ""): string => `
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: index.handler
      Runtime: nodejs22.x
${properties.replaceAll(/^(?=.)/gmu, "      ")}
${rest}`;

describe("SAM", () => {
  test("a function with Globals: texts are its own, maps are merged, lists begin with the common ones", () => {
    const { functions, findings } = read(`
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Timeout: 10
    MemorySize: 256
    Environment: { Variables: { STAGE: dev, LEVEL: INFO } }
    Layers: [arn:aws:lambda:eu-west-1:123456789012:layer:common:1]
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.lambda_handler
      MemorySize: 512
      Environment: { Variables: { LEVEL: DEBUG } }
      Layers: [arn:aws:lambda:eu-west-1:123456789012:layer:own:2]
`);
    expect(findings).toEqual([]);
    expect(functions).toEqual([
      expect.objectContaining({
        name: "Hello",
        place: { line: 11, column: 3 },
        code: { kind: "path", path: "/work/app/src" },
        runtime: "python3.13",
        handler: "app.lambda_handler",
        memorySizeMb: 512,
        timeoutSeconds: 10,
        environmentVariables: { STAGE: "dev", LEVEL: "DEBUG" },
        layers: [
          { kind: "arn", arn: "arn:aws:lambda:eu-west-1:123456789012:layer:common:1" },
          { kind: "arn", arn: "arn:aws:lambda:eu-west-1:123456789012:layer:own:2" },
        ],
      }),
    ]);
  });

  test("layers of the template are taken from their directories, whichever way they are named", () => {
    const layers = `  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: { ContentUri: layers/shared, LayerName: shared-code }
  Old:
    Type: AWS::Lambda::LayerVersion
    Properties: { Content: layers/old.zip }`;
    const { functions, findings } = read(serverless("Layers: [!Ref Shared, {Ref: Old}]", layers));
    expect(findings).toEqual([]);
    expect(functions[0]?.layers).toEqual([
      { kind: "path", name: "shared-code", path: "/work/app/layers/shared" },
      { kind: "path", name: "Old", path: "/work/app/layers/old.zip" },
    ]);
  });

  test("an alias that is published, with provisioned concurrency and an address", () => {
    const { functions } = read(
      serverless(
        "AutoPublishAlias: live\nProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 }\nFunctionUrlConfig: { AuthType: NONE, InvokeMode: RESPONSE_STREAM }\nTracing: Active",
      ),
    );
    expect(functions[0]).toMatchObject({
      aliases: [{ name: "live", provisionedConcurrency: 2 }],
      url: { authType: "NONE", invokeMode: "RESPONSE_STREAM", alias: "live" },
      tracing: "Active",
    });
  });

  test("source code in the template itself", () => {
    const { functions } = read(`
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        exports.handler = async () => 1;
      Handler: index.handler
      Runtime: nodejs22.x`);
    expect(functions[0]?.code).toEqual({ kind: "inline", text: "exports.handler = async () => 1;\n" });
  });

  test.each([
    ["Events: { Api: { Type: Api } }", "t:10:15: Events of Hello is left out: events start nothing here"],
    ["VpcConfig: { SubnetIds: [a] }", "t:10:18: VpcConfig of Hello is left out: it has no effect here."],
    ["Nonsense: 1", "t:10:17: Nonsense of Hello is left out: it has no effect here."],
    ["Timeout: soon", `t:10:16: Timeout of Hello is a number, not "soon"; it is left out.`],
    [
      "Environment: { Variables: { A: !GetAtt Table.StreamArn } }",
      `t:10:46: Environment.Variables.A of Hello is left out: there is no "Table" in the template.`,
    ],
    [
      "Environment: { Variables: { A: !ImportValue network } }",
      "t:10:51: Environment.Variables.A of Hello is left out: network is exported by another stack: give it with --parameter network=VALUE.",
    ],
  ])("names what has no effect here, with its line: %s", (properties, expected) => {
    expect(read(serverless(properties)).findings.join("\n")).toContain(expected);
  });

  test("[SVC-53] a directory of this machine stands where a template takes a bucket and a key", () => {
    const text = `Resources:
  One: { Type: AWS::Lambda::Function, Properties: { Code: { S3Bucket: local-dir, S3Key: /work/one } } }
  Two: { Type: AWS::Serverless::Function, Properties: { CodeUri: { Bucket: local-dir, Key: file:///work/a%20b } } }
  Off: { Type: AWS::Lambda::Function, Properties: { Code: { S3Bucket: local-dir, S3Key: work/one } } }`;
    const { functions, findings } = read(text);
    expect(functions.map(({ code }) => code)).toEqual([
      { kind: "path", path: "/work/one" },
      { kind: "path", path: "/work/a b" },
    ]);
    expect(findings).toEqual([
      expect.stringMatching(
        /^t:4:59: Off is left out: .+S3Key is an absolute path or a file:\/\/ URI, not work\/one\./u,
      ),
    ]);
  });

  test("a function that cannot run here is left out, and said", () => {
    const text = `Resources:
  Image: { Type: AWS::Serverless::Function, Properties: { PackageType: Image } }
  Away: { Type: AWS::Serverless::Function, Properties: { CodeUri: s3://bucket/key, Runtime: nodejs22.x } }
  Bare: { Type: AWS::Serverless::Function, Properties: { Runtime: nodejs22.x } }
  Queue: { Type: AWS::Lambda::EventSourceMapping }
  Nested: { Type: AWS::Serverless::Application }
  Table: { Type: AWS::DynamoDB::Table }`;
    expect(read(text)).toEqual({
      functions: [],
      findings: [
        "t:2:72: Image is left out: container images are not offered.",
        "t:3:67: Away is left out: its code is in S3, not on this machine; a template from before it was packaged names the directory.",
        "t:4:3: Bare is left out: it has no CodeUri.",
        "t:5:3: Queue is left out: AWS::Lambda::EventSourceMapping is not offered here.",
        "t:6:3: Nested is left out: nested stacks are not read; its template can be served as a project of its own.",
      ],
    });
  });
});

describe("CloudFormation", () => {
  test("a function with a version, an alias and an address, in JSON", () => {
    const { functions, findings } = read(
      JSON.stringify({
        Resources: {
          Fn: {
            Type: "AWS::Lambda::Function",
            Properties: {
              FunctionName: "orders",
              Code: "dist",
              Handler: "index.handler",
              Runtime: "nodejs22.x",
              Role: { "Fn::GetAtt": ["Role", "Arn"] },
              Tags: [{ Key: "team", Value: "a" }],
              TracingConfig: { Mode: "Active" },
              LoggingConfig: { LogFormat: "JSON" },
            },
          },
          V1: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: "Fn" } } },
          Live: {
            Type: "AWS::Lambda::Alias",
            Properties: {
              FunctionName: { Ref: "Fn" },
              FunctionVersion: { "Fn::GetAtt": ["V1", "Version"] },
              Name: "live",
            },
          },
          Url: {
            Type: "AWS::Lambda::Url",
            Properties: { TargetFunctionArn: { "Fn::GetAtt": ["Fn", "Arn"] }, AuthType: "NONE", Qualifier: "live" },
          },
        },
      }),
    );
    expect(findings).toEqual([]);
    expect(functions).toEqual([
      expect.objectContaining({
        name: "orders",
        code: { kind: "path", path: "/work/app/dist" },
        aliases: [{ name: "live" }],
        url: { authType: "NONE", alias: "live" },
        tags: { team: "a" },
        tracing: "Active",
        logging: { format: "JSON" },
      }),
    ]);
  });

  test("a resource under a condition that does not hold is not there", () => {
    const text = `
Parameters: { Stage: { Type: String, Default: dev } }
Conditions: { IsProd: !Equals [!Ref Stage, prod] }
Resources:
  Hello: { Type: AWS::Lambda::Function, Condition: IsProd, Properties: { Code: src, Runtime: nodejs22.x, Handler: a.b } }`;
    expect(read(text).functions).toEqual([]);
    expect(read(text, { Stage: "prod" }).functions).toHaveLength(1);
  });

  test("an alias of a function that is not in the template is left out, and said", () => {
    const text = `Resources:
  Live: { Type: AWS::Lambda::Alias, Properties: { FunctionName: other, FunctionVersion: "3", Name: live } }`;
    expect(read(text).findings).toEqual(["t:2:65: Live is left out: its function other is not one of this template."]);
  });
});

describe("values of a template", () => {
  const around = `Parameters:
  Stage: { Type: String, Default: dev }
  Count: { Type: Number, Default: 3 }
  Zones: { Type: CommaDelimitedList, Default: "a, b" }
  Secret: { Type: String }
  Kept: { Type: AWS::SSM::Parameter::Value<String>, Default: /path }
Mappings: { ByStage: { dev: { level: DEBUG } } }
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsBig: !And [!Condition IsDev, !Equals [!Ref Count, 4]]
  Round: !Not [!Condition Round]
`;
  const extra = `  Named: { Type: AWS::DynamoDB::Table, Properties: { TableName: orders } }
  Unnamed: { Type: AWS::DynamoDB::Table }
  Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: !Sub "\${Stage}-news" } }
  Selfish: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref Selfish } }`;
  const variable = (value: string, overrides: Record<string, string> = {}) => {
    const { functions, findings } = read(
      around + serverless(`Environment: { Variables: { A: ${value} } }`, extra),
      overrides,
    );
    return functions[0]?.environmentVariables["A"] ?? findings.at(-1)?.replace(/^.*left out: /u, "");
  };

  test.each([
    ["plain", "plain"],
    ["1.0", "1.0"],
    ["true", "true"],
    ["2020-01-01", "2020-01-01"],
    ["!Ref Stage", "dev"],
    ["{ Ref: Count }", "3"],
    ["!Ref AWS::Region", "eu-west-1"],
    ["!Ref AWS::StackName", "app"],
    ["!Sub '${Stage}-${AWS::AccountId}-${!literal}'", "dev-000000000000-${literal}"],
    ["!Sub ['${x}/${Stage}', { x: !Ref Count }]", "3/dev"],
    ["!Join ['-', [a, !Ref Stage]]", "a-dev"],
    ["!Join ['-', !Ref Zones]", "a-b"],
    ["!Select [1, !Split [',', 'x,y']]", "y"],
    ["!Select [0, !Ref Zones]", "a"],
    ["!If [IsDev, yes-it-is, no-it-is-not]", "yes-it-is"],
    ["!If [IsBig, big, small]", "small"],
    ["!FindInMap [ByStage, !Ref Stage, level]", "DEBUG"],
    ["!Base64 abc", "YWJj"],
    ["!Ref Hello", "Hello"],
    ["!GetAtt Hello.Arn", "arn:aws:lambda:eu-west-1:000000000000:function:Hello"],
    ["!Ref Named", "orders"],
    ["!GetAtt Named.Arn", "arn:aws:dynamodb:eu-west-1:000000000000:table/orders"],
    ["!Ref Topic", "arn:aws:sns:eu-west-1:000000000000:dev-news"],
    ["!Sub 'a ${Named}'", "a orders"],
  ])("%s is %s", (value, expected) => {
    expect(variable(value)).toBe(expected);
  });

  test.each([
    ["!Ref Unnamed", "Unnamed is known only once it is deployed: give it with --parameter Unnamed=VALUE."],
    [
      "!GetAtt Named.StreamArn",
      "Named.StreamArn is known only once it is deployed: give it with --parameter Named.StreamArn=VALUE.",
    ],
    ["!Ref Secret", "the parameter Secret has no default: give it with --parameter Secret=VALUE."],
    ["!Ref Kept", "the parameter Kept is kept in SSM: give it with --parameter Kept=VALUE."],
    ["!Ref Nothing", `there is no "Nothing" in the template.`],
    ["!If [Round, a, b]", `the condition "Round" depends on itself.`],
    ["!If [Nowhere, a, b]", `there is no condition "Nowhere".`],
    ["!Ref Selfish", "Selfish is known only once it is deployed: give it with --parameter Selfish=VALUE."],
    ["!Cidr [a, 1, 2]", "Fn::Cidr is not supported."],
    ["!FindInMap [ByStage, prod, level]", "there is no mapping ByStage → prod → level."],
  ])("%s cannot be known: %s", (value, expected) => {
    expect(variable(value)).toBe(expected);
  });

  test("what is given comes before what the template has", () => {
    expect(variable("!Ref Stage", { Stage: "prod" })).toBe("prod");
    expect(variable("!Ref Unnamed", { Unnamed: "orders-1" })).toBe("orders-1");
    expect(variable("!GetAtt Named.StreamArn", { "Named.StreamArn": "arn:x" })).toBe("arn:x");
    expect(variable("!ImportValue network", { network: "vpc-1" })).toBe("vpc-1");
  });

  test("AWS::NoValue is as if it were not there", () => {
    const { functions, findings } = read(serverless("MemorySize: !Ref AWS::NoValue\nTimeout: 5"));
    expect(findings).toEqual([]);
    expect(functions[0]).not.toHaveProperty("memorySizeMb");
  });
});

test.each([
  ["Resources: [", "this is neither YAML nor JSON"],
  ["AWSTemplateFormatVersion: 2010-09-09", "a template has Resources"],
  ["Resources: &r\n  A: *r", "this contains itself"],
])("a file that is no template is refused with its line: %s", (text, expected) => {
  expect(() => read(text)).toThrow(ProjectFault);
  expect(() => read(text)).toThrow(expected);
});

test("settings of asynchronous invocation: on SAM's alias, or a resource of its own, which names an alias or none", () => {
  const { functions, findings } = read(`
Parameters: { Team: { Type: String, Default: a } }
Resources:
  Sam:
    Type: AWS::Serverless::Function
    Properties:
      { CodeUri: sam, Handler: a.b, Runtime: nodejs22.x, AutoPublishAlias: live, EventInvokeConfig: { MaximumRetryAttempts: 1 } }
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      Handler: a.b
      Runtime: nodejs22.x
      Code: ./plain
      Environment: { Variables: { ALIAS: !Ref Alias } }
      Tags: [{ Key: team, Value: !Ref Team }, { Key: stage, Value: dev }]
  Other: { Type: AWS::Lambda::Function, Properties: { Handler: a.b, Runtime: nodejs22.x, Code: ./other } }
  Version: { Type: AWS::Lambda::Version, Properties: { FunctionName: !Ref Plain } }
  Alias:
    Type: AWS::Lambda::Alias
    Properties: { FunctionName: !Ref Plain, FunctionVersion: !GetAtt Version.Version, Name: al }
  OfAlias:
    Type: AWS::Lambda::EventInvokeConfig
    Properties:
      FunctionName: !Ref Plain
      Qualifier: !Select [7, !Split [":", !Ref Alias]]
      MaximumEventAgeInSeconds: 90
      DestinationConfig: { OnFailure: { Destination: !GetAtt Other.Arn } }
  OfLatest:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: { FunctionName: !Ref Other, Qualifier: $LATEST, MaximumRetryAttempts: 0 }
`);
  const aliasArn = "arn:aws:lambda:eu-west-1:000000000000:function:Plain:al";
  expect(findings).toEqual([]);
  expect(functions).toMatchObject([
    { asynchronous: { maximumRetryAttempts: 1, alias: "live" } },
    {
      environmentVariables: { ALIAS: aliasArn },
      tags: { team: "a", stage: "dev" },
      asynchronous: {
        maximumEventAgeSeconds: 90,
        onFailure: "arn:aws:lambda:eu-west-1:000000000000:function:Other",
        alias: "al",
      },
    },
    { asynchronous: { maximumRetryAttempts: 0 } },
  ]);
  expect(functions[2]?.asynchronous).not.toHaveProperty("alias");
});
