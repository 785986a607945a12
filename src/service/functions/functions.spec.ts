import { afterEach, beforeEach, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { openTestService, role, smallFunction, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
});
afterEach(() => service.close());

const functions = "/2015-03-31/functions";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const configuration = async (name = "f", query = ""): Promise<Record<string, unknown>> =>
  (await service.call(`GET ${functions}/${name}/configuration${query}`)).body as Record<string, unknown>;

test("[SVC-31] creates a function", async () => {
  const { status, body } = await service.create("f");
  expect(status).toBe(201);
  expect(body).toMatchObject({
    FunctionName: "f",
    FunctionArn: arn,
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    Role: role,
  });
});

test.each(["Runtime", "Handler"])("[SVC-31] refuses a Zip function without %s", async (member) => {
  expect(await service.create("f", { [member]: null })).toMatchObject({
    status: 400,
    error: "InvalidParameterValueException",
    body: { message: expect.stringContaining("Runtime and Handler") },
  });
});

test("[SVC-32] reads defaults back for what was not given, and leaves out what was never set", async () => {
  const { body } = await service.create("f");
  expect(body).toMatchObject({
    Timeout: 3,
    MemorySize: 128,
    Description: "",
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    TracingConfig: { Mode: "PassThrough" },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/f" },
    Version: "$LATEST",
  });
  for (const member of ["Environment", "Layers", "VpcConfig", "DeadLetterConfig", "KMSKeyArn", "FileSystemConfigs"])
    expect(body).not.toHaveProperty(member);
});

test("[SVC-33, SVC-46] reads the caller's own values back unchanged", async () => {
  const given = {
    Description: "what it is for",
    Timeout: 900,
    MemorySize: 10_240,
    Environment: { Variables: { A_B: "ü", lower: "" } },
    VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] },
    DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:000000000000:dead" },
    KMSKeyArn: "arn:aws:kms:us-east-1:000000000000:key/k",
    TracingConfig: { Mode: "Active" },
    FileSystemConfigs: [
      {
        Arn: "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0",
        LocalMountPath: "/mnt/a",
      },
    ],
    Architectures: ["arm64"],
    EphemeralStorage: { Size: 10_240 },
  };
  const created = await service.create("f", { ...given, LoggingConfig: { LogFormat: "JSON", LogGroup: "/my/group" } });
  expect(created.body).toMatchObject(given);
  expect(created.body).toMatchObject({ RevisionId: expect.stringMatching(uuid), State: "Pending" });
  await service.call(`POST ${functions}/f/versions`);
  await service.call(`PUT ${functions}/f/configuration`, { Timeout: 1, KMSKeyArn: "", VpcConfig: { SubnetIds: [] } });
  expect(await configuration("f", "?Qualifier=1")).toMatchObject(given);
});

test("[SVC-33] gives the hash and the size of the uploaded bytes", async () => {
  const code = await zip({ "index.js": "exports.handler = async () => 2;" });
  const bytes = Buffer.from(code, "base64");
  expect((await service.create("f", { Code: { ZipFile: code } })).body).toMatchObject({
    CodeSha256: createHash("sha256").update(bytes).digest("base64"),
    CodeSize: bytes.byteLength,
  });
});

test("[SVC-34] names a runtime version that is the same for the same runtime", async () => {
  const versionOf = async (name: string, rest: object): Promise<string> =>
    (await service.create(name, rest)).body.RuntimeVersionConfig.RuntimeVersionArn as string;
  const [a, b, c] = [
    await versionOf("a", {}),
    await versionOf("b", {}),
    await versionOf("c", { Runtime: "python3.12" }),
  ];
  expect(a).toMatch(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/);
  expect(b).toBe(a);
  expect(c).not.toBe(a);
});

test("[SVC-35] refuses a name that is taken", async () => {
  await service.create("f");
  expect(await service.create("f")).toMatchObject({
    status: 409,
    error: "ResourceConflictException",
    body: { Type: "User", message: "Function already exist: f" },
  });
});

test("[SVC-35] lets one of two creations at once win", async () => {
  const answers = await Promise.all([service.create("f"), service.create("f")]);
  expect(answers.map(({ status }) => String(status)).sort()).toEqual(["201", "409"]);
});

test("[SVC-36] takes any role of the right form, and no other", async () => {
  expect((await service.create("f", { Role: "arn:aws:iam::123456789012:role/path/none-such" })).status).toBe(201);
  for (const wrong of ["role", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/x"]) {
    const got = await service.create("g", { Role: wrong });
    expect(got).toMatchObject({ status: 400, error: "ValidationException" });
    expect(got.body.message).toContain(`Value '${wrong}' at 'role' failed to satisfy constraint`);
  }
});

test("[SVC-37] shows code, tags and reservation of an unqualified request, and only code of a qualified one", async () => {
  await service.create("f", { Tags: { team: "a" } });
  await service.call("PUT /2017-10-31/functions/f/concurrency", { ReservedConcurrentExecutions: 3 });
  const { body } = await service.call(`GET ${functions}/f`);
  expect(body).toMatchObject({
    Configuration: { FunctionName: "f", FunctionArn: arn },
    Code: { RepositoryType: "S3", Location: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//) },
    Tags: { team: "a" },
    Concurrency: { ReservedConcurrentExecutions: 3 },
  });
  const qualified = await service.call(`GET ${functions}/f?Qualifier=$LATEST`);
  expect(Object.keys(qualified.body).sort()).toEqual(["Code", "Configuration"]);
});

test("[SVC-38] lets the code be downloaded for ten minutes, also after the function is gone", async () => {
  const { body: created } = await service.create("f");
  const { Location } = (await service.call(`GET ${functions}/f`)).body.Code;
  await service.call(`DELETE ${functions}/f`);
  const download = async (): Promise<Buffer> => Buffer.from(await (await fetch(Location)).arrayBuffer());
  expect(
    createHash("sha256")
      .update(await download())
      .digest("base64"),
  ).toBe(created.CodeSha256);
  expect((await fetch(Location, { method: "HEAD" })).status).toBe(403);
  expect((await fetch(Location.replace("signature=", "signature=_"))).status).toBe(403);
  service.clock.move(599_000);
  expect((await fetch(Location)).status).toBe(200);
  service.clock.move(2000);
  expect((await fetch(Location)).status).toBe(403);
});

test("[SVC-39] shows the configuration that GetFunction nests", async () => {
  await service.create("f");
  expect(await configuration()).toEqual((await service.call(`GET ${functions}/f`)).body.Configuration);
});

test("[SVC-40] lists functions in one order, without their states", async () => {
  for (const name of ["b", "a", "b-2", "B"]) await service.create(name);
  const { body } = await service.call(`GET ${functions}`);
  expect(body.Functions.map(({ FunctionName }: { FunctionName: string }) => FunctionName)).toEqual([
    "B",
    "a",
    "b",
    "b-2",
  ]);
  expect(body.Functions[1].FunctionArn).toBe("arn:aws:lambda:us-east-1:000000000000:function:a");
  for (const member of ["State", "StateReason", "LastUpdateStatus"])
    expect(body.Functions[0]).not.toHaveProperty(member);
});

test("[SVC-40] lists versions too when all are asked for, and knows no other word", async () => {
  await service.create("f");
  await service.create("g");
  await service.call(`POST ${functions}/f/versions`);
  const { body } = await service.call(`GET ${functions}?FunctionVersion=ALL`);
  expect(body.Functions.map(({ FunctionArn }: { FunctionArn: string }) => FunctionArn)).toEqual([
    `${arn}:$LATEST`,
    `${arn}:1`,
    "arn:aws:lambda:us-east-1:000000000000:function:g:$LATEST",
  ]);
  expect((await service.call(`GET ${functions}?FunctionVersion=SOME`)).body.message).toContain(
    "Value 'SOME' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]",
  );
});

test("[SVC-17] pages through a list, each item once, whatever comes and goes meanwhile", async () => {
  const names = Array.from({ length: 7 }, (_, index) => `f-${index}`);
  for (const name of names) await service.create(name);
  const first = await service.call(`GET ${functions}?MaxItems=3`);
  await service.call(`DELETE ${functions}/f-2`);
  await service.create("a-before");
  const second = await service.call(`GET ${functions}?MaxItems=3&Marker=${first.body.NextMarker}`);
  const third = await service.call(`GET ${functions}?MaxItems=3&Marker=${second.body.NextMarker}`);
  const pages = [first, second, third].map(({ body }) =>
    body.Functions.map(({ FunctionName }: { FunctionName: string }) => FunctionName),
  );
  expect(pages).toEqual([["f-0", "f-1", "f-2"], ["f-3", "f-4", "f-5"], ["f-6"]]);
  expect(third.body).not.toHaveProperty("NextMarker");
});

test("[SVC-17] gives at most fifty items of a list, but as many aliases as are asked for", async () => {
  await service.create("f");
  for (let index = 0; index < 52; index += 1) {
    await service.call(`PUT ${functions}/f/configuration`, { Description: String(index) });
    await service.call(`POST ${functions}/f/versions`);
    await service.call(`POST ${functions}/f/aliases`, { Name: `a${index}`, FunctionVersion: "1" });
  }
  const versions = await service.call(`GET ${functions}/f/versions?MaxItems=10000`);
  expect(versions.body.Versions).toHaveLength(50);
  const rest = await service.call(`GET ${functions}/f/versions?Marker=${versions.body.NextMarker}`);
  expect(rest.body.Versions.map(({ Version }: { Version: string }) => Version)).toEqual(["50", "51", "52"]);
  expect((await service.call(`GET ${functions}/f/aliases?MaxItems=10000`)).body.Aliases).toHaveLength(52);
});

test("[SVC-41] deletes a function with everything that was on it", async () => {
  await service.create("f");
  await service.call(`POST ${functions}/f/versions`);
  await service.call("POST /2021-10-31/functions/f/url", { AuthType: "NONE" });
  expect(await service.call(`DELETE ${functions}/f`)).toMatchObject({ status: 204, body: "" });
  for (const path of [`${functions}/f`, `${functions}/f?Qualifier=1`, "/2021-10-31/functions/f/url"])
    expect(await service.call(`GET ${path}`)).toMatchObject({ status: 404, error: "ResourceNotFoundException" });
  expect((await service.call(`DELETE ${functions}/f`)).body.Message).toBe(`Function not found: ${arn}`);
});

test("[SVC-42] gives a deleted function to no new invocation", async () => {
  await service.create("f");
  const target = { region: "us-east-1", name: "f" };
  expect(service.plane.directory.resolve(target, 0).kind).toBe("found");
  await service.call(`DELETE ${functions}/f`);
  expect(service.plane.directory.resolve(target, 0)).toEqual({
    kind: "refused",
    error: { name: "ResourceNotFoundException", message: `Function not found: ${arn}:$LATEST` },
  });
});

test("[SVC-43] begins anew under a deleted name, but for the numbers of versions", async () => {
  await service.create("f", { Tags: { a: "1" } });
  await service.call(`POST ${functions}/f/versions`);
  await service.call(`POST ${functions}/f/aliases`, { Name: "prod", FunctionVersion: "1" });
  await service.call("PUT /2017-10-31/functions/f/concurrency", { ReservedConcurrentExecutions: 3 });
  await service.call(`DELETE ${functions}/f`);
  await service.create("f");
  expect(Object.keys((await service.call(`GET ${functions}/f`)).body).sort()).toEqual(["Code", "Configuration"]);
  expect((await service.call(`GET ${functions}/f/aliases`)).body).toEqual({ Aliases: [] });
  expect((await service.call(`POST ${functions}/f/versions`)).body.Version).toBe("2");
});

test.each([
  ["PackageType Image", { PackageType: "Image" }],
  ["an image", { Code: { ImageUri: "000000000000.dkr.ecr.us-east-1.amazonaws.com/i:1" } }],
])("[SVC-44] refuses %s with the reason", async (_, rest) => {
  const got = await service.create("f", rest);
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toContain("Container images are not supported");
});

test("[SVC-44] refuses an image for a Zip function in AWS's words", async () => {
  await service.create("f");
  expect((await service.call(`PUT ${functions}/f/code`, { ImageUri: "x" })).body.message).toBe(
    "Please don't provide ImageUri when updating a function with packageType Zip.",
  );
});

test.each([
  ["CapacityProviderConfig", { LambdaManagedInstancesCapacityProviderConfig: {} }],
  ["DurableConfig", { ExecutionTimeout: 60 }],
  ["TenancyConfig", { TenantIsolationMode: "PER_TENANT" }],
  ["PublishTo", "LATEST_PUBLISHED"],
])("[SVC-45] refuses %s by name", async (member, value) => {
  const got = await service.create("f", { [member]: value });
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toContain(member);
});

test("[SVC-45] finds no code signing configuration", async () => {
  const CodeSigningConfigArn = "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-0123456789abcdef0";
  expect(await service.create("f", { CodeSigningConfigArn })).toMatchObject({
    status: 404,
    error: "CodeSigningConfigNotFoundException",
  });
});

test("[SVC-21] writes times as the API does", async () => {
  const { body } = await service.create("f");
  expect(body.LastModified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  const url = await service.call("POST /2021-10-31/functions/f/url", { AuthType: "NONE" });
  expect(url.body.CreationTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  const settings = await service.call("PUT /2019-09-25/functions/f/event-invoke-config", { MaximumRetryAttempts: 0 });
  expect(settings.body.LastModified).toBe(service.clock.now() / 1000);
  const layer = await service.call("POST /2018-10-31/layers/l/versions", { Content: (await smallFunction())["Code"] });
  expect(layer.body.CreatedDate).toBe(body.LastModified);
});
