import { afterEach, expect, test } from "vitest";
import type { ProvisionedStatus } from "../directory.ts";
import { type Got, openTestService, type TestService, zip } from "../../../test/fixtures/service.ts";

let service: TestService;
afterEach(() => service.close());

const functions = "/2015-03-31/functions";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const put = "/2017-10-31/functions/f/concurrency";
const reserve = (ReservedConcurrentExecutions: number, name = "f"): Promise<Got> =>
  service.call(`PUT /2017-10-31/functions/${name}/concurrency`, { ReservedConcurrentExecutions });
const provisioned = (qualifier: string): string =>
  `/2019-09-30/functions/f/provisioned-concurrency?Qualifier=${qualifier}`;
const provision = (qualifier: string, ProvisionedConcurrentExecutions = 1): Promise<Got> =>
  service.call(`PUT ${provisioned(qualifier)}`, { ProvisionedConcurrentExecutions });

async function withVersions(settings = {}): Promise<void> {
  service = await openTestService(settings);
  await service.create("f", { Publish: true });
  await service.call(`PUT ${functions}/f/configuration`, {});
  await service.call(`POST ${functions}/f/versions`);
  await service.call(`POST ${functions}/f/aliases`, { Name: "prod", FunctionVersion: "1" });
}

test("[SVC-197] counts what an account has and may have", async () => {
  service = await openTestService({ accountConcurrency: 500 });
  const code = await zip({ a: "1" });
  const size = Buffer.from(code, "base64").byteLength;
  await service.create("f", { Code: { ZipFile: code }, Publish: true });
  await service.create("g", { Code: { ZipFile: code } });
  await service.call("POST /2018-10-31/layers/l/versions", { Content: { ZipFile: code } });
  await reserve(40);
  await reserve(2, "g");
  expect(await service.call("GET /2016-08-19/account-settings")).toMatchObject({
    status: 200,
    body: {
      AccountLimit: {
        TotalCodeSize: 322_122_547_200,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: 500,
        UnreservedConcurrentExecutions: 458,
      },
      AccountUsage: { FunctionCount: 2, TotalCodeSize: 4 * size },
    },
  });
});

test("[SVC-200] reserves concurrency, shows it and gives it back", async () => {
  service = await openTestService();
  await service.create("f");
  const get = "GET /2019-09-30/functions/f/concurrency";
  expect(await service.call(get)).toMatchObject({ status: 200, body: {} });
  expect(await reserve(5)).toMatchObject({ status: 200, body: { ReservedConcurrentExecutions: 5 } });
  expect((await service.call(get)).body).toEqual({ ReservedConcurrentExecutions: 5 });
  expect(service.plane.directory.reservedConcurrency("us-east-1", "f")).toBe(5);
  for (let count = 0; count < 2; count += 1) expect((await service.call(`DELETE ${put}`)).status).toBe(204);
  expect((await service.call(get)).body).toEqual({});
  expect(service.plane.directory.reservedConcurrency("us-east-1", "f")).toBeUndefined();
});

test("[SVC-201] reserves for functions only", async () => {
  await withVersions();
  const got = await service.call("PUT /2017-10-31/functions/f:1/concurrency", { ReservedConcurrentExecutions: 1 });
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toMatch(/^This operation is permitted on Lambda functions only\./);
  expect((await reserve(1, "none")).body.Message).toBe(
    "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST",
  );
});

test("[SVC-204] leaves the minimum unreserved", async () => {
  service = await openTestService({ accountConcurrency: 200, unreservedMinimum: 100 });
  await service.create("f");
  await service.create("g");
  await reserve(60, "g");
  expect(await reserve(41)).toMatchObject({
    status: 400,
    body: {
      message:
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    },
  });
  expect((await reserve(40)).status).toBe(200);
  expect((await reserve(0)).status).toBe(200);
  expect(service.plane.directory.totalReserved("us-east-1")).toBe(60);
});

const status = (value: ProvisionedStatus): void =>
  service.plane.usePools({ provisionedStatus: () => value, directoriesInUse: () => new Set() });

test("[SVC-208] asks for provisioned concurrency, and shows how far the pools are", async () => {
  await withVersions();
  const asked = await provision("1", 2);
  expect(asked).toMatchObject({
    status: 202,
    body: {
      RequestedProvisionedConcurrentExecutions: 2,
      AllocatedProvisionedConcurrentExecutions: 0,
      AvailableProvisionedConcurrentExecutions: 0,
      Status: "IN_PROGRESS",
      LastModified: expect.stringMatching(/\+0000$/),
    },
  });
  expect(service.plane.directory.provisioned()).toMatchObject([
    { region: "us-east-1", name: "f", qualifier: "1", requested: 2, version: { version: "1" } },
  ]);
  status({ allocated: 2, available: 2, status: "READY" });
  expect((await service.call(`GET ${provisioned("1")}`)).body).toMatchObject({
    RequestedProvisionedConcurrentExecutions: 2,
    AllocatedProvisionedConcurrentExecutions: 2,
    AvailableProvisionedConcurrentExecutions: 2,
    Status: "READY",
  });
  status({ allocated: 0, available: 0, status: "FAILED", reason: "FUNCTION_ERROR_INIT_FAILURE" });
  expect((await service.call(`GET ${provisioned("1")}`)).body).toMatchObject({
    Status: "FAILED",
    StatusReason: "FUNCTION_ERROR_INIT_FAILURE",
  });
});

test("[SVC-212] provisions published versions, each under one name", async () => {
  await withVersions();
  expect(await provision("$LATEST")).toMatchObject({
    status: 400,
    body: { message: "Provisioned Concurrency Configs cannot be applied to unpublished function versions." },
  });
  expect((await provision("9")).status).toBe(404);
  await provision("1");
  expect(await provision("prod")).toMatchObject({
    status: 409,
    body: {
      message: "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    },
  });
  await service.call(`DELETE ${provisioned("1")}`);
  await provision("prod");
  expect(await provision("1")).toMatchObject({
    status: 409,
    body: { message: "Version is pointed by a Provisioned Concurrency alias" },
  });
});

test("[SVC-213] deletes and lists what is provisioned", async () => {
  await withVersions();
  expect(await service.call(`GET ${provisioned("1")}`)).toMatchObject({
    status: 404,
    error: "ProvisionedConcurrencyConfigNotFoundException",
    body: { message: "No Provisioned Concurrency Config found for this function" },
  });
  await provision("prod", 3);
  await provision("2", 4);
  const { body } = await service.call("GET /2019-09-30/functions/f/provisioned-concurrency?List=ALL");
  expect(body.ProvisionedConcurrencyConfigs).toMatchObject([
    { FunctionArn: `${arn}:2`, RequestedProvisionedConcurrentExecutions: 4 },
    { FunctionArn: `${arn}:prod`, RequestedProvisionedConcurrentExecutions: 3 },
  ]);
  expect((await service.call(`DELETE ${provisioned("prod")}`)).status).toBe(204);
  expect((await service.call(`GET ${provisioned("prod")}`)).status).toBe(404);
  expect(service.plane.directory.provisioned()).toHaveLength(1);
});

test("[SVC-214] keeps provisioned concurrency within the reservation and the account", async () => {
  await withVersions({ accountConcurrency: 110, unreservedMinimum: 100 });
  expect(await provision("1", 0)).toMatchObject({ status: 400, error: "ValidationException" });
  expect((await provision("1", 11)).body.message).toBe(
    "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  );
  await reserve(5);
  expect((await provision("1", 6)).body.message).toBe(
    "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
  );
  expect((await provision("1", 2)).status).toBe(202);
  expect((await reserve(1)).body.message).toBe(
    " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
  );
});

test("[SVC-215] follows a provisioned alias to another version, and ends with it", async () => {
  await withVersions();
  await provision("prod", 2);
  const versions = (): unknown[] => service.plane.directory.provisioned().map(({ version }) => version.version);
  expect(versions()).toEqual(["1"]);
  await service.call(`PUT ${functions}/f/aliases/prod`, { FunctionVersion: "2" });
  expect(versions()).toEqual(["2"]);
  await service.call(`DELETE ${functions}/f/aliases/prod`);
  expect(versions()).toEqual([]);
  await service.call(`POST ${functions}/f/aliases`, { Name: "prod", FunctionVersion: "1" });
  expect((await service.call(`GET ${provisioned("prod")}`)).status).toBe(404);
});
