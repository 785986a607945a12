/** The environment variables that processes really have, to the letter, and the metadata endpoint among them. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { open, said } from "../fixtures/environments.ts";

const tell = "await serve(() => JSON.stringify(process.env));";
const tellAndFollow = 'say(process.env); await follow((await register(["INVOKE"])).id);';

type Variables = Readonly<Record<string, string>>;

const ofBoth = [
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_METADATA_API",
  "AWS_LAMBDA_METADATA_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  // Where `/opt` is, in a sandbox that cannot show it there.
  "LAMBDARIUM_OPT",
  "LANG",
  "LD_LIBRARY_PATH",
  "PATH",
  "TZ",
];
const ofRuntimes = [
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_XRAY_CONTEXT_MISSING",
  "AWS_XRAY_DAEMON_ADDRESS",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
  "_AWS_XRAY_DAEMON_ADDRESS",
  "_AWS_XRAY_DAEMON_PORT",
  "_HANDLER",
];

beforeEach(() => {
  process.env["LAMBDARIUM_FIXTURE_OF_THE_HOST"] = "must not leak";
});
afterEach(() => {
  delete process.env["LAMBDARIUM_FIXTURE_OF_THE_HOST"];
});

test("[ENV-58] variables are fixed for the life of an environment, over resets too; changes reach new environments", async () => {
  const environmentVariables: Record<string, string> = { SETTING: "old" };
  const bootstrap = `
    for (;;) {
      const { requestId, body } = await next();
      await respond(requestId, JSON.stringify(process.env.SETTING));
      if (body.includes("exit")) process.exit(1);
    }`;
  const setup = { bootstrap, environmentVariables };
  const environment = await open(setup);
  expect((await environment.invoke("go")).payload).toBe("old");
  environmentVariables["SETTING"] = "new";
  expect((await environment.invoke("exit")).payload).toBe("old");
  expect((await environment.invoke("go")).payload).toBe("old");
  expect(environment.snapshot.generation).toBe(2);
  expect((await (await open(setup)).invoke("go")).payload).toBe("new");
});

test("[ENV-29, ENV-40, ENV-46, ENV-101] gives a runtime exactly the variables of Lambda", async () => {
  const environment = await open({ bootstrap: tell });
  const variables = (await environment.invoke()).payload as Variables;
  expect(Object.keys(variables).sort()).toEqual([...ofBoth, ...ofRuntimes].sort());
});

test("[ENV-29, ENV-51, ENV-52, CAP-39, OBS-08] gives an extension exactly those that are not the runtime's", async () => {
  const environment = await open({
    files: { "index.mjs": "export const handler = async () => 1;" },
    extensions: { teller: tellAndFollow },
    logFormat: "JSON",
  });
  await environment.init();
  const [told] = environment.telemetry.filter(({ type }) => type === "extension").map(({ record }) => record);
  expect(Object.keys(told as Variables).sort()).toEqual([...ofBoth].sort());
});

test("[ENV-31, ENV-32, ENV-33, ENV-35, ENV-36, ENV-59] shows runtime and extensions the function, its region and its credentials", async () => {
  const environment = await open({
    bootstrap: tell,
    extensions: { teller: tellAndFollow },
    region: "eu-north-1",
    credentials: { accessKeyId: "AKIA1", secretAccessKey: "secret", sessionToken: "token" },
    functionName: "shown",
    functionVersion: "7",
    memorySizeMb: 1769,
  });
  const expected = {
    AWS_REGION: "eu-north-1",
    AWS_DEFAULT_REGION: "eu-north-1",
    AWS_ACCESS_KEY_ID: "AKIA1",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
    AWS_LAMBDA_FUNCTION_NAME: "shown",
    AWS_LAMBDA_FUNCTION_VERSION: "7",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_RUNTIME_API: environment.endpoint,
    AWS_LAMBDA_METADATA_API: environment.endpoint,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
  };
  const { payload } = await environment.invoke();
  expect(payload).toMatchObject(expected);
  expect(said<Variables>(environment, "extension")[0]).toMatchObject(expected);
});

test("[ENV-39, ENV-57] hands the customer's variables to both, unchanged, and lets them replace defaults", async () => {
  const environmentVariables = {
    GREETING: 'no $EXPANSION, `no` "quotes" lost\nnext line = ü',
    LANG: "de_DE.UTF-8",
    TZ: "America/New_York",
    LD_LIBRARY_PATH: "/mine",
  };
  const environment = await open({ bootstrap: tell, extensions: { teller: tellAndFollow }, environmentVariables });
  expect((await environment.invoke()).payload).toMatchObject(environmentVariables);
  expect(said<Variables>(environment, "extension")[0]).toMatchObject(environmentVariables);
});

test("[ENV-41, ENV-42, ENV-44, OBS-04, OBS-05] tells the runtime its handler, its directories and its log stream", async () => {
  const environment = await open({ bootstrap: tell, handler: "some.handler", functionName: "told" });
  const variables = (await environment.invoke()).payload as Variables;
  expect(variables).toMatchObject({
    _HANDLER: "some.handler",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/told",
    AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
  });
  expect(variables).not.toHaveProperty("AWS_EXECUTION_ENV");
});

test("[ENV-44] leaves the log stream out where there is a snapshot", async () => {
  const environment = await open({ bootstrap: tell, initializationType: "snap-start" });
  const { payload } = await environment.invoke();
  expect(payload).not.toHaveProperty("AWS_LAMBDA_LOG_GROUP_NAME");
  expect(payload).not.toHaveProperty("AWS_LAMBDA_LOG_STREAM_NAME");
});

test("[ENV-45, OBS-78] tells where the X-Ray daemon is, with tracing off too", async () => {
  const environment = await open({ bootstrap: tell });
  const variables = (await environment.invoke()).payload as Variables;
  const [address] = environment.endpoint.split(":");
  const { _AWS_XRAY_DAEMON_PORT: port } = variables;
  expect(port).toMatch(/^\d+$/);
  expect(variables).toMatchObject({
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    AWS_XRAY_DAEMON_ADDRESS: `${address}:${port}`,
    _AWS_XRAY_DAEMON_ADDRESS: address,
  });
});

const nodeTell = {
  files: { "index.mjs": "export const handler = async () => ({ ...process.env });" },
  runtime: "nodejs22.x",
};

test("[ENV-43, ENV-46, ENV-48, ENV-49] adds what belongs to Node.js, and takes the log descriptor away again", async () => {
  const environment = await open(nodeTell);
  const traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
  const variables = (await environment.invoke({}, { traceHeader })).payload as Variables;
  const { LAMBDARIUM_OPT: opt, LAMBDA_RUNTIME_DIR: runtime, LAMBDA_TASK_ROOT: task } = variables;
  expect(variables).toMatchObject({
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
    NODE_PATH: `${opt}/nodejs/node22/node_modules:${opt}/nodejs/node_modules:${runtime}/node_modules:${runtime}:${task}`,
  });
  expect(variables["_X_AMZN_TRACE_ID"]).toContain("Root=1-5759e988-bd862e3fe1be46a994272793;");
  expect(variables).not.toHaveProperty("_LAMBDA_TELEMETRY_LOG_FD");
});

test("[ENV-47, CAP-38] sets format and level of the log with JSON only", async () => {
  const names = ["AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"];
  const inJson = await open({ ...nodeTell, logFormat: "JSON", applicationLogLevel: "ERROR" });
  const json = (await inJson.invoke()).payload as Variables;
  expect(names.map((name) => json[name])).toEqual(["JSON", "ERROR"]);
  const inText = await open(nodeTell);
  const text = (await inText.invoke()).payload as Variables;
  expect(names.map((name) => text[name])).toEqual([undefined, undefined]);
});

test("[ENV-53] shows an internal extension the runtime's variables", async () => {
  const environment = await open({
    bootstrap: `await register([], "inside"); say({ handler: process.env._HANDLER });`,
    handler: "a.b",
  });
  await environment.init();
  expect(said(environment, "function")).toEqual([{ handler: "a.b" }]);
});

test("[ENV-30] runs in UTC unless TZ says otherwise, with the clock of this machine", async () => {
  const bootstrap = "await serve(() => JSON.stringify({ now: Date.now(), hour: new Date(0).getHours() }));";
  const before = Date.now();
  const utc = (await (await open({ bootstrap })).invoke()).payload as { now: number; hour: number };
  expect(utc.hour).toBe(0);
  expect(utc.now).toBeGreaterThanOrEqual(before);
  expect(utc.now).toBeLessThanOrEqual(Date.now());
  const elsewhere = await open({ bootstrap, environmentVariables: { TZ: "Asia/Tokyo" } });
  expect((await elsewhere.invoke()).payload).toMatchObject({ hour: 9 });
});

test("[ENV-26, ENV-27] starts both in the task root, with standard input at its end", async () => {
  const told = '({ cwd: process.cwd(), input: require("node:fs").readFileSync(0, "utf8") })';
  const environment = await open({
    bootstrap: `const told = ${told}; await serve(() => JSON.stringify({ ...told, task: process.env.LAMBDA_TASK_ROOT }));`,
    extensions: { teller: `say(${told}); await follow((await register([])).id);` },
  });
  const { cwd, input, task } = (await environment.invoke()).payload as Record<string, string>;
  expect({ cwd, input }).toEqual({ cwd: task, input: "" });
  expect(said(environment, "extension")).toEqual([{ cwd: task, input: "" }]);
});

test.each([
  { asked: "with its token", method: "GET", token: "own", status: 200, body: '{"AvailabilityZoneID":"euw3-az1"}' },
  { asked: "without a token", method: "GET", token: "none", status: 401, body: "" },
  { asked: "with another token", method: "GET", token: "Bearer wrong", status: 401, body: "" },
  { asked: "by POST", method: "POST", token: "own", status: 405, body: "" },
])(
  "[ENV-59, ENV-60, ENV-61] answers $status to who asks the metadata endpoint $asked",
  async ({ method, token, status, body }) => {
    const environment = await open({
      bootstrap: `
      const tokens = { own: "Bearer " + process.env.AWS_LAMBDA_METADATA_TOKEN, none: undefined };
      const token = ${JSON.stringify(token)};
      const Authorization = token in tokens ? tokens[token] : token;
      const answer = await fetch("http://" + process.env.AWS_LAMBDA_METADATA_API + "/2026-01-15/metadata/execution-environment", {
        method: ${JSON.stringify(method)},
        headers: Authorization === undefined ? {} : { Authorization },
      });
      const told = { status: answer.status, body: await answer.text(), cache: answer.headers.get("cache-control"), type: answer.headers.get("content-type") };
      await serve(() => JSON.stringify(told));
    `,
      region: "eu-west-3",
    });
    const told = (await environment.invoke()).payload as Record<string, unknown>;
    expect(told).toMatchObject({ status, body: expect.stringContaining(body) });
    const success = { cache: "private, max-age=43200, immutable", type: "application/json" };
    expect(told).toMatchObject({ 200: success, 401: {}, 405: {} }[status]!);
  },
);
