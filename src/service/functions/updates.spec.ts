import { afterEach, expect, test } from "vitest";
import { type Got, openTestService, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
afterEach(() => service.close());

const functions = "/2015-03-31/functions";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const target = { region: "us-east-1", name: "f" };
const configuration = async (query = ""): Promise<Got["body"]> =>
  (await service.call(`GET ${functions}/f/configuration${query}`)).body;
const update = (body: object): Promise<Got> => service.call(`PUT ${functions}/f/configuration`, body);
const running = (): unknown => service.plane.directory.current("us-east-1", "f", "$LATEST");

test("[SVC-81, SVC-82] answers a creation as pending, and shows it active from then on", async () => {
  service = await openTestService();
  const { body } = await service.create("f");
  expect(body).toMatchObject({
    State: "Pending",
    StateReason: "The function is being created.",
    StateReasonCode: "Creating",
  });
  expect(body).not.toHaveProperty("LastUpdateStatus");
  const later = await configuration();
  expect(later).toMatchObject({ State: "Active", LastUpdateStatus: "Successful" });
  expect(later).not.toHaveProperty("StateReason");
  expect(later).not.toHaveProperty("StateReasonCode");
});

test("[SVC-86, SVC-82] answers an update as in progress, and shows it successful from then on", async () => {
  service = await openTestService();
  const created = (await service.create("f")).body;
  const { status, body } = await service.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ "a.js": "1" }) });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    State: "Active",
    LastUpdateStatus: "InProgress",
    LastUpdateStatusReason: "The function is being created.",
    LastUpdateStatusReasonCode: "Creating",
  });
  expect(body.CodeSha256).not.toBe(created.CodeSha256);
  expect(body.RevisionId).not.toBe(created.RevisionId);
  const later = await configuration();
  expect(later).toMatchObject({ State: "Active", LastUpdateStatus: "Successful", CodeSha256: body.CodeSha256 });
  expect(later).not.toHaveProperty("LastUpdateStatusReason");
});

test("[SVC-83] takes as long for a deployment as it is told to", async () => {
  service = await openTestService({ deployDelayMs: 5000 });
  await service.create("f");
  expect((await configuration()).State).toBe("Pending");
  service.clock.move(4999);
  expect((await configuration()).State).toBe("Pending");
  service.clock.move(1);
  expect((await configuration()).State).toBe("Active");
  await update({ Timeout: 9 });
  expect((await configuration()).LastUpdateStatus).toBe("InProgress");
  service.clock.move(5000);
  expect((await configuration()).LastUpdateStatus).toBe("Successful");
});

test("[SVC-62, SVC-84] fails a creation whose runtime has no program here, and says which", async () => {
  service = await openTestService({}, { missingRuntime: async (runtime) => `There is no program for ${runtime}.` });
  expect((await service.create("f")).status).toBe(201);
  expect(await configuration()).toMatchObject({
    State: "Failed",
    StateReason: "There is no program for nodejs20.x.",
    StateReasonCode: "InvalidRuntime",
  });
  expect(service.plane.directory.resolve(target, 0)).toEqual({
    kind: "refused",
    error: { name: "InvalidRuntimeException", message: "There is no program for nodejs20.x." },
  });
});

test("[SVC-84] lets the old deployment serve when an update fails", async () => {
  const missingRuntime = async (runtime: string): Promise<string | undefined> =>
    new Map([["ruby3.4", "No Ruby here."]]).get(runtime);
  service = await openTestService({}, { missingRuntime });
  await service.create("f");
  const before = running();
  await update({ Runtime: "ruby3.4" });
  expect(await configuration()).toMatchObject({
    State: "Active",
    LastUpdateStatus: "Failed",
    LastUpdateStatusReason: "No Ruby here.",
    LastUpdateStatusReasonCode: "InvalidRuntime",
  });
  expect(running()).toBe(before);
  await update({ Runtime: "nodejs22.x" });
  expect(await configuration()).toMatchObject({ State: "Active", LastUpdateStatus: "Successful" });
  expect(running()).toMatchObject({ runtime: "nodejs22.x" });
});

test("[SVC-85] neither runs nor updates what is pending", async () => {
  service = await openTestService({ deployDelayMs: 1000 });
  await service.create("f");
  const message =
    "The operation cannot be performed at this time. The function is currently in the following state: Pending";
  expect(service.plane.directory.resolve(target, 0)).toEqual({
    kind: "refused",
    error: { name: "ResourceConflictException", message },
  });
  expect(await update({ Timeout: 4 })).toMatchObject({ status: 409, body: { Type: "User", message } });
});

test("[SVC-87] tries an update of code, and changes nothing", async () => {
  service = await openTestService();
  await service.create("f");
  const before = await configuration();
  service.clock.move(1000);
  const ZipFile = await zip({ "other.js": "1" });
  const { body } = await service.call(`PUT ${functions}/f/code`, { ZipFile, DryRun: true });
  expect(body.CodeSha256).not.toBe(before.CodeSha256);
  expect(await configuration()).toEqual(before);
  const bad = await service.call(`PUT ${functions}/f/code`, { ZipFile: "bm8gemlw", DryRun: true });
  expect(bad.status).toBe(400);
});

test("[SVC-88] refuses an architecture without code", async () => {
  service = await openTestService();
  await service.create("f");
  expect(await service.call(`PUT ${functions}/f/code`, { Architectures: ["arm64"] })).toMatchObject({
    status: 400,
    error: "InvalidParameterValueException",
  });
});

test("[SVC-89] changes only the members that are given", async () => {
  service = await openTestService();
  const variables = { Environment: { Variables: { A1: "1", B1: "2" } } };
  await service.create("f", { ...variables, Timeout: 7, MemorySize: 256, Description: "first" });
  const { status, body } = await update({ Timeout: 8, Environment: { Variables: { C1: "3" } } });
  expect(status).toBe(200);
  expect(body).toMatchObject({ Timeout: 8, MemorySize: 256, Description: "first", LastUpdateStatus: "InProgress" });
  expect(body.Environment).toEqual({ Variables: { C1: "3" } });
  expect((await update({ Description: "" })).body).toMatchObject({ Timeout: 8, Description: "" });
});

test("[SVC-89] takes all layers away for an empty list", async () => {
  service = await openTestService();
  const content = { Content: { ZipFile: await zip({ x: "1" }) } };
  const layer = (await service.call("POST /2018-10-31/layers/l/versions", content)).body.LayerVersionArn;
  await service.create("f", { Layers: [layer] });
  expect((await update({ Timeout: 4 })).body.Layers).toHaveLength(1);
  expect((await update({ Layers: [] })).body).not.toHaveProperty("Layers");
});

test("[SVC-90] keeps, replaces and removes a dead-letter target", async () => {
  service = await openTestService();
  const DeadLetterConfig = { TargetArn: "arn:aws:sns:us-east-1:000000000000:topic" };
  await service.create("f", { DeadLetterConfig });
  expect((await update({ DeadLetterConfig: {} })).body).toMatchObject({ DeadLetterConfig });
  expect((await update({ DeadLetterConfig: { TargetArn: "" } })).body).not.toHaveProperty("DeadLetterConfig");
});

test("[SVC-90] replaces the logging configuration as a whole", async () => {
  service = await openTestService();
  await service.create("f", { LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "DEBUG", LogGroup: "mine" } });
  expect((await update({ LoggingConfig: { LogFormat: "JSON" } })).body.LoggingConfig).toEqual({
    LogFormat: "JSON",
    ApplicationLogLevel: "INFO",
    SystemLogLevel: "INFO",
    LogGroup: "/aws/lambda/f",
  });
});

test("[SVC-91] replaces environments on an update with equal values too", async () => {
  service = await openTestService();
  await service.create("f");
  const before = await configuration();
  const { generation } = running() as { generation: string };
  const { body } = await update({ Timeout: 3 });
  expect(body).toMatchObject({ LastUpdateStatus: "InProgress" });
  expect(body.RevisionId).not.toBe(before.RevisionId);
  expect(running()).not.toMatchObject({ generation });
});

test("[SVC-92, SVC-93] refuses a second update, and runs the old code until the first is done", async () => {
  service = await openTestService({ deployDelayMs: 1000 });
  await service.create("f");
  service.clock.move(1000);
  await update({ Timeout: 5 });
  const second = {
    status: 409,
    body: { message: `The operation cannot be performed at this time. An update is in progress for resource: ${arn}` },
  };
  expect(await update({ Timeout: 6 })).toMatchObject(second);
  expect(await service.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ a: "" }) })).toMatchObject(second);
  expect(running()).toMatchObject({ timeoutMs: 3000 });
  service.clock.move(1000);
  expect(running()).toMatchObject({ timeoutMs: 5000 });
});

test("[SVC-94] refuses a revision that is not the current one, and changes nothing", async () => {
  service = await openTestService();
  const created = (await service.create("f")).body;
  await service.call(`POST ${functions}/f/aliases`, { Name: "a", FunctionVersion: "$LATEST" });
  const before = await configuration();
  const RevisionId = created.RevisionId;
  for (const [route, body] of [
    [`PUT ${functions}/f/configuration`, { Timeout: 9, RevisionId }],
    [`PUT ${functions}/f/code`, { ZipFile: await zip({ a: "" }), RevisionId }],
    [`POST ${functions}/f/versions`, { RevisionId }],
    [`PUT ${functions}/f/aliases/a`, { Description: "x", RevisionId }],
  ] as const)
    expect(await service.call(route, body)).toMatchObject({
      status: 412,
      error: "PreconditionFailedException",
      body: {
        message:
          "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
      },
    });
  expect(await configuration()).toEqual(before);
  expect((await update({ Timeout: 9, RevisionId: before.RevisionId })).status).toBe(200);
});

test("[SVC-95] gives a new revision for what changes the function, and for nothing else", async () => {
  service = await openTestService();
  const seen = [(await service.create("f")).body.RevisionId as string];
  const next = async (): Promise<void> => void seen.push((await configuration()).RevisionId as string);
  await next();
  seen.push((await update({ Timeout: 4 })).body.RevisionId as string);
  await next();
  await service.call(`POST ${functions}/f/versions`);
  await next();
  await service.call(`POST /2017-03-31/tags/${arn}`, { Tags: { a: "1" } });
  await next();
  await service.call("PUT /2017-10-31/functions/f/concurrency", { ReservedConcurrentExecutions: 1 });
  await next();
  expect(new Set(seen).size).toBe(seen.length);
  await service.call(`POST ${functions}/f/aliases`, { Name: "a", FunctionVersion: "1" });
  await service.call(`POST ${functions}/f/versions`);
  await service.call(`GET ${functions}/f`);
  expect((await configuration()).RevisionId).toBe(seen.at(-1));
});

test("[SVC-97] updates functions only, no version and no alias", async () => {
  service = await openTestService();
  await service.create("f");
  await service.call(`POST ${functions}/f/versions`);
  for (const name of ["f:1", `${arn}:1`])
    for (const part of ["configuration", "code"])
      expect(await service.call(`PUT ${functions}/${name}/${part}`, { ZipFile: "" })).toMatchObject({
        status: 400,
        error: "InvalidParameterValueException",
      });
});

test("[SVC-205, SVC-257] replaces no environment for tags, aliases and reservations", async () => {
  service = await openTestService();
  await service.create("f");
  const before = running();
  const { LastModified } = await configuration();
  service.clock.move(60_000);
  await service.call("PUT /2017-10-31/functions/f/concurrency", { ReservedConcurrentExecutions: 1 });
  await service.call(`POST ${functions}/f/aliases`, { Name: "a", FunctionVersion: "$LATEST" });
  await service.call(`POST /2017-03-31/tags/${arn}`, { Tags: { a: "1" } });
  expect(running()).toBe(before);
  expect((await configuration()).LastModified).not.toBe(LastModified);
});

test("tells those who listen what has changed, once it can be seen", async () => {
  service = await openTestService();
  const seen: unknown[] = [];
  const stop = service.plane.directory.onChange((change) => seen.push([change, running()]));
  await service.create("f");
  stop();
  await update({ Timeout: 9 });
  expect(seen).toEqual([
    [target, undefined],
    [target, expect.objectContaining({ timeoutMs: 3000 })],
  ]);
});

test("renews environments when files have changed, and calls that nothing new to publish", async () => {
  service = await openTestService();
  await service.create("f");
  await service.call(`POST ${functions}/f/versions`);
  const { generation } = running() as { generation: string };
  service.plane.redeploy("us-east-1", "f");
  expect(running()).not.toMatchObject({ generation });
  expect((await service.call(`POST ${functions}/f/versions`)).body.Version).toBe("1");
  const file = { name: "ext", file: "/extensions/ext" };
  service.plane.setExtensionFiles("us-east-1", "f", [file]);
  expect(running()).toMatchObject({ extensionFiles: [file] });
});
