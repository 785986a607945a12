import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestService, signedFor, type TestService } from "../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
});
afterEach(() => service.close());

const functions = "/2015-03-31/functions";
const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe("settings and health", () => {
  test("[SVC-01] shows the effective settings, the defaults first", async () => {
    const { body } = await service.call("GET /_local/settings");
    expect(body).toEqual({
      accountId: "000000000000",
      defaultRegion: "us-east-1",
      accountConcurrency: 1000,
      unreservedMinimum: 100,
      maxEnvironments: 64,
      placementWaitMs: 5000,
      keepAliveMs: 600_000,
      deployDelayMs: 0,
      asyncRetryDelaysMs: [60_000, 120_000],
      enforcePolicies: false,
      streamErrorFields: false,
      serviceEndpoints: {},
      layerSources: {},
    });
  });

  test("[SVC-01] lets settings be given", async () => {
    const other = await openTestService({ accountId: "123456789012", defaultRegion: "eu-west-1", deployDelayMs: 7 });
    const settings = await other.call("GET /_local/settings");
    const created = await other.create("f");
    await other.close();
    expect(settings.body).toMatchObject({ accountId: "123456789012", defaultRegion: "eu-west-1", deployDelayMs: 7 });
    expect(created.body.FunctionArn).toBe("arn:aws:lambda:eu-west-1:123456789012:function:f");
  });

  test("[SVC-03] is ready, without a signature", async () => {
    expect(await service.call("GET /_local/health")).toMatchObject({ status: 200, body: { status: "ready" } });
  });

  test.each(["/_local/settings", "/_local/health"])("[SVC-02] keeps %s out of AWS's paths", async (path) => {
    expect(path).not.toMatch(/^\/\d{4}-/);
    expect((await service.call(`POST ${path}`, {})).status).toBe(405);
  });
});

describe("exchanges", () => {
  test("[SVC-04] answers JSON without members that have no value", async () => {
    const { headers, body } = await service.create("f");
    expect(headers.get("content-type")).toBe("application/json");
    expect(Object.values(body)).not.toContain(null);
    expect(body).not.toHaveProperty("Environment");
  });

  test.each([
    ["none", {}],
    ["another scheme", { authorization: "Bearer x" }],
    ["a signature of nobody's", signedFor("us-east-1")],
  ])("[SVC-05] takes a request with %s for a signature", async (_, headers) => {
    expect((await service.call(`GET ${functions}`, undefined, headers)).status).toBe(200);
  });

  test("[SVC-06] keeps regions apart by the scope of the signature", async () => {
    await service.create("f");
    const there = signedFor("eu-west-1");
    expect((await service.call(`GET ${functions}`, undefined, there)).body.Functions).toEqual([]);
    expect((await service.call(`GET ${functions}/f`, undefined, there)).body.Message).toBe(
      "Function not found: arn:aws:lambda:eu-west-1:000000000000:function:f",
    );
    const query = "X-Amz-Credential=AKID%2F20261123%2Feu-west-1%2Flambda%2Faws4_request";
    expect((await service.call(`GET ${functions}?${query}`)).body.Functions).toEqual([]);
    expect((await service.call(`GET ${functions}`)).body.Functions).toHaveLength(1);
  });

  test("[SVC-08] carries a fresh request id on every answer", async () => {
    const ids = await Promise.all(
      [`GET ${functions}`, `GET ${functions}/none`, "GET /nowhere"].map(async (route) =>
        (await service.call(route)).headers.get("x-amzn-requestid"),
      ),
    );
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(uuid);
  });

  test.each([
    [404, "ResourceNotFoundException", "Message", `GET ${functions}/none`, undefined],
    [
      409,
      "ResourceConflictException",
      "message",
      `POST ${functions}/f/aliases`,
      { Name: "a", FunctionVersion: "$LATEST" },
    ],
    [400, "InvalidParameterValueException", "message", `PUT ${functions}/f/code`, {}],
    [412, "PreconditionFailedException", "message", `PUT ${functions}/f/configuration`, { RevisionId: "old" }],
    [
      404,
      "ProvisionedConcurrencyConfigNotFoundException",
      "message",
      "GET /2019-09-30/functions/f/provisioned-concurrency?Qualifier=a",
      undefined,
    ],
  ])("[SVC-09] answers %i %s with its text as %s", async (status, name, member, route, body) => {
    await service.create("f");
    await service.call(`POST ${functions}/f/aliases`, { Name: "a", FunctionVersion: "$LATEST" });
    const got = await service.call(route, body);
    expect(got).toMatchObject({ status, error: name, body: { Type: "User" } });
    expect(Object.keys(got.body).sort()).toEqual([member, "Type"].sort());
    expect(got.body[member]).not.toBe("");
  });

  test("[SVC-12] answers SerializationException for what is no JSON or of a wrong type, and changes nothing", async () => {
    await service.create("f");
    const route = `PUT ${functions}/f/configuration`;
    for (const body of ["{", "[]", '"x"', '{"Timeout":"3"}', '{"Timeout":1.5}', '{"Layers":{}}', '{"Environment":[]}'])
      expect(await service.call(route, body)).toMatchObject({ status: 400, error: "SerializationException" });
    expect((await service.call(`GET ${functions}/f/configuration`)).body.Timeout).toBe(3);
  });

  test("[SVC-13] passes over members it does not know", async () => {
    expect((await service.create("f", { Tomorrow: { is: "new" } })).status).toBe(201);
  });

  test("[SVC-14] takes a trailing slash", async () => {
    await service.create("f");
    expect((await service.call(`GET ${functions}/`)).body.Functions).toHaveLength(1);
    expect((await service.call("POST /2015-03-31/functions/", {})).error).toBe("ValidationException");
  });

  test.each([arn, encodeURIComponent(arn), "f", "function:f", "000000000000:function:f"])(
    "[SVC-15, SVC-23] reaches the function as %s",
    async (name) => {
      await service.create("f");
      expect((await service.call(`GET ${functions}/${name}`)).body.Configuration.FunctionName).toBe("f");
    },
  );

  test.each([
    [`${arn}:prod`, ""],
    [encodeURIComponent(`${arn}:prod`), ""],
    ["f:prod", ""],
    ["f", "?Qualifier=prod"],
    ["f:prod", "?Qualifier=prod"],
  ])("[SVC-15, SVC-23] hands an invocation of %s%s on with name and qualifier", async (name, query) => {
    await service.call(`POST ${functions}/${name}/invocations${query}`, "{}");
    expect(service.invocations.map(({ target }) => target)).toEqual([
      { region: "us-east-1", name: "f", qualifier: "prod" },
    ]);
  });

  test("[SVC-15] decodes an ARN in a tag's path", async () => {
    await service.create("f", { Tags: { a: "1" } });
    expect((await service.call(`GET /2017-03-31/tags/${encodeURIComponent(arn)}`)).body).toEqual({ Tags: { a: "1" } });
    expect((await service.call(`GET /2017-03-31/tags/${arn}`)).body).toEqual({ Tags: { a: "1" } });
  });

  test("[SVC-16] matches the query by name, and takes repeated ones for a list", async () => {
    const layer = "arn:aws:lambda:us-east-1:000000000000:layer:l:1";
    for (const query of [`Arn=${layer}&find=LayerVersion`, `find=LayerVersion&Arn=${layer}`])
      expect((await service.call(`GET /2018-10-31/layers?${query}`)).body.Message).toBe(
        "The resource you requested does not exist.",
      );
    await service.create("f", { Tags: { a: "1", b: "2", c: "3" } });
    await service.call(`DELETE /2017-03-31/tags/${arn}?tagKeys=a&tagKeys=c`);
    expect((await service.call(`GET /2017-03-31/tags/${arn}`)).body.Tags).toEqual({ b: "2" });
  });

  test("[SVC-18] refuses a page size outside the model even when there is no function", async () => {
    for (const path of [
      `${functions}/none/versions?MaxItems=0`,
      `${functions}?MaxItems=10001`,
      "/2018-10-31/layers?MaxItems=51",
    ]) {
      const got = await service.call(`GET ${path}`);
      expect(got).toMatchObject({ status: 400, error: "ValidationException" });
      expect(got.body.message).toContain("at 'maxItems' failed to satisfy constraint: Member must have value");
    }
  });

  test("[SVC-20] answers 413 for a request that is too large, in AWS's words", async () => {
    const got = await service.call(`POST ${functions}`, `{"x":"${"x".repeat(70_167_211)}"}`);
    expect(got).toMatchObject({ status: 413, error: "RequestEntityTooLargeException" });
    expect(got.body).toEqual({
      Message: "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    });
  });
});

describe("names", () => {
  test("[SVC-24] shows the qualifier in the ARN when the request named it", async () => {
    await service.create("f");
    const shown = async (path: string): Promise<string> =>
      (await service.call(`GET ${functions}/${path}`)).body.FunctionArn as string;
    await service.call(`POST ${functions}/f/versions`);
    await service.call(`POST ${functions}/f/aliases`, { Name: "prod", FunctionVersion: "1" });
    expect(await shown("f/configuration")).toBe(arn);
    expect(await shown("f/configuration?Qualifier=$LATEST")).toBe(`${arn}:$LATEST`);
    expect(await shown("f:1/configuration")).toBe(`${arn}:1`);
    expect(await shown("f/configuration?Qualifier=prod")).toBe(`${arn}:prod`);
  });

  test("[SVC-25] refuses two qualifiers that differ", async () => {
    expect((await service.call(`GET ${functions}/f:1?Qualifier=2`)).body).toEqual({
      Type: "User",
      message: "The derived qualifier from the function name does not match the specified qualifier.",
    });
  });

  test.each(["a*b", "f:1:2", "arn:aws:lambda:us-east-1:1:function:f", "f.g"])(
    "[SVC-26] refuses the name %s",
    async (name) => {
      const got = await service.call(`GET ${functions}/${encodeURIComponent(name)}`);
      expect(got).toMatchObject({ status: 400, error: "ValidationException" });
      expect(got.body.message).toContain(`1 validation error detected: Value '${name}' at 'functionName' failed`);
      expect(got.body).not.toHaveProperty("Type");
    },
  );

  test("[SVC-26] refuses a bad qualifier", async () => {
    const got = await service.call(`GET ${functions}/f?Qualifier=a.b`);
    expect(got.body.message).toContain("Value 'a.b' at 'qualifier' failed to satisfy constraint");
  });

  test("[SVC-26] refuses a new name that is too long as an invalid parameter", async () => {
    const got = await service.create("x".repeat(65));
    expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
    expect(got.body.message).toMatch(/Member must have length less than or equal to 64$/);
    expect((await service.create("x".repeat(64))).status).toBe(201);
  });

  test("[SVC-27] does not reach into another region", async () => {
    const name = encodeURIComponent("arn:aws:lambda:ap-southeast-1:000000000000:function:f");
    expect(await service.call(`GET ${functions}/${name}`)).toMatchObject({
      status: 404,
      body: { Message: "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')" },
    });
  });

  test("[SVC-28] denies access to another account", async () => {
    const got = await service.call(`GET ${functions}/arn:aws:lambda:us-east-1:111111111111:function:f`);
    expect(got).toMatchObject({ status: 403, error: "AccessDeniedException" });
  });

  test("[SVC-29] quotes the ARN as it was asked for", async () => {
    await service.create("f");
    const message = async (path: string): Promise<string> =>
      (await service.call(`GET ${functions}/${path}`)).body.Message as string;
    expect(await message("g")).toBe("Function not found: arn:aws:lambda:us-east-1:000000000000:function:g");
    expect(await message("f?Qualifier=7")).toBe(`Function not found: ${arn}:7`);
    expect(await message("f:prod/configuration")).toBe(`Function not found: ${arn}:prod`);
  });

  test("[SVC-30] takes $latest for an unknown alias", async () => {
    await service.create("f");
    expect(await service.call(`GET ${functions}/f?Qualifier=$latest`)).toMatchObject({
      status: 404,
      body: { Message: `Function not found: ${arn}:$latest` },
    });
  });
});

describe("what is not offered", () => {
  test.each([
    ["CreateEventSourceMapping", "POST /2015-03-31/event-source-mappings"],
    ["CreateCapacityProvider", "POST /2025-11-30/capacity-providers"],
    ["GetDurableExecution", "GET /2025-12-01/durable-executions/x"],
    ["PutFunctionCodeSigningConfig", "PUT /2020-06-30/functions/f/code-signing-config"],
    ["PutFunctionScalingConfig", "PUT /2025-11-30/functions/f/function-scaling-config"],
    ["PutResourcePolicy", "PUT /2026-07-09/resource-policy/x"],
  ])("[SVC-268] says that %s is not implemented", async (name, route) => {
    expect(await service.call(route)).toMatchObject({
      status: 501,
      error: "NotImplementedException",
      body: { Type: "Server", Message: `${name} is not implemented by this service.` },
    });
  });

  test.each([
    "GET /2015-03-31/nothing",
    "PATCH /2015-03-31/functions",
    "GET /",
    "GET /2099-01-01/functions",
    "GET /_local/no",
  ])("[SVC-269] says that there is no %s", async (route) => {
    const got = await service.call(route);
    expect(got).toMatchObject({ status: 404, error: "UnknownOperationException" });
    expect(got.body.Message).toContain(route);
  });

  test("[SVC-270] says who the caller is, and nothing else of STS", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const me = await service.call("POST /", "Action=GetCallerIdentity&Version=2011-06-15", form);
    expect(me.status).toBe(200);
    expect(me.body).toContain("<Account>000000000000</Account>");
    expect(me.body).toContain("<Arn>arn:aws:iam::000000000000:root</Arn>");
    expect(me.body).toMatch(/<UserId>.+<\/UserId>/);
    const other = await service.call("POST /", "Action=AssumeRole&Version=2011-06-15", form);
    expect(other.status).toBe(501);
    expect(other.body).toContain("AssumeRole");
    const target = await service.call("POST /", "{}", { "x-amz-target": "AmazonSQS.SendMessage" });
    expect(target).toMatchObject({
      status: 501,
      body: { message: "AmazonSQS.SendMessage is not implemented by this service." },
    });
  });

  test("[SVC-151] refuses headers of durable and isolated invocations", async () => {
    for (const header of ["X-Amz-Durable-Execution-Name", "X-Amz-Tenant-Id"]) {
      const got = await service.call(`POST ${functions}/f/invocations`, "{}", { [header]: "x" });
      expect(got).toMatchObject({ status: 400, error: "InvalidParameterValueException" });
      expect(got.body.message).toContain(header);
    }
    expect(service.invocations).toEqual([]);
  });

  test("[SVC-140] refuses unknown types of invocation and log", async () => {
    for (const [header, member] of [
      ["X-Amz-Invocation-Type", "invocationType"],
      ["X-Amz-Log-Type", "logType"],
    ] as const) {
      const got = await service.call(`POST ${functions}/f/invocations`, "{}", { [header]: "Other" });
      expect(got).toMatchObject({ status: 400, error: "ValidationException" });
      expect(got.body.message).toContain(
        `Value 'Other' at '${member}' failed to satisfy constraint: Member must satisfy enum`,
      );
    }
  });
});
