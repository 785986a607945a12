import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Got, openTestService, signedFor, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
let content: { readonly ZipFile: string };
beforeEach(async () => {
  service = await openTestService();
  content = { ZipFile: await zip({ "nodejs/a.js": "1" }) };
});
afterEach(() => service.close());

const layers = "/2018-10-31/layers";
const functions = "/2015-03-31/functions";
const layerArn = "arn:aws:lambda:us-east-1:000000000000:layer:l";
const publish = (name = "l", rest: object = {}): Promise<Got> =>
  service.call(`POST ${layers}/${name}/versions`, { Content: content, ...rest });
const hash = (base64: string): string => createHash("sha256").update(Buffer.from(base64, "base64")).digest("base64");

test("[SVC-116] publishes a new version for every call, and never a number twice", async () => {
  const given = {
    Description: "d",
    CompatibleRuntimes: ["nodejs20.x", "python3.12"],
    CompatibleArchitectures: ["arm64"],
    LicenseInfo: "MIT",
  };
  const { status, body } = await publish("l", given);
  expect(status).toBe(201);
  expect(body).toMatchObject({
    LayerArn: layerArn,
    LayerVersionArn: `${layerArn}:1`,
    Version: 1,
    CreatedDate: expect.stringMatching(/\+0000$/),
    Content: {
      Location: expect.stringMatching(/^http:/),
      CodeSha256: hash(content.ZipFile),
      CodeSize: Buffer.from(content.ZipFile, "base64").byteLength,
    },
    ...given,
  });
  expect((await publish(layerArn)).body).toMatchObject({ Version: 2 });
  await service.call(`DELETE ${layers}/l/versions/2`);
  await service.call(`DELETE ${layers}/l/versions/1`);
  const third = (await publish()).body;
  expect(third).toMatchObject({ Version: 3, Description: "" });
  for (const member of ["CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"])
    expect(third).not.toHaveProperty(member);
});

test.each([
  [
    { CompatibleRuntimes: ["cobol"] },
    "at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy constraint",
  ],
  [
    { CompatibleArchitectures: ["mips"] },
    "at 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint",
  ],
  [
    { CompatibleRuntimes: Array.from({ length: 16 }, () => "java21") },
    "Member must have length less than or equal to 15",
  ],
  [{ CompatibleArchitectures: ["arm64", "x86_64", "arm64"] }, "Member must have length less than or equal to 2"],
])("[SVC-117] refuses %j", async (rest, message) => {
  const got = await publish("l", rest);
  expect(got).toMatchObject({ status: 400, error: "ValidationException" });
  expect(got.body.message).toContain(message);
});

test("[SVC-118] shows a version by number and by ARN, and gives its archive", async () => {
  const published = (await publish()).body;
  const strip = (body: Got["body"]): unknown => ({ ...body, Content: { ...body.Content, Location: "" } });
  const byNumber = await service.call(`GET ${layers}/l/versions/1`);
  const byArn = await service.call(`GET ${layers}?find=LayerVersion&Arn=${layerArn}:1`);
  expect(strip(byNumber.body)).toEqual(strip(published));
  expect(strip(byArn.body)).toEqual(strip(published));
  const bytes = Buffer.from(await (await fetch(byArn.body.Content.Location)).arrayBuffer());
  expect(bytes.toString("base64")).toBe(content.ZipFile);
});

test("[SVC-118] finds no version that is not there", async () => {
  await publish();
  const message = "The resource you requested does not exist.";
  for (const route of [
    `${layers}/l/versions/2`,
    `${layers}/m/versions/1`,
    `${layers}?find=LayerVersion&Arn=${layerArn}:2`,
  ])
    expect(await service.call(`GET ${route}`)).toMatchObject({ status: 404, body: { Message: message } });
  expect(await service.call(`GET ${layers}/l/versions/0`)).toMatchObject({
    status: 400,
    body: { message: "Layer Version Cannot be less than 1" },
  });
});

test("[SVC-119] lists versions, the newest first, and layers by name", async () => {
  for (let count = 0; count < 11; count += 1) await publish();
  await publish("a");
  const versions = await service.call(`GET ${layers}/l/versions?MaxItems=10`);
  expect(versions.body.LayerVersions.map(({ Version }: { Version: number }) => Version)).toEqual([
    11, 10, 9, 8, 7, 6, 5, 4, 3, 2,
  ]);
  const rest = await service.call(`GET ${layers}/l/versions?Marker=${versions.body.NextMarker}`);
  expect(rest.body.LayerVersions.map(({ Version }: { Version: number }) => Version)).toEqual([1]);
  expect((await service.call(`GET ${layers}/none/versions`)).body).toEqual({ LayerVersions: [] });
  const { body } = await service.call(`GET ${layers}`);
  expect(body.Layers).toMatchObject([
    { LayerName: "a", LatestMatchingVersion: { Version: 1 } },
    { LayerName: "l", LayerArn: layerArn, LatestMatchingVersion: { Version: 11, LayerVersionArn: `${layerArn}:11` } },
  ]);
});

test("[SVC-119] filters versions each by itself, and layers by the newest only", async () => {
  await publish("l", { CompatibleRuntimes: ["nodejs20.x"], CompatibleArchitectures: ["arm64"] });
  await publish("l", { CompatibleRuntimes: ["python3.12"] });
  const count = async (path: string, list: string): Promise<number> =>
    (await service.call(`GET ${layers}${path}`)).body[list].length as number;
  expect(await count("/l/versions?CompatibleRuntime=nodejs20.x", "LayerVersions")).toBe(1);
  expect(await count("/l/versions?CompatibleArchitecture=arm64", "LayerVersions")).toBe(1);
  expect(await count("?CompatibleRuntime=nodejs20.x", "Layers")).toBe(0);
  expect(await count("?CompatibleRuntime=python3.12", "Layers")).toBe(1);
  expect((await service.call(`GET ${layers}?CompatibleRuntime=cobol`)).error).toBe("ValidationException");
});

test("[SVC-120] leaves a deleted version to those that have it, and to nobody else", async () => {
  await publish();
  await service.create("f", { Layers: [`${layerArn}:1`] });
  await service.call(`POST ${functions}/f/versions`);
  expect((await service.call(`DELETE ${layers}/l/versions/1`)).status).toBe(204);
  expect((await service.call(`DELETE ${layers}/l/versions/1`)).status).toBe(204);
  const kept = await service.call(`PUT ${functions}/f/configuration`, { Timeout: 9, Layers: [`${layerArn}:1`] });
  expect(kept.body.Layers).toHaveLength(1);
  for (const version of ["$LATEST", "1"]) {
    const { layerDirectories } = service.plane.directory.current("us-east-1", "f", version)!;
    expect(await readFile(path.join(layerDirectories[0]!, "nodejs/a.js"), "utf8")).toBe("1");
  }
  expect((await service.create("g", { Layers: [`${layerArn}:1`] })).body.message).toBe(
    `Layer version ${layerArn}:1 does not exist.`,
  );
});

test("[SVC-121, SVC-122] attaches layers in the order they are asked for", async () => {
  for (const name of ["l", "a", "m"]) await publish(name);
  const Layers = ["m", "l", "a"].map((name) => `arn:aws:lambda:us-east-1:000000000000:layer:${name}:1`);
  const { body } = await service.create("f", { Layers });
  const CodeSize = Buffer.from(content.ZipFile, "base64").byteLength;
  expect(body.Layers).toEqual(Layers.map((Arn) => ({ Arn, CodeSize })));
});

test("[SVC-125] reads a layer from a directory as it is", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "lambdarium-layer-"));
  await writeFile(path.join(directory, "file"), "1");
  const { status } = await publish("l", { Content: { S3Bucket: "local-dir", S3Key: directory } });
  await service.create("f", { Layers: [`${layerArn}:1`] });
  const { layerDirectories } = service.plane.directory.current("us-east-1", "f", "$LATEST")!;
  await rm(directory, { recursive: true });
  expect(status).toBe(201);
  expect(layerDirectories).toEqual([directory]);
});

test("[SVC-126] takes layers of other accounts and regions from this machine", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "lambdarium-layer-"));
  const archive = path.join(directory, "layer.zip");
  await writeFile(archive, Buffer.from(content.ZipFile, "base64"));
  const zipped = "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:14";
  const live = "arn:aws:lambda:eu-west-1:111111111111:layer:mine:1";
  const other = await openTestService({ layerSources: { [zipped]: archive, [live]: directory } });
  const created = await other.create("f", { Layers: [zipped, live] });
  const read = await other.call(`GET ${layers}?find=LayerVersion&Arn=${zipped}`);
  const absent = await other.create("g", { Layers: ["arn:aws:lambda:us-east-1:580247275435:layer:Other:1"] });
  const deployed = other.plane.directory.current("us-east-1", "f", "$LATEST")!;
  const inside = await readFile(path.join(deployed.layerDirectories[0]!, "nodejs/a.js"), "utf8");
  await other.close();
  await rm(directory, { recursive: true });
  expect(created.status).toBe(201);
  expect(inside).toBe("1");
  expect(deployed.layerDirectories[1]).toBe(directory);
  expect(read.body).toMatchObject({
    LayerVersionArn: zipped,
    Version: 14,
    Content: { CodeSha256: hash(content.ZipFile) },
  });
  expect(absent.status).toBe(400);
});

test("says at the start which layer source is not there", async () => {
  const arn = "arn:aws:lambda:us-east-1:580247275435:layer:Other:1";
  await expect(openTestService({ layerSources: { [arn]: "/no/such/layer" } })).rejects.toMatchObject({
    code: "layer-not-found",
  });
  await expect(openTestService({ layerSources: { Other: "/tmp" } })).rejects.toMatchObject({ code: "invalid-setting" });
});

test("[SVC-127] keeps and shows permissions of layer versions", async () => {
  await publish();
  const policy = `${layers}/l/versions/1/policy`;
  const given = { StatementId: "s", Action: "lambda:GetLayerVersion", Principal: "*", OrganizationId: "o-abcdefghij" };
  const added = await service.call(`POST ${policy}`, given);
  expect(added.status).toBe(201);
  expect(JSON.parse(added.body.Statement)).toEqual({
    Sid: "s",
    Effect: "Allow",
    Principal: "*",
    Action: "lambda:GetLayerVersion",
    Resource: `${layerArn}:1`,
    Condition: { StringEquals: { "aws:PrincipalOrgID": "o-abcdefghij" } },
  });
  expect((await service.call(`POST ${policy}`, given)).status).toBe(409);
  expect((await service.call(`POST ${policy}?RevisionId=old`, { ...given, StatementId: "t" })).status).toBe(412);
  const shown = await service.call(`GET ${policy}`);
  expect(shown.body.RevisionId).toBe(added.body.RevisionId);
  expect(JSON.parse(shown.body.Policy).Statement).toEqual([JSON.parse(added.body.Statement)]);
  expect((await service.call(`DELETE ${policy}/s?RevisionId=old`)).status).toBe(412);
  expect((await service.call(`DELETE ${policy}/s`)).status).toBe(204);
  expect((await service.call(`GET ${policy}`)).status).toBe(404);
});

test("[SVC-06] keeps the layers of regions apart", async () => {
  await publish();
  expect((await service.call(`GET ${layers}`, undefined, signedFor("eu-west-1"))).body).toEqual({ Layers: [] });
});
