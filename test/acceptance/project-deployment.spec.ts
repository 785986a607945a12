/** What a project says reaches the service, and again when it is deployed again. */
import { createService } from "lambdarium";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, expect, test, vi } from "vitest";
import { program, writeFiles, type Files } from "../fixtures/programs.ts";
import { zip } from "../fixtures/service.ts";
import { functionNames, getJson, invoke } from "../fixtures/service-calls.ts";

const room = mkdtempSync(join(tmpdir(), "lambdarium-project-"));
afterAll(() => rmSync(room, { recursive: true, force: true }));

const newProject = (files: Files): string => writeFiles(mkdtempSync(join(room, "p-")), files);

const functions = "/2015-03-31/functions";

test("everything that lambdarium.json can say of a function", async () => {
  const project = newProject({
    "lambdarium.json": JSON.stringify({
      layers: { shared: "layer" },
      functions: {
        other: { code: "hello" },
        hello: {
          code: "hello",
          description: "says hello",
          memorySizeMb: 256,
          timeoutSeconds: 7,
          ephemeralStorageMb: 1024,
          environment: { STAGE: "dev" },
          layers: ["shared", "./packed.zip"],
          logging: { format: "JSON", applicationLevel: "DEBUG", group: "/my/group" },
          tracing: "Active",
          deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:dead",
          reservedConcurrency: 3,
          asynchronous: {
            maximumRetryAttempts: 1,
            maximumEventAgeSeconds: 120,
            onFailure: "arn:aws:lambda:us-east-1:000000000000:function:other",
          },
          url: { invokeMode: "RESPONSE_STREAM", cors: { AllowOrigins: ["*"] } },
          aliases: { live: {} },
          tags: { team: "a" },
        },
      },
    }),
    "hello/bootstrap": program("await serve();"),
    "layer/word": "one",
    "packed.zip": Buffer.from(await zip({ "packed/word": "two" }), "base64"),
  });
  await using service = await createService({ project, sandbox: "process" });
  const get = (path: string) => getJson(service.endpoint, path);
  const expected = {
    Configuration: {
      Description: "says hello",
      MemorySize: 256,
      Timeout: 7,
      EphemeralStorage: { Size: 1024 },
      Environment: { Variables: { STAGE: "dev" } },
      Layers: [
        { Arn: "arn:aws:lambda:us-east-1:000000000000:layer:shared:1" },
        { Arn: "arn:aws:lambda:us-east-1:000000000000:layer:packed:1" },
      ],
      LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "DEBUG", LogGroup: "/my/group" },
      TracingConfig: { Mode: "Active" },
      DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:000000000000:dead" },
      State: "Active",
    },
    Concurrency: { ReservedConcurrentExecutions: 3 },
    Tags: { team: "a" },
  };
  const check = async (aliasVersion: string): Promise<void> => {
    expect(await get(`${functions}/hello`)).toMatchObject(expected);
    expect(await get("/2019-09-25/functions/hello/event-invoke-config")).toMatchObject({
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 120,
      DestinationConfig: { OnFailure: { Destination: "arn:aws:lambda:us-east-1:000000000000:function:other" } },
    });
    expect(await get("/2021-10-31/functions/hello/url")).toMatchObject({
      AuthType: "NONE",
      InvokeMode: "RESPONSE_STREAM",
      Cors: { AllowOrigins: ["*"] },
    });
    expect(await get(`${functions}/hello/aliases/live`)).toMatchObject({ FunctionVersion: aliasVersion });
  };
  await check("1");
  expect(await invoke(service.endpoint, "hello:live", '{"a":1}')).toBe('{"a":1}');
  // Layers that are the same keep their version, the alias goes to what is deployed now.
  await service.redeploy();
  await check("2");
});

test("what is taken out of the file has Lambda's default again", async () => {
  const project = newProject({
    "lambdarium.json": JSON.stringify({
      functions: { hello: { code: "hello", memorySizeMb: 256, environment: { STAGE: "1" }, reservedConcurrency: 2 } },
    }),
    "hello/bootstrap": program("await serve();"),
  });
  await using service = await createService({ project, sandbox: "process" });
  writeFiles(project, { "lambdarium.json": JSON.stringify({ functions: { hello: { code: "hello" } } }) });
  await service.redeploy();
  const { Configuration, Concurrency } = await getJson(service.endpoint, `${functions}/hello`);
  expect(Configuration).toMatchObject({ MemorySize: 128, Environment: { Variables: {} } });
  expect(Concurrency).toBeUndefined();
});

test("a URL, an alias, tags and asynchronous settings go with their lines, and what the API gave stays", async () => {
  const given = {
    url: true,
    aliases: { live: {}, old: {} },
    tags: { team: "a", stage: "b" },
    asynchronous: { maximumRetryAttempts: 0 },
  };
  const written = (more: object): Record<string, string> => ({
    "lambdarium.json": JSON.stringify({ functions: { hello: { code: "hello", ...more } } }),
  });
  const project = newProject({ ...written(given), "hello/bootstrap": program("await serve();") });
  await using service = await createService({ project, sandbox: "process" });
  const hello = `${service.endpoint}${functions}/hello`;
  const byApi = { Name: "made-by-others", FunctionVersion: "1" };
  expect((await fetch(`${hello}/aliases`, { method: "POST", body: JSON.stringify(byApi) })).status).toBe(201);
  writeFiles(project, written({ aliases: { live: {} }, tags: { team: "a" } }));
  await service.redeploy();
  const { Aliases } = await getJson<{ Aliases: object[] }>(service.endpoint, `${functions}/hello/aliases`);
  expect(Aliases).toMatchObject([{ Name: "live" }, { Name: "made-by-others" }]);
  expect((await getJson(service.endpoint, `${functions}/hello`))["Tags"]).toEqual({ team: "a" });
  const statusOf = async (path: string): Promise<number> => (await fetch(service.endpoint + path)).status;
  expect(await statusOf("/2021-10-31/functions/hello/url")).toBe(404);
  expect(await statusOf("/2019-09-25/functions/hello/event-invoke-config")).toBe(404);
});

test("what a line gave goes with it also when it was taken out between two runs, and what the API gave stays", async () => {
  const given = {
    url: true,
    aliases: { live: { provisionedConcurrency: 1 }, old: {} },
    tags: { team: "a", stage: "b" },
    asynchronous: { maximumRetryAttempts: 0 },
    reservedConcurrency: 5,
  };
  const written = (functions: object): Files => ({ "lambdarium.json": JSON.stringify({ functions }) });
  const project = newProject({
    ...written({ hello: { code: "hello", ...given }, other: { code: "hello" }, gone: { code: "hello" } }),
    "hello/bootstrap": program("await serve();"),
  });
  const options = { project, sandbox: "process", dataDir: join(project, ".lambdarium") } as const;
  {
    await using first = await createService(options);
    const send = (method: string, path: string, body: object) =>
      fetch(first.endpoint + path, { method, body: JSON.stringify(body) });
    await send("PUT", "/2017-10-31/functions/other/concurrency", { ReservedConcurrentExecutions: 7 });
    await send("POST", `${functions}/hello/aliases`, { Name: "made-by-others", FunctionVersion: "1" });
  }
  writeFiles(
    project,
    written({ hello: { code: "hello", aliases: { live: {} }, tags: { team: "a" } }, other: { code: "hello" } }),
  );
  await using service = await createService(options);
  const statusOf = async (path: string): Promise<number> => (await fetch(service.endpoint + path)).status;
  expect((await functionNames(service.endpoint)).toSorted()).toEqual(["hello", "other"]);
  const hello = await getJson(service.endpoint, `${functions}/hello`);
  expect([hello["Tags"], hello["Concurrency"]]).toEqual([{ team: "a" }, undefined]);
  const { Aliases } = await getJson<{ Aliases: object[] }>(service.endpoint, `${functions}/hello/aliases`);
  expect(Aliases).toMatchObject([{ Name: "live" }, { Name: "made-by-others" }]);
  expect(await statusOf("/2021-10-31/functions/hello/url")).toBe(404);
  expect(await statusOf("/2019-09-25/functions/hello/event-invoke-config")).toBe(404);
  expect(await statusOf("/2019-09-30/functions/hello/provisioned-concurrency?Qualifier=live")).toBe(404);
  expect((await getJson(service.endpoint, `${functions}/other`))["Concurrency"]).toEqual({
    ReservedConcurrentExecutions: 7,
  });
});

test("an archive as code, an extension that is a layer, source code that is in the template", async () => {
  const talker = program('await register(["INVOKE"]).then(({ id }) => follow(id));');
  const inline = 'exports.handler = async () => "inline, " + (typeof require);';
  const project = newProject({
    "template.yaml": `
Resources:
  Packed: { Type: AWS::Serverless::Function, Properties: { CodeUri: packed.zip, Handler: any, Runtime: provided.al2023 } }
  Inline:
    Type: AWS::Lambda::Function
    Properties: { Handler: index.handler, Runtime: nodejs20.x, Code: { ZipFile: '${inline}' } }
`,
    // What is inside the template is CommonJS on Lambda, whatever the project around it is.
    "package.json": '{ "type": "module" }',
    "packed.zip": Buffer.from(
      await zip({ bootstrap: { content: program('await serve(() => "1");'), mode: 0o100_755 } }),
      "base64",
    ),
    "tools/extensions/talker": talker,
  });
  await using service = await createService({ project, sandbox: "process", dataDir: join(project, ".lambdarium") });
  expect(await invoke(service.endpoint, "Packed")).toBe("1");
  expect(await invoke(service.endpoint, "Inline")).toBe('"inline, function"');
});

test("what the service keeps in the directory of its one function is no code of it", async () => {
  const project = newProject({ bootstrap: program("await serve();") });
  await using service = await createService({ project, dataDir: join(project, ".lambdarium"), sandbox: "process" });
  const [{ FunctionName = "" } = {}] = (
    await getJson<{ Functions: { FunctionName?: string }[] }>(service.endpoint, functions)
  ).Functions;
  const sha256 = async (): Promise<unknown> =>
    (await getJson<{ CodeSha256: string }>(service.endpoint, `${functions}/${FunctionName}/configuration`)).CodeSha256;
  const before = await sha256();
  expect(before).toEqual(expect.any(String));
  expect(await invoke(service.endpoint, FunctionName, '"kept"')).toBe('"kept"');
  await fetch(`${service.endpoint}${functions}/${FunctionName}/versions`, { method: "POST", body: "{}" });
  expect(await sha256()).toBe(before);
  expect(await invoke(service.endpoint, `${FunctionName}:1`, '"published"')).toBe('"published"');
});

test("a single source file", async () => {
  const project = newProject({ "hi.mjs": 'export const handler = async () => "hi";', "other.txt": "" });
  await using service = await createService({ project: join(project, "hi.mjs"), sandbox: "process" });
  expect(await invoke(service.endpoint, "hi")).toBe('"hi"');
  expect(service.notices.join("\n")).toContain("handler hi.handler");
});

test("[OBS-42] calls of an alias that leads to several versions are counted by the version that ran", async () => {
  const project = newProject({
    "lambdarium.json": JSON.stringify({ functions: { hello: { code: "hello", aliases: { live: {} } } } }),
    "hello/bootstrap": program("await serve();"),
  });
  await using service = await createService({ project, sandbox: "process" });
  await service.redeploy();
  const metrics = new CloudWatchClient({
    endpoint: service.endpoint,
    region: service.region,
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
  });
  const executedVersions = async (): Promise<(string | undefined)[]> => {
    const { Metrics = [] } = await metrics.send(new ListMetricsCommand({ MetricName: "Invocations" }));
    const dimensions = Metrics.flatMap(({ Dimensions = [] }) => Dimensions);
    return dimensions.filter(({ Name }) => Name === "ExecutedVersion").map(({ Value }) => Value);
  };
  await invoke(service.endpoint, "hello:live");
  expect(await executedVersions()).toEqual([]);
  await fetch(`${service.endpoint}${functions}/hello/aliases/live`, {
    method: "PUT",
    body: JSON.stringify({ RoutingConfig: { AdditionalVersionWeights: { 1: 1 } } }),
  });
  await invoke(service.endpoint, "hello:live");
  await vi.waitFor(async () => expect(new Set(await executedVersions())).toEqual(new Set(["1"])), { timeout: 20_000 });
});

test("functions of a region are in that region only", async () => {
  const project = newProject({ "hello/bootstrap": program("await serve();") });
  await using service = await createService({ project: join(project, "hello"), defaultRegion: "eu-west-1" });
  const { Functions } = await getJson<{ Functions: { FunctionArn: string }[] }>(service.endpoint, functions);
  expect(Functions.map(({ FunctionArn }) => FunctionArn)).toEqual([
    "arn:aws:lambda:eu-west-1:000000000000:function:hello",
  ]);
});

test("a function of which a later step is refused is as it was before, or not there", async () => {
  const live = { aliases: { live: {} } };
  const projectFile = (functions: object): Files => ({ "lambdarium.json": JSON.stringify({ functions }) });
  const project = newProject({
    ...projectFile({ hello: { code: "hello", environment: { SAYS: "before" }, ...live } }),
    "hello/bootstrap": program("await serve(() => JSON.stringify(process.env.SAYS));"),
  });
  await using service = await createService({ project, sandbox: "process" });
  const tooMuch = { reservedConcurrency: 5000 };
  const changed = { code: "hello", environment: { SAYS: "after" }, ...live };
  writeFiles(
    project,
    projectFile({ hello: { ...changed, ...tooMuch }, fresh: { code: "hello", ...tooMuch }, good: { code: "hello" } }),
  );
  await expect(service.redeploy()).rejects.toMatchObject({ code: "deployment-refused" });
  const names = async (): Promise<string[]> => (await functionNames(service.endpoint)).toSorted();
  expect(await names()).toEqual(["good", "hello"]);
  expect([await invoke(service.endpoint, "hello"), await invoke(service.endpoint, "hello:live")]).toEqual([
    '"before"',
    '"before"',
  ]);
  expect(service.notices.filter((text) => text.includes("was refused"))).toHaveLength(2);
  writeFiles(project, projectFile({ hello: changed, fresh: { code: "hello" }, good: { code: "hello" } }));
  await service.redeploy();
  expect(await names()).toEqual(["fresh", "good", "hello"]);
  expect(await invoke(service.endpoint, "hello:live")).toBe('"after"');
});

test("settings of the project hold where none are given", async () => {
  const project = newProject({
    "lambdarium.json": JSON.stringify({
      functions: { hello: { code: "hello" } },
      settings: { keepAliveMs: 7, placementWaitMs: 8 },
    }),
    "hello/bootstrap": program("await serve();"),
  });
  await using service = await createService({ project, sandbox: "process", keepAliveMs: 9 });
  expect(await getJson(service.endpoint, "/_local/settings")).toMatchObject({ keepAliveMs: 9, placementWaitMs: 8 });
});

test("functions may name one another, whichever is written first", async () => {
  const arn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  const project = newProject({
    "lambdarium.json": JSON.stringify({
      functions: {
        one: { code: "hello", asynchronous: { onFailure: arn("two") } },
        two: { code: "hello", asynchronous: { onSuccess: arn("one") } },
      },
    }),
    "hello/bootstrap": program("await serve();"),
  });
  await using service = await createService({ project, sandbox: "process" });
  expect(service.notices.filter((text) => text.includes("was refused"))).toEqual([]);
  const configOf = (name: string) => getJson(service.endpoint, `/2019-09-25/functions/${name}/event-invoke-config`);
  expect(await configOf("one")).toMatchObject({ DestinationConfig: { OnFailure: { Destination: arn("two") } } });
  expect(await configOf("two")).toMatchObject({ DestinationConfig: { OnSuccess: { Destination: arn("one") } } });
});
