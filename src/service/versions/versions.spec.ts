import { afterEach, beforeEach, expect, test } from "vitest";
import { type Got, openTestService, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
  await service.create("f");
});
afterEach(() => service.close());

const functions = "/2015-03-31/functions";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const publish = (body?: object): Promise<Got> => service.call(`POST ${functions}/f/versions`, body);
const update = (body: object): Promise<Got> => service.call(`PUT ${functions}/f/configuration`, body);

test("[SVC-98] publishes immutable copies, one number after the other", async () => {
  await update({ Description: "latest", Environment: { Variables: { A1: "1" } } });
  const { status, body } = await publish({ Description: "first" });
  expect(status).toBe(201);
  expect(body).toMatchObject({ Version: "1", FunctionArn: `${arn}:1`, Description: "first", State: "Active" });
  await update({ Environment: { Variables: { A1: "2" } }, Timeout: 20 });
  expect((await publish()).body).toMatchObject({
    Version: "2",
    FunctionArn: `${arn}:2`,
    Description: "latest",
    Timeout: 20,
  });
  const first = (await service.call(`GET ${functions}/f/configuration?Qualifier=1`)).body;
  expect(first).toMatchObject({ Timeout: 3, Environment: { Variables: { A1: "1" } }, RevisionId: body.RevisionId });
  expect((await service.call(`GET ${functions}/f/configuration`)).body.Description).toBe("latest");
});

test("[SVC-99] publishes nothing new when nothing was deployed since", async () => {
  const first = await publish({ Description: "first" });
  await service.call(`POST /2017-03-31/tags/${arn}`, { Tags: { a: "1" } });
  await service.call(`POST ${functions}/f/aliases`, { Name: "a", FunctionVersion: "1" });
  await service.call("PUT /2017-10-31/functions/f/concurrency", { ReservedConcurrentExecutions: 1 });
  const again = await publish({ Description: "second" });
  expect(again.status).toBe(201);
  expect(again.body).toEqual(first.body);
  await update({});
  expect((await publish()).body.Version).toBe("2");
});

test("[SVC-100] compares the hash that is given", async () => {
  const { CodeSha256 } = (await service.call(`GET ${functions}/f/configuration`)).body;
  const wrong = await publish({ CodeSha256: "other" });
  expect(wrong).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(wrong.body.message).toMatch(/^CodeSHA256 \(other\) is different from current CodeSHA256 in \$LATEST \(/);
  expect(wrong.body.message).toContain(CodeSha256);
  expect((await publish({ CodeSha256 })).body.Version).toBe("1");
});

test("[SVC-101] publishes with a creation and with an update of code", async () => {
  const created = await service.create("g", { Publish: true });
  expect(created).toMatchObject({ status: 201, body: { Version: "1" } });
  const updated = await service.call(`PUT ${functions}/g/code`, { ZipFile: await zip({ a: "1" }), Publish: true });
  expect(updated.body).toMatchObject({
    Version: "2",
    FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:g:2",
  });
  for (const version of ["1", "2"])
    expect((await service.call(`GET ${functions}/g/configuration?Qualifier=${version}`)).body).toMatchObject({
      State: "Active",
      LastUpdateStatus: "Successful",
    });
});

test("[SVC-102] runs what a version was published with, whatever became of $LATEST", async () => {
  await update({ Environment: { Variables: { A1: "1" } }, Handler: "index.old", MemorySize: 256, Timeout: 4 });
  await publish();
  const { current } = service.plane.directory;
  const before = current("us-east-1", "f", "1")!;
  await service.call(`PUT ${functions}/f/code`, { ZipFile: await zip({ b: "1" }) });
  await update({ Environment: { Variables: {} }, Handler: "index.new", MemorySize: 512, Timeout: 5 });
  expect(current("us-east-1", "f", "1")).toBe(before);
  expect(before).toMatchObject({
    version: "1",
    environmentVariables: { A1: "1" },
    handler: "index.old",
    memorySizeMb: 256,
    timeoutMs: 4000,
  });
  expect(current("us-east-1", "f", "$LATEST")!.codeDirectory).not.toBe(before.codeDirectory);
});

test("[SVC-103] lists $LATEST first and then the versions by their numbers", async () => {
  const listed = async (): Promise<string[]> =>
    (await service.call(`GET ${functions}/f/versions`)).body.Versions.map(
      (version: { FunctionArn: string }) => version.FunctionArn,
    );
  expect(await listed()).toEqual([`${arn}:$LATEST`]);
  for (let count = 0; count < 10; count += 1) {
    await update({});
    await publish();
  }
  expect(await listed()).toEqual([
    `${arn}:$LATEST`,
    ...Array.from({ length: 10 }, (_, index) => `${arn}:${index + 1}`),
  ]);
});

test("[SVC-104] deletes versions, and never uses a number again", async () => {
  await publish();
  expect((await service.call(`DELETE ${functions}/f?Qualifier=1`)).status).toBe(204);
  expect((await service.call(`DELETE ${functions}/f?Qualifier=1`)).status).toBe(204);
  expect((await service.call(`GET ${functions}/f?Qualifier=1`)).status).toBe(404);
  expect((await publish()).body.Version).toBe("2");
  expect((await service.call(`DELETE ${functions}/f?Qualifier=$LATEST`)).body.message).toBe(
    "$LATEST version cannot be deleted without deleting the function.",
  );
  expect((await service.call(`DELETE ${functions}/f?Qualifier=prod`)).body.message).toBe(
    "Deletion of aliases is not currently supported.",
  );
});

test("[SVC-105] keeps versions that an alias names", async () => {
  await publish();
  await update({});
  await publish();
  const RoutingConfig = { AdditionalVersionWeights: { 2: 0.5 } };
  await service.call(`POST ${functions}/f/aliases`, { Name: "a", FunctionVersion: "1", RoutingConfig });
  for (const version of ["1", "2"])
    expect(await service.call(`DELETE ${functions}/f?Qualifier=${version}`)).toMatchObject({
      status: 409,
      error: "ResourceConflictException",
    });
});

const snapStarted = async (): Promise<Got> => {
  await update({ SnapStart: { ApplyOn: "PublishedVersions" } });
  return publish();
};

test("[SVC-115] holds a version with SnapStart until its snapshot is taken", async () => {
  const { body } = await snapStarted();
  const snapStart = { ApplyOn: "PublishedVersions" };
  expect(body).toMatchObject({ State: "Pending", SnapStart: { ...snapStart, OptimizationStatus: "On" } });
  expect((await service.call(`GET ${functions}/f/configuration`)).body).toMatchObject({
    State: "Active",
    SnapStart: { ...snapStart, OptimizationStatus: "Off" },
  });
  const { directory } = service.plane;
  const call = { region: "us-east-1", name: "f", qualifier: "1" };
  expect(directory.resolve(call, 0)).toMatchObject({ error: { name: "SnapStartNotReadyException" } });
  const [wanted, ...others] = directory.snapshotsWanted();
  expect(others).toEqual([]);
  expect(wanted).toMatchObject({ version: "1", snapStart: true });
  directory.snapshotDone(wanted!, { kind: "taken" });
  expect(directory.snapshotsWanted()).toEqual([]);
  expect(directory.resolve(call, 0)).toMatchObject({ kind: "found" });
  expect((await service.call(`GET ${functions}/f/configuration?Qualifier=1`)).body).toMatchObject({
    State: "Active",
    LastUpdateStatus: "Successful",
  });
});

test("[SVC-115] fails a version whose initialization for the snapshot failed, with the error's text", async () => {
  await snapStarted();
  const { directory } = service.plane;
  directory.snapshotDone(directory.snapshotsWanted()[0]!, { kind: "failed", reason: "Error: no module" });
  expect((await service.call(`GET ${functions}/f/configuration?Qualifier=1`)).body).toMatchObject({
    State: "Failed",
    StateReason: "Error: no module",
  });
});
