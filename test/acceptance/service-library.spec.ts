/** `createService`: a Lambda service inside a test. */
import { createDestination, createService, type Service } from "lambdarium";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { program, writeFiles } from "../fixtures/programs.ts";
import { functionNames, getJson, invoke } from "../fixtures/service-calls.ts";

const room = mkdtempSync(join(tmpdir(), "lambdarium-service-"));
afterAll(() => rmSync(room, { recursive: true, force: true }));

const newProject = (body = "await serve();", extension?: string): string =>
  writeFiles(mkdtempSync(join(room, "p-")), {
    "hello/bootstrap": program(body),
    ...(extension === undefined ? {} : { talker: program(extension) }),
    "lambdarium.json": JSON.stringify({
      functions: { hello: { code: "hello", ...(extension === undefined ? {} : { extensions: ["talker"] }) } },
    }),
  });

const eventually = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 20_000, interval: 20 });

const client = (service: Service): LambdaClient =>
  new LambdaClient({
    endpoint: service.endpoint,
    region: service.region,
    credentials: { accessKeyId: "x", secretAccessKey: "x" },
  });

test("serves a project to AWS's own client, and is gone afterwards", async () => {
  let endpoint = "";
  {
    await using service = await createService({ project: newProject(), sandbox: "process" });
    endpoint = service.endpoint;
    const { Payload, StatusCode } = await client(service).send(
      new InvokeCommand({ FunctionName: "hello", Payload: '{"a":1}' }),
    );
    expect({ StatusCode, payload: Buffer.from(Payload!).toString() }).toEqual({ StatusCode: 200, payload: '{"a":1}' });
    expect(service.variables).toMatchObject({ AWS_ENDPOINT_URL: endpoint, AWS_REGION: "us-east-1" });
  }
  await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
});

test("starts empty without a project, with settings of its own", async () => {
  await using service = await createService({
    accountId: "123456789012",
    defaultRegion: "eu-west-1",
    keepAliveMs: 1000,
  });
  expect(await functionNames(service.endpoint)).toEqual([]);
  expect(service.region).toBe("eu-west-1");
  expect(await getJson(service.endpoint, "/_local/settings")).toMatchObject({
    accountId: "123456789012",
    keepAliveMs: 1000,
  });
});

describe("the clock", () => {
  const leaves = `
    const { id } = await register(["SHUTDOWN"]);
    const { shutdownReason } = await event(id);
    console.log("leaves because of", shutdownReason);
    process.exit(0);`;

  test("[SVC-224] [LIFE-104] moved by ten minutes, an idle environment is shut down", async () => {
    await using service = await createService({ project: newProject("await serve();", leaves), sandbox: "process" });
    const lines: string[] = [];
    service.onLog(({ functionName, from, extensionName, text }) =>
      lines.push([functionName, from, extensionName, text].join(" ")),
    );
    await invoke(service.endpoint, "hello");
    await eventually(() => expect(service.environments()).toMatchObject([{ functionName: "hello", state: "idle" }]));
    service.clock.advance("9m");
    expect(service.environments()).toMatchObject([{ state: "idle" }]);
    service.clock.advance("1m");
    await eventually(() => expect(service.environments()).toEqual([]));
    expect(lines).toContain("hello extension talker leaves because of spindown");
  });

  test("tells its time, and takes only durations", async () => {
    await using service = await createService();
    const before = service.clock.now();
    service.clock.advance(60_000);
    service.clock.advance("2h");
    expect(service.clock.now() - before).toBeGreaterThanOrEqual(7_260_000);
    expect(() => service.clock.advance("soon")).toThrow('advance cannot be "soon"');
    expect(() => service.clock.advance(-1)).toThrow("advance cannot be -1");
  });
});

test("leads a project's functions to fake destinations, and kills an extension in the middle of it", async () => {
  await using backend = await createDestination("webhook", { variable: "SHIP_TO" });
  const ships = `
    const { id } = await register(["INVOKE", "SHUTDOWN"]);
    for (;;) {
      if ((await event(id)).eventType === "SHUTDOWN") process.exit(0);
      await fetch(process.env.SHIP_TO, { method: "POST", body: '{"seen":true}' });
    }`;
  const project = newProject("await serve();", ships);
  await using service = await createService({ project, sandbox: "process", destinations: [backend] });
  await invoke(service.endpoint, "hello");
  await backend.waitFor({ seen: true });
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "idle" }]));
  await service.crash("hello", "talker");
  expect(JSON.parse(await invoke(service.endpoint, "hello"))).toMatchObject({ errorType: "Extension.Crash" });
  await invoke(service.endpoint, "hello");
  await backend.waitFor({ seen: true }, { times: 2 });
  await expect(service.crash("hello", "nobody")).rejects.toMatchObject({ code: "process-not-running" });
});

test("shuts down what is idle when it is asked to", async () => {
  await using service = await createService({ project: newProject(), sandbox: "process" });
  await invoke(service.endpoint, "hello");
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "idle" }]));
  service.spinDown("another");
  expect(service.environments()).toHaveLength(1);
  service.spinDown("hello");
  await eventually(() => expect(service.environments()).toEqual([]));
});

test("[LIFE-80] a stop that takes its time is cut short by a kill, and both are fulfilled", async () => {
  const stubborn =
    'const { id } = await register(["SHUTDOWN"]); await event(id); console.log("stays"); await forever();';
  const service = await createService({ project: newProject("await serve();", stubborn), sandbox: "process" });
  const lines: string[] = [];
  service.onLog(({ text }) => lines.push(text));
  await invoke(service.endpoint, "hello");
  const stopped = service.stop();
  await eventually(() => expect(lines).toContain("stays"));
  await Promise.all([service.kill(), stopped]);
  expect(service.notices.join()).not.toContain("the time for Shutdown is over");
  await expect(fetch(service.endpoint)).rejects.toThrow("fetch failed");
});

test("deploys again when it is asked to", async () => {
  const project = newProject("await serve(() => '1');");
  await using service = await createService({ project, sandbox: "process" });
  expect(await invoke(service.endpoint, "hello")).toBe("1");
  writeFiles(project, { "hello/bootstrap": program("await serve(() => '2');") });
  await service.redeploy();
  expect(await invoke(service.endpoint, "hello")).toBe("2");
});

describe("what cannot be is refused, and nothing is left", () => {
  test.each([
    [{ project: "/nowhere/at/all" }, "project-not-found"],
    [{ keepAliveMs: -1 }, "option-invalid"],
    [{ project: writeFiles(join(room, "wrong"), { "lambdarium.json": "{}" }) }, "project-invalid"],
  ])("%j", async (options, code) => {
    await expect(createService(options)).rejects.toMatchObject({ name: "LambdariumError", code });
  });

  test("a project of which a function is refused", async () => {
    const project = writeFiles(join(room, "refused"), {
      "lambdarium.json": JSON.stringify({ functions: { a: { code: "a", reservedConcurrency: 5000 } } }),
      "a/bootstrap": program("await serve();"),
    });
    await expect(createService({ project })).rejects.toMatchObject({
      code: "deployment-refused",
      message: expect.stringContaining("lambdarium.json:1: a was refused: InvalidParameterValueException") as string,
    });
  });

  test("a port that is taken", async () => {
    await using service = await createService();
    const port = Number(new URL(service.endpoint).port);
    await expect(createService({ port })).rejects.toMatchObject({ code: "port-taken" });
  });
});

test("[SVC-22] with a data directory everything is there again, without one nothing", async () => {
  const dataDir = join(room, "kept");
  const project = newProject("await serve(() => '1');");
  {
    await using first = await createService({ project, dataDir, sandbox: "process" });
    await fetch(`${first.endpoint}/2015-03-31/functions/hello/versions`, { method: "POST", body: "{}" });
  }
  writeFiles(project, { "hello/bootstrap": program("await serve(() => '2');") });
  await using second = await createService({ dataDir, sandbox: "process" });
  expect(await invoke(second.endpoint, "hello")).toBe("2");
  expect(await invoke(second.endpoint, "hello:1")).toBe("1");
  await using third = await createService({ sandbox: "process" });
  expect(await functionNames(third.endpoint)).toEqual([]);
});
