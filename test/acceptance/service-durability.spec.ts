/** What the service has answered is there again after `kill -9`. */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { role, zip } from "../fixtures/service.ts";
import { endServices, type ServiceProcess, startServiceProcess } from "../fixtures/service-process.ts";

let directory: string;
let service: ServiceProcess;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "lambdarium-data-"));
  service = await startServiceProcess(directory);
});
afterEach(async () => {
  await endServices();
  await rm(directory, { recursive: true, force: true });
});

async function call(route: string, body?: unknown): Promise<Response> {
  const [method = "", where = ""] = route.split(" ");
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(service.endpoint + where, { method, ...sent });
}

/** Addresses lead to a port that is another one after a restart. */
const read = async (where: string): Promise<unknown> =>
  JSON.parse(
    (await (await call(`GET ${where}`)).text())
      .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "")
      .replaceAll(/[?&](until|signature)=[\w-]+/g, ""),
  );

const creation = async (name: string): Promise<object> => ({
  FunctionName: name,
  Role: role,
  Runtime: "nodejs20.x",
  Handler: "index.handler",
  Code: { ZipFile: await zip({ "index.js": `exports.handler = async () => "${name}";` }) },
});

test("[SVC-22] everything that can be set on a function or a layer is the same after SIGKILL", async () => {
  const functions = "/2015-03-31/functions";
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  const layer = { Content: { ZipFile: await zip({ a: "1" }) } };
  const layerArn = "arn:aws:lambda:us-east-1:000000000000:layer:l:1";
  const RoutingConfig = { AdditionalVersionWeights: { 2: 0.5 } };
  for (const [route, body] of [
    ["POST /2018-10-31/layers/l/versions", layer],
    [`POST ${functions}`, { ...(await creation("f")), Layers: [layerArn], Tags: { a: "1" }, Timeout: 77 }],
    [`POST ${functions}`, { ...(await creation("gone")), Publish: true }],
    [`DELETE ${functions}/gone`, undefined],
    [`POST ${functions}/f/versions`, { Description: "one" }],
    [`PUT ${functions}/f/configuration`, { Description: "two" }],
    [`POST ${functions}/f/versions`, {}],
    [`POST ${functions}/f/aliases`, { Name: "prod", FunctionVersion: "1", RoutingConfig }],
    ["PUT /2017-10-31/functions/f/concurrency", { ReservedConcurrentExecutions: 7 }],
    ["PUT /2019-09-25/functions/f/event-invoke-config", { MaximumRetryAttempts: 1 }],
    ["POST /2021-10-31/functions/f/url?Qualifier=prod", { AuthType: "NONE", Cors: { MaxAge: 1 } }],
    [`POST ${functions}/f/policy`, { StatementId: "s", Action: "lambda:*", Principal: "*" }],
    [
      "POST /2018-10-31/layers/l/versions/1/policy",
      { StatementId: "s", Action: "lambda:GetLayerVersion", Principal: "*" },
    ],
    ["PUT /2024-08-31/functions/f/recursion-config", { RecursiveLoop: "Allow" }],
    ["PUT /2021-07-20/functions/f/runtime-management-config", { UpdateRuntimeOn: "FunctionUpdate" }],
    [`DELETE ${functions}/f?Qualifier=3`, undefined],
  ] as const)
    expect({ route, ok: (await call(route, body)).ok }).toEqual({ route, ok: true });
  const everything = [
    `${functions}/f`,
    `${functions}/gone`,
    `${functions}/f/versions`,
    `${functions}/f?Qualifier=1`,
    `${functions}/f/aliases`,
    `${functions}/f/policy`,
    `/2017-03-31/tags/${arn}`,
    "/2019-09-30/functions/f/concurrency",
    "/2019-09-25/functions/f/event-invoke-config/list",
    "/2021-10-31/functions/f/urls",
    "/2018-10-31/layers/l/versions/1",
    "/2018-10-31/layers/l/versions/1/policy",
    "/2024-08-31/functions/f/recursion-config",
    "/2021-07-20/functions/f/runtime-management-config",
    "/2016-08-19/account-settings",
  ];
  const before = await Promise.all(everything.map(read));
  await service.end("SIGKILL");
  service = await startServiceProcess(directory);
  expect(await Promise.all(everything.map(read))).toEqual(before);
  const again = await call(`POST ${functions}`, { ...(await creation("gone")), Publish: true });
  expect(await again.json()).toMatchObject({ Version: "2" });
  const answer = await call(`POST ${functions}/f/invocations?Qualifier=1`, {});
  expect(await answer.text()).toBe('"f"');
});

test("[SVC-22] every creation that was answered before SIGKILL is there with its code", async () => {
  const answered: { readonly name: string; readonly sha256: string }[] = [];
  const create = async (name: string): Promise<void> => {
    const response = await call("POST /2015-03-31/functions", await creation(name));
    const { CodeSha256 } = (await response.json()) as { CodeSha256: string };
    answered.push({ name, sha256: CodeSha256 });
  };
  const callers = Promise.allSettled(
    [0, 1, 2, 3].map(async (caller) => {
      for (let count = 0; count < 200; count += 1) await create(`f-${caller}-${count}`);
    }),
  );
  await expect.poll(() => answered.length, { timeout: 60_000 }).toBeGreaterThan(40);
  await service.end("SIGKILL");
  await callers;
  service = await startServiceProcess(directory);
  expect(answered.length).toBeLessThan(800);
  for (const { name, sha256 } of answered) {
    const { Code } = (await (await call(`GET /2015-03-31/functions/${name}`)).json()) as { Code: { Location: string } };
    const bytes = Buffer.from(await (await fetch(Code.Location)).arrayBuffer());
    expect(createHash("sha256").update(bytes).digest("base64")).toBe(sha256);
  }
});

test("a data directory that is in use is refused with who has it", async () => {
  await expect(startServiceProcess(directory)).rejects.toThrow(/another Lambdarium uses it/);
});
