import { afterEach, beforeEach, expect, test } from "vitest";
import { openTestService, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
});
afterEach(() => service.close());

const functions = "/2015-03-31/functions";

test.each([
  [
    "[SVC-63] Timeout",
    { Timeout: 0 },
    "Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    "[SVC-63] Timeout",
    { Timeout: 901 },
    "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
  ],
  [
    "[SVC-64] MemorySize",
    { MemorySize: 127 },
    "Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
  ],
  [
    "[SVC-64] MemorySize",
    { MemorySize: 10_241 },
    "Value '10241' at 'memorySize' failed to satisfy constraint: Member must have value less than or equal to 10240",
  ],
  [
    "[SVC-65] EphemeralStorage",
    { EphemeralStorage: { Size: 511 } },
    "Value '511' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value greater than or equal to 512",
  ],
  [
    "[SVC-65] EphemeralStorage",
    { EphemeralStorage: { Size: 10_241 } },
    "Value '10241' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value less than or equal to 10240",
  ],
  [
    "[SVC-68] Handler",
    { Handler: "a b" },
    "Value 'a b' at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\\s]+",
  ],
  [
    "[SVC-68] Handler",
    { Handler: "x".repeat(129) },
    "at 'handler' failed to satisfy constraint: Member must have length less than or equal to 128",
  ],
  [
    "[SVC-68] Description",
    { Description: "x".repeat(257) },
    "at 'description' failed to satisfy constraint: Member must have length less than or equal to 256",
  ],
  [
    "[SVC-69] Architectures",
    { Architectures: ["x86_64", "arm64"] },
    "Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
  ],
  [
    "[SVC-69] Architectures",
    { Architectures: ["mips"] },
    "Value '[mips]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
  ],
  [
    "[SVC-70] Environment",
    { Environment: { Variables: { "1A": "x" } } },
    "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]",
  ],
  [
    "[SVC-75] Layers",
    { Layers: ["arn:aws:lambda:us-east-1:000000000000:layer:l"] },
    "at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 140, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: arn:",
  ],
  [
    "[SVC-78] LoggingConfig",
    { LoggingConfig: { LogFormat: "XML" } },
    "Value 'XML' at 'loggingConfig.logFormat' failed to satisfy constraint: Member must satisfy enum value set: [JSON, Text]",
  ],
  [
    "[SVC-78] LoggingConfig",
    { LoggingConfig: { SystemLogLevel: "TRACE" } },
    "Value 'TRACE' at 'loggingConfig.systemLogLevel' failed to satisfy constraint: Member must satisfy enum value set: [DEBUG, INFO, WARN]",
  ],
  [
    "[SVC-78] LoggingConfig",
    { LoggingConfig: { LogGroup: "a b" } },
    "Value 'a b' at 'loggingConfig.logGroup' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
  ],
])("%s: the model refuses %j", async (_, rest, message) => {
  const got = await service.create("f", rest);
  expect(got).toMatchObject({ status: 400, error: "ValidationException" });
  expect(got.body).toEqual({ message: expect.stringContaining(`1 validation error detected: Value`) });
  expect(got.body.message).toContain(message);
  expect((await service.call(`GET ${functions}/f`)).status).toBe(404);
});

test.each([
  ["[SVC-63]", { Timeout: 1 }],
  ["[SVC-63]", { Timeout: 900 }],
  ["[SVC-64]", { MemorySize: 129 }],
  ["[SVC-64]", { MemorySize: 10_240 }],
  ["[SVC-65]", { EphemeralStorage: { Size: 513 } }],
  ["[SVC-68]", { Handler: "x".repeat(128), Description: "x".repeat(256) }],
  ["[SVC-69]", { Architectures: ["arm64"] }],
  ["[SVC-70]", { Environment: { Variables: { A_: "", a1: "x" } } }],
])("%s takes %j", async (_, rest) => {
  expect((await service.create("f", rest)).status).toBe(201);
});

test("[SVC-10] counts several faults and joins them", async () => {
  await service.create("f");
  const got = await service.call(`PUT ${functions}/f/configuration`, { Timeout: 0, MemorySize: 1, Role: "r" });
  expect(got.body.message).toBe(
    "3 validation errors detected: Value 'r' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+; Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '1' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
  );
});

test("[SVC-10] says which members are missing", async () => {
  expect((await service.call(`POST ${functions}`, {})).body).toEqual({
    message:
      "3 validation errors detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null; Value null at 'role' failed to satisfy constraint: Member must not be null; Value null at 'code' failed to satisfy constraint: Member must not be null",
  });
});

test.each(["nodejs99.x", "NodeJS20.x", "python"])("[SVC-66] refuses the unknown runtime %s", async (Runtime) => {
  const got = await service.create("f", { Runtime });
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException", body: { Type: "User" } });
  expect(got.body.message).toMatch(
    new RegExp(
      `^Value ${Runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \\[.*nodejs20\\.x.*\\] or be a valid ARN$`,
    ),
  );
});

test.each(["nodejs14.x", "python3.7", "go1.x", "provided"])(
  "[SVC-66] refuses the retired runtime %s",
  async (Runtime) => {
    expect((await service.create("f", { Runtime })).body.message).toBe(
      `The runtime parameter of ${Runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
  },
);

test("[SVC-67] takes every runtime that Lambda has", async () => {
  const runtimes =
    "nodejs20.x nodejs22.x nodejs24.x python3.10 python3.11 python3.12 python3.13 python3.14 ruby3.2 ruby3.3 ruby3.4 java17 java21 java25 dotnet8 dotnet10 provided.al2 provided.al2023".split(
      " ",
    );
  for (const [index, Runtime] of runtimes.entries())
    expect(await service.create(`f-${index}`, { Runtime })).toMatchObject({ status: 201, body: { Runtime } });
});

test("[SVC-71] takes 4096 bytes of variables, and not one more", async () => {
  // {"AA":"…"} has nine characters around the value.
  expect((await service.create("f", { Environment: { Variables: { AA: "x".repeat(4087) } } })).status).toBe(201);
  const got = await service.create("g", { Environment: { Variables: { AA: "x".repeat(4088) } } });
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toMatch(
    /^Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit\. String measured: \{"AA":"x/,
  );
});

test.each(
  "AWS_REGION AWS_DEFAULT_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_LAMBDA_RUNTIME_API AWS_LAMBDA_INITIALIZATION_TYPE AWS_EXECUTION_ENV LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR _HANDLER _X_AMZN_TRACE_ID".split(
    " ",
  ),
)("[SVC-72] refuses the reserved name %s", async (name) => {
  const got = await service.create("f", { Environment: { Variables: { OWN: "1", [name]: "x" } } });
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toMatch(new RegExp(`Reserved keys used in this request: ${name}$`));
});

test("[SVC-72] names all reserved names of a request", async () => {
  const Variables = { AWS_REGION: "x", OWN: "1", _HANDLER: "y" };
  expect((await service.create("f", { Environment: { Variables } })).body.message).toMatch(/: AWS_REGION, _HANDLER$/);
});

const layerArn = (name: string, version: number): string =>
  `arn:aws:lambda:us-east-1:000000000000:layer:${name}:${version}`;

test("[SVC-73] takes five layers, and no sixth", async () => {
  const content = { Content: { ZipFile: await zip({ x: "1" }) } };
  for (const name of "abcdef") await service.call(`POST /2018-10-31/layers/${name}/versions`, content);
  const Layers = Array.from("abcdef", (name) => layerArn(name, 1));
  expect((await service.create("f", { Layers })).body.message).toBe("Cannot reference more than 5 layers.");
  expect((await service.create("f", { Layers: Layers.slice(1) })).status).toBe(201);
});

test("[SVC-74] refuses one layer twice", async () => {
  const content = { Content: { ZipFile: await zip({ x: "1" }) } };
  for (let count = 0; count < 2; count += 1) await service.call("POST /2018-10-31/layers/l/versions", content);
  for (const version of [1, 2])
    expect((await service.create("f", { Layers: [layerArn("l", 1), layerArn("l", version)] })).body.message).toMatch(
      /^Two different versions of the same layer are not allowed to be referenced in the same function\./,
    );
});

test("[SVC-75] refuses a layer version that is not there", async () => {
  for (const Layers of [[layerArn("none", 1)], ["arn:aws:lambda:us-east-1:111111111111:layer:l:1"]])
    expect(await service.create("f", { Layers })).toMatchObject({
      status: 400,
      error: "InvalidParameterValueException",
      body: { message: `Layer version ${Layers[0]} does not exist.` },
    });
});

test("[SVC-76] refuses a layer of another region", async () => {
  expect(
    (await service.create("f", { Layers: ["arn:aws:lambda:eu-west-1:000000000000:layer:l:1"] })).body.message,
  ).toBe("Layers are not in the same region as the function. Layers are expected to be in region us-east-1.");
});

test("[SVC-78] reads levels of the JSON format back, both INFO when none were given", async () => {
  const group = { LogGroup: "/aws/lambda/f" };
  expect((await service.create("f", { LoggingConfig: { LogFormat: "JSON" } })).body.LoggingConfig).toEqual({
    LogFormat: "JSON",
    ApplicationLogLevel: "INFO",
    SystemLogLevel: "INFO",
    ...group,
  });
  const { body } = await service.call(`PUT ${functions}/f/configuration`, { LoggingConfig: { LogFormat: "Text" } });
  expect(body.LoggingConfig).toEqual({ LogFormat: "Text", ...group });
});

test.each([{ ApplicationLogLevel: "INFO" }, { SystemLogLevel: "WARN", LogFormat: "Text" }])(
  "[SVC-78] refuses a level with the Text format: %j",
  async (LoggingConfig) => {
    expect(await service.create("f", { LoggingConfig })).toMatchObject({
      status: 400,
      error: "InvalidParameterValueException",
    });
  },
);

test.each([
  "arn:aws:s3:::bucket",
  "arn:aws:sqs:us-east-1:000000000000:q.fifo",
  "arn:aws:sns:us-east-1:000000000000:t.fifo",
])("[SVC-79] refuses the dead-letter target %s", async (TargetArn) => {
  const got = await service.create("f", { DeadLetterConfig: { TargetArn } });
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toContain(TargetArn);
});

test("[SVC-79] takes a queue, a topic and nothing as dead-letter target", async () => {
  for (const [index, TargetArn] of [
    "arn:aws:sqs:us-east-1:000000000000:q",
    "arn:aws:sns:us-east-1:000000000000:t",
    "",
  ].entries())
    expect((await service.create(`f-${index}`, { DeadLetterConfig: { TargetArn } })).status).toBe(201);
  expect(service.plane.directory.current("us-east-1", "f-0", "$LATEST")).toMatchObject({
    deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:q",
  });
});

test("[SVC-80] holds tags at creation to the rules of tags, and shows them", async () => {
  expect((await service.create("f", { Tags: { "aws:x": "1" } })).status).toBe(400);
  await service.create("f", { Tags: { Team: "a" } });
  expect((await service.call(`GET ${functions}/f`)).body.Tags).toEqual({ Team: "a" });
  expect(
    (await service.call("GET /2017-03-31/tags/arn:aws:lambda:us-east-1:000000000000:function:f")).body.Tags,
  ).toEqual({
    Team: "a",
  });
});

test("[SVC-11] answers rules beyond the model as invalid parameters of the user's", async () => {
  expect(await service.create("f", { Code: {} })).toMatchObject({
    status: 400,
    error: "InvalidParameterValueException",
    body: { Type: "User" },
  });
});
