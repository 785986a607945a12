import { afterEach, beforeEach, expect, test } from "vitest";
import { type Got, openTestService, type TestService } from "../../../test/fixtures/service.ts";

let service: TestService;
const functions = "/2015-03-31/functions";
const aliases = `${functions}/f/aliases`;
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const create = (Name: string, FunctionVersion: string, rest: object = {}): Promise<Got> =>
  service.call(`POST ${aliases}`, { Name, FunctionVersion, ...rest });
const weights = (AdditionalVersionWeights: object): object => ({ RoutingConfig: { AdditionalVersionWeights } });
const revision = async (name: string): Promise<string> =>
  (await service.call(`GET ${aliases}/${name}`)).body.RevisionId as string;

/** With versions 1, 2, 3 of one role and 4 of another. */
beforeEach(async () => {
  service = await openTestService();
  await service.create("f");
  for (const Description of ["one", "two", "three"]) {
    await service.call(`PUT ${functions}/f/configuration`, { Description });
    await service.call(`POST ${functions}/f/versions`);
  }
  await service.call(`PUT ${functions}/f/configuration`, { Role: "arn:aws:iam::000000000000:role/other" });
  await service.call(`POST ${functions}/f/versions`);
});
afterEach(() => service.close());

test("[SVC-106] creates an alias", async () => {
  expect(await create("prod", "1")).toMatchObject({ status: 201 });
  const { body } = await service.call(`GET ${aliases}/prod`);
  expect(body).toEqual({
    AliasArn: `${arn}:prod`,
    Name: "prod",
    FunctionVersion: "1",
    Description: "",
    RevisionId: expect.any(String),
  });
  const routed = await create("canary", "1", weights({ 2: 0.25 }));
  expect(routed.body.RoutingConfig).toEqual({ AdditionalVersionWeights: { 2: 0.25 } });
});

test("[SVC-106] refuses a name that is taken and a version that is not there", async () => {
  await create("prod", "1");
  expect(await create("prod", "2")).toMatchObject({
    status: 409,
    body: { message: `Alias already exists: ${arn}:prod` },
  });
  expect(await create("next", "9")).toMatchObject({
    status: 404,
    body: { Message: `Function not found: ${arn}:9` },
  });
});

test.each(["7", "a.b", "", "x".repeat(129)])("[SVC-107] refuses the name %j", async (name) => {
  const got = await create(name, "1");
  expect(got).toMatchObject({ status: 400, error: "ValidationException" });
  expect(got.body.message).toContain("at 'name' failed to satisfy constraint");
});

test("[SVC-108] shows one alias, or those of a version", async () => {
  await create("b", "2");
  await create("a", "2", weights({ 1: 0.5 }));
  await create("c", "1");
  const listed = await service.call(`GET ${aliases}?FunctionVersion=2`);
  expect(listed.body.Aliases.map(({ Name }: { Name: string }) => Name)).toEqual(["a", "b"]);
  expect(await service.call(`GET ${aliases}/none`)).toMatchObject({
    status: 404,
    body: { Message: `Cannot find alias arn: ${arn}:none` },
  });
});

test("[SVC-109] changes only what is given, and gives a new revision even for equal values", async () => {
  await create("prod", "1", { Description: "d", ...weights({ 2: 0.5 }) });
  const before = await revision("prod");
  const { body } = await service.call(`PUT ${aliases}/prod`, { FunctionVersion: "3" });
  expect(body).toMatchObject({ FunctionVersion: "3", Description: "d", ...weights({ 2: 0.5 }) });
  const same = await service.call(`PUT ${aliases}/prod`, { FunctionVersion: "3" });
  expect(new Set([before, body.RevisionId, same.body.RevisionId]).size).toBe(3);
});

test.each([{}, { AdditionalVersionWeights: {} }])("[SVC-109] clears the weights for %j", async (RoutingConfig) => {
  await create("prod", "1", weights({ 2: 0.5 }));
  expect((await service.call(`PUT ${aliases}/prod`, { RoutingConfig })).body).not.toHaveProperty("RoutingConfig");
});

test("[SVC-109] updates no alias that is not there", async () => {
  expect(await service.call(`PUT ${aliases}/none`, {})).toMatchObject({
    status: 404,
    body: { Message: `Alias not found: ${arn}:none` },
  });
});

test("[SVC-110] deletes an alias, also one that is not there", async () => {
  await create("prod", "1");
  expect((await service.call(`DELETE ${aliases}/prod`)).status).toBe(204);
  expect((await service.call(`DELETE ${aliases}/prod`)).status).toBe(204);
  expect((await service.call(`GET ${aliases}/prod`)).status).toBe(404);
});

test("[SVC-111] shows the primary version's configuration under the alias", async () => {
  await create("prod", "1", weights({ 2: 1 }));
  expect((await service.call(`GET ${functions}/f/configuration?Qualifier=prod`)).body).toMatchObject({
    FunctionArn: `${arn}:prod`,
    Version: "1",
    Description: "one",
  });
  expect((await service.call(`GET ${functions}/f:prod`)).body.Configuration).toMatchObject({ Version: "1" });
});

test("[SVC-112] lets an alias name $LATEST, but not with weights", async () => {
  expect((await create("next", "$LATEST")).status).toBe(201);
  const message = "$LATEST is not supported for an alias pointing to more than 1 version";
  expect((await create("both", "$LATEST", weights({ 1: 0.5 }))).body).toEqual({ Type: "User", message });
  expect((await service.call(`PUT ${aliases}/next`, weights({ 1: 0.5 }))).body.message).toBe(message);
});

test.each([
  [{ 2: 0.1, 3: 0.1 }, "Number of items in AdditionalVersionWeights cannot be greater than 1"],
  [{ 1: 0.1 }, "is already included in routing configuration."],
  [{ 4: 0.1 }, "must have the same Role"],
])("[SVC-113] refuses the weights %j", async (given, message) => {
  const got = await create("prod", "1", weights(given));
  expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
  expect(got.body.message).toContain(message);
});

test.each([
  [
    { 2: 1.1 },
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
  ],
  [{ 2: -0.1 }, "Value '{2=-0.1}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value"],
  [
    { two: 0.1 },
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]",
  ],
])("[SVC-113] refuses the weights %j by the model", async (given, message) => {
  const got = await create("prod", "1", weights(given));
  expect(got).toMatchObject({ status: 400, error: "ValidationException" });
  expect(got.body.message).toContain(message);
});

test("[SVC-113] refuses versions of different dead-letter targets", async () => {
  const DeadLetterConfig = { TargetArn: "arn:aws:sqs:us-east-1:000000000000:q" };
  await service.call(`PUT ${functions}/f/configuration`, { DeadLetterConfig });
  await service.call(`POST ${functions}/f/versions`);
  expect((await create("prod", "4", weights({ 5: 0.5 }))).body.message).toContain("dead-letter target");
});

test("[SVC-114] gives each version its share of the calls of an alias", async () => {
  await create("prod", "1", weights({ 2: 0.5 }));
  const { resolve } = service.plane.directory;
  const call = { region: "us-east-1", name: "f", qualifier: "prod" };
  const found = Array.from({ length: 400 }, (_, index) => resolve(call, (index * 0.618_034) % 1));
  expect(found).toEqual(
    found.map(() => expect.objectContaining({ kind: "found", invokedArn: `${arn}:prod`, alias: "prod" })),
  );
  const ways = [1, 2].map((version) => JSON.stringify(found).split(`"version":"${version}"`).length - 1);
  expect(ways[0]).toBeGreaterThan(140);
  expect(ways[1]).toBeGreaterThan(140);
  expect(ways[0]! + ways[1]!).toBe(400);
});

test.each([
  [0, "1"],
  [1, "2"],
])("[SVC-114] runs the additional version never at 0.0 and always at 1.0: %d", async (share, version) => {
  await create("prod", "1", weights({ 2: share }));
  for (const chance of [0, 0.5, 0.999_999])
    expect(
      service.plane.directory.resolve({ region: "us-east-1", name: "f", qualifier: "prod" }, chance),
    ).toMatchObject({
      version: { version },
    });
});
