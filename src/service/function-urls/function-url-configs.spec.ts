import { afterEach, beforeEach, expect, test } from "vitest";
import { type Got, openTestService, type TestService } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
  await service.create("f", { Publish: true });
  await service.call("POST /2015-03-31/functions/f/aliases", { Name: "prod", FunctionVersion: "1" });
});
afterEach(() => service.close());

const path = "/2021-10-31/functions/f/url";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const create = (rest: object = {}, query = ""): Promise<Got> =>
  service.call(`POST ${path}${query}`, { AuthType: "NONE", ...rest });
const idOf = ({ body }: Got): string => (body.FunctionUrl as string).split("/").at(-2)!;

test("[SVC-232] creates a URL, once", async () => {
  const created = await create();
  expect(created.status).toBe(201);
  expect(Object.keys(created.body).sort()).toEqual(["AuthType", "CreationTime", "FunctionArn", "FunctionUrl"]);
  expect(created.body).toMatchObject({ FunctionArn: arn, AuthType: "NONE" });
  const again = await create();
  expect(again).toMatchObject({ status: 409, error: "ResourceConflictException" });
  expect(again.body.message).toMatch(`Failed to create function url config for [functionArn = ${arn}].`);
  const Cors = { AllowOrigins: ["*"], MaxAge: 5 };
  const onAlias = await create({ AuthType: "AWS_IAM", InvokeMode: "RESPONSE_STREAM", Cors }, "?Qualifier=prod");
  expect(onAlias.body).toMatchObject({
    FunctionArn: `${arn}:prod`,
    AuthType: "AWS_IAM",
    InvokeMode: "RESPONSE_STREAM",
    Cors,
  });
});

test("[SVC-233] shows, changes, lists and deletes URLs", async () => {
  const Cors = { AllowOrigins: ["https://a.example"], AllowCredentials: true };
  await create({ Cors });
  const got = await service.call(`GET ${path}`);
  expect(got.body).toMatchObject({ InvokeMode: "BUFFERED", LastModifiedTime: expect.stringMatching(/Z$/), Cors });
  service.clock.move(1000);
  const changed = await service.call(`PUT ${path}`, { InvokeMode: "RESPONSE_STREAM" });
  expect(changed.body).toMatchObject({ InvokeMode: "RESPONSE_STREAM", AuthType: "NONE", Cors });
  expect(changed.body.LastModifiedTime).not.toBe(got.body.LastModifiedTime);
  expect((await service.call(`PUT ${path}`, { Cors: {} })).body).not.toHaveProperty("Cors");
  await create({}, "?Qualifier=prod");
  const { body } = await service.call(`GET ${path}s`);
  expect(body.FunctionUrlConfigs.map(({ FunctionArn }: { FunctionArn: string }) => FunctionArn)).toEqual([
    arn,
    `${arn}:prod`,
  ]);
  expect((await service.call(`DELETE ${path}`)).status).toBe(204);
  expect(await service.call(`GET ${path}`)).toMatchObject({
    status: 404,
    body: { Message: "The resource you requested does not exist." },
  });
});

test.each(["$LATEST", "1"])("[SVC-234] gives no URL to %s", async (qualifier) => {
  for (const got of [
    await create({}, `?Qualifier=${qualifier}`),
    await service.call(`POST /2021-10-31/functions/f:${qualifier}/url`, { AuthType: "NONE" }),
  ]) {
    expect(got).toMatchObject({ status: 400, error: "ValidationException" });
    expect(got.body.message).toContain(`Value '${qualifier}' at 'qualifier' failed to satisfy constraint`);
  }
});

test("[SVC-235] gives an address that lasts, found by its id", async () => {
  const created = await create();
  const id = idOf(created);
  expect(id).toMatch(/^[a-z0-9]{32}$/);
  expect(created.body.FunctionUrl).toBe(`${service.endpoint}/lambda-url/${id}/`);
  await service.call(`PUT ${path}`, { AuthType: "AWS_IAM" });
  expect(idOf(await service.call(`GET ${path}`))).toBe(id);
  expect(service.plane.directory.functionUrl(id)).toMatchObject({
    target: { region: "us-east-1", name: "f" },
    authType: "AWS_IAM",
    invokeMode: "BUFFERED",
    targetExists: true,
  });
  expect(service.plane.directory.functionUrl("other")).toBeUndefined();
});

test.each([
  [{ AllowMethods: ["A", "B", "C", "D", "E", "F", "G"] }, "cors.allowMethods"],
  [{ AllowMethods: ["OPTIONS"] }, "cors.allowMethods"],
  [{ AllowOrigins: Array.from({ length: 101 }, () => "*") }, "cors.allowOrigins"],
  [{ AllowHeaders: Array.from({ length: 101 }, () => "a") }, "cors.allowHeaders"],
  [{ ExposeHeaders: Array.from({ length: 101 }, () => "a") }, "cors.exposeHeaders"],
  [{ MaxAge: 86_401 }, "cors.maxAge"],
  [{ MaxAge: -1 }, "cors.maxAge"],
])("[SVC-250] refuses the sharing rules %j", async (Cors, member) => {
  const got = await create({ Cors });
  expect(got).toMatchObject({ status: 400, error: "ValidationException" });
  expect(got.body.message).toContain(`at '${member}' failed to satisfy constraint`);
});

test("[SVC-252] knows whether a statement opens a URL to everybody", async () => {
  const id = idOf(await create());
  const open = (): boolean => service.plane.directory.functionUrl(id)!.openToAll;
  const add = (StatementId: string, rest: object): Promise<Got> =>
    service.call("POST /2015-03-31/functions/f/policy", {
      StatementId,
      Principal: "*",
      Action: "lambda:InvokeFunctionUrl",
      ...rest,
    });
  expect(open()).toBe(false);
  await add("a", { Principal: "123456789012" });
  await add("b", { Action: "lambda:InvokeFunction" });
  await add("c", { FunctionUrlAuthType: "AWS_IAM" });
  expect(open()).toBe(false);
  await add("d", { FunctionUrlAuthType: "NONE" });
  expect(open()).toBe(true);
});

test("[SVC-253] keeps the URL of a deleted alias, for one that gets its name", async () => {
  const id = idOf(await create({}, "?Qualifier=prod"));
  const alias = "/2015-03-31/functions/f/aliases";
  await service.call(`DELETE ${alias}/prod`);
  expect((await service.call(`GET ${path}s`)).body.FunctionUrlConfigs).toHaveLength(1);
  expect(service.plane.directory.functionUrl(id)!.targetExists).toBe(false);
  await service.call(`POST ${alias}`, { Name: "prod", FunctionVersion: "1" });
  expect(service.plane.directory.functionUrl(id)!.targetExists).toBe(true);
});
