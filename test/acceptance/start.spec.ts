/** `lambdarium start`: a project served, watched and ended, as a user at a shell does it. */
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import {
  expectNothingLeft,
  lambdarium,
  newDirectory,
  startCommand,
  type CommandRun,
} from "../fixtures/command-line.ts";
import { program, type Files } from "../fixtures/programs.ts";
import { zip } from "../fixtures/service.ts";
import { functionNames, getJson, invoke, invokeUntil } from "../fixtures/service-calls.ts";

const answering = (text: string): string => program(`await serve(() => ${JSON.stringify(JSON.stringify(text))});`);

/** Says what it is told, and when it begins. */
const talker = (word: string): string =>
  program(`
    const { id } = await register(["INVOKE", "SHUTDOWN"]);
    console.log(${JSON.stringify(`${word} begins`)});
    for (;;) {
      const { eventType, shutdownReason } = await event(id);
      console.log(${JSON.stringify(word)}, eventType, shutdownReason);
      if (eventType === "SHUTDOWN") process.exit(0);
    }`);

const projectFile = (functions: object, more: object = {}): string => JSON.stringify({ functions, ...more });

const newProject = (files: Files = {}, functions: object = { hello: { code: "hello" } }): string =>
  newDirectory({ "hello/bootstrap": answering("one"), "lambdarium.json": projectFile(functions), ...files });

async function start(project: string, ...args: string[]): Promise<{ run: CommandRun; endpoint: string }> {
  const run = startCommand(["start", "--port", "0", ...args, project], { stdin: undefined });
  const endpoint = await run.endpoint();
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
  return { run, endpoint };
}

async function stop(run: CommandRun): Promise<void> {
  run.signal("SIGINT");
  expect(await run.finished).toMatchObject({ code: 0, signal: null });
  await expectNothingLeft();
}

function replace(project: string, file: string, text: string): void {
  writeFileSync(join(project, file), text);
  chmodSync(join(project, file), 0o755);
}

describe("serves a project", () => {
  test("functions are there, invocations are answered, and every line is shown with who wrote it", async () => {
    const project = newProject(
      { "bin/talker": talker("talker") },
      { hello: { code: "hello", extensions: ["bin/talker"], url: true } },
    );
    const { run, endpoint } = await start(project);
    expect(await functionNames(endpoint)).toEqual(["hello"]);
    expect(await invoke(endpoint, "hello")).toBe('"one"');
    await run.shows(/^hello platform +\| START RequestId/mu);
    await run.shows(/^hello extension talker +\| talker INVOKE/mu);
    await run.shows("REPORT RequestId");
    expect(run.shown).toMatch(
      /^lambdarium +\| +hello: provided\.al2023, .+extensions talker; http:\/\/.+\/lambda-url\/\w+\/$/mu,
    );
    run.signal("SIGINT");
    const { code, stdout, stderr } = await run.finished;
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        `export AWS_ENDPOINT_URL=${endpoint}`,
        "export AWS_REGION=us-east-1",
        "export AWS_DEFAULT_REGION=us-east-1",
        "export AWS_ACCESS_KEY_ID=lambdarium",
        "export AWS_SECRET_ACCESS_KEY=lambdarium",
        "",
      ].join("\n"),
    );
    expect(stderr).toMatch(/^hello extension talker +\| talker SHUTDOWN spindown$/mu);
    await expectNothingLeft();
  });

  test("a template, its layers with extensions, its values, and what has no effect", async () => {
    const template = `
Transform: AWS::Serverless-2016-10-31
Parameters: { Word: { Type: String, Default: default } }
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: hi
      CodeUri: hello
      Handler: any
      Runtime: provided.al2023
      Layers: [!Ref Tools]
      Environment: { Variables: { WORD: !Ref Word, TABLE: !Ref Table } }
      Events: { Api: { Type: Api, Properties: { Path: /, Method: get } } }
  Tools: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: tools } }
  Table: { Type: AWS::DynamoDB::Table }
`;
    const project = newDirectory({
      "template.yaml": template,
      "hello/bootstrap": program("await serve(() => JSON.stringify([process.env.WORD, process.env.TABLE ?? null]));"),
      "tools/extensions/talker": talker("talker"),
    });
    const { run, endpoint } = await start(project, "--parameter", "Word=given");
    expect(await invoke(endpoint, "hi")).toBe('["given",null]');
    await run.shows(/^hi extension talker +\| talker begins/mu);
    expect(run.shown).toContain("template.yaml:13:");
    expect(run.shown).toContain(
      "Environment.Variables.TABLE of Hello is left out: Table is known only once it is deployed",
    );
    expect(run.shown).toContain("Events of Hello is left out");
    await stop(run);
  });

  test("what the options say of extensions and variables, for all functions and for one", async () => {
    const project = newDirectory({
      "lambdarium.json": projectFile({ one: { code: "echo" }, two: { code: "echo" } }),
      "echo/bootstrap": program("await serve(() => JSON.stringify([process.env.ALL, process.env.TWO ?? null]));"),
      "all.env": "ALL=everywhere\n",
      "two.env": "TWO=here\n",
      talker: talker("talker"),
    });
    const given = ["--env-file", join(project, "all.env"), "--env-file", `two=${join(project, "two.env")}`];
    const { run, endpoint } = await start(project, ...given, "--extension", `two=${join(project, "talker")}`);
    expect(await invoke(endpoint, "one")).toBe('["everywhere",null]');
    expect(await invoke(endpoint, "two")).toBe('["everywhere","here"]');
    await run.shows(/^two extension talker/mu);
    expect(run.shown).not.toMatch(/^one extension/mu);
    await stop(run);
  });

  test("nothing but the API with --no-project", async () => {
    const project = newProject();
    const { run, endpoint } = await start(project, "--no-project", "--data-dir", join(project, "data"));
    expect(await functionNames(endpoint)).toEqual([]);
    expect(await getJson(endpoint, "/_local/health")).toEqual({ status: "ready" });
    await stop(run);
  });

  test("[SVC-01] settings come from options", async () => {
    const { run, endpoint } = await start(newProject(), "--setting", "keepAliveMs=4242", "--region", "eu-west-1");
    expect(await getJson(endpoint, "/_local/settings")).toMatchObject({
      keepAliveMs: 4242,
      defaultRegion: "eu-west-1",
    });
    await stop(run);
  });
});

test("[SVC-01] settings come from the project's file, after options and the environment", async () => {
  const vendor = "arn:aws:lambda:us-east-1:123456789012:layer:vendor:1";
  const settings = { keepAliveMs: 1111, maxEnvironments: 7, placementWaitMs: 22, layerSources: { [vendor]: "layer" } };
  const project = newDirectory({
    "lambdarium.json": projectFile({ hello: { code: "hello" } }, { settings }),
    "layer/word": "one",
    "hello/bootstrap": answering("one"),
  });
  const options = ["start", "--port", "0", "--setting", "keepAliveMs=4242", project];
  const run = startCommand(options, { stdin: undefined, env: { LAMBDARIUM_MAX_ENVIRONMENTS: "9" } });
  const endpoint = await run.endpoint();
  expect(await getJson(endpoint, "/_local/settings")).toMatchObject({
    keepAliveMs: 4242,
    maxEnvironments: 9,
    placementWaitMs: 22,
    accountConcurrency: 1000,
    layerSources: { [vendor]: join(project, "layer") },
  });
  const changed = projectFile({ hello: { code: "hello" } }, { settings: { keepAliveMs: 2 } });
  writeFileSync(join(project, "lambdarium.json"), changed);
  await run.shows("the settings have changed: they hold from the next start on");
  await stop(run);
});

describe("watches", () => {
  test("new code replaces the environments, whose extensions are told to leave", async () => {
    const project = newProject({ talker: talker("talker") }, { hello: { code: "hello", extensions: ["talker"] } });
    const { run, endpoint } = await start(project);
    expect(await invoke(endpoint, "hello")).toBe('"one"');
    replace(project, "hello/bootstrap", answering("two"));
    await invokeUntil(endpoint, "hello", '"two"');
    await run.shows(/talker SHUTDOWN spindown/u);
    await stop(run);
  });

  test("layers, extensions and files of variables replace them too", async () => {
    const project = newProject(
      {
        "hello/bootstrap": program(
          'await serve(() => JSON.stringify([require("fs").readFileSync(process.env.LAMBDARIUM_OPT + "/word", "utf8"), process.env.WORD]));',
        ),
        "layer/word": "one",
        ".env": "WORD=one\n",
        talker: talker("first"),
      },
      { hello: { code: "hello", layers: ["./layer"], extensions: ["talker"], environmentFile: ".env" } },
    );
    const { run, endpoint } = await start(project);
    expect(await invoke(endpoint, "hello")).toBe('["one","one"]');
    writeFileSync(join(project, "layer/word"), "two");
    await invokeUntil(endpoint, "hello", '["two","one"]');
    writeFileSync(join(project, ".env"), "WORD=two\n");
    await invokeUntil(endpoint, "hello", '["two","two"]');
    replace(project, "talker", talker("second"));
    await vi.waitFor(
      async () => {
        await invoke(endpoint, "hello");
        expect(run.shown).toContain("second begins");
      },
      { timeout: 20_000, interval: 50 },
    );
    await stop(run);
  });

  test("the project file: functions come, change and go", async () => {
    const project = newProject({ "other/bootstrap": answering("other") });
    const { run, endpoint } = await start(project);
    writeFileSync(join(project, "lambdarium.json"), projectFile({ hello: { code: "other" }, more: { code: "hello" } }));
    await invokeUntil(endpoint, "hello", '"other"');
    await invokeUntil(endpoint, "more", '"one"');
    writeFileSync(join(project, "lambdarium.json"), projectFile({ more: { code: "hello" } }));
    await vi.waitFor(async () => expect(await functionNames(endpoint)).toEqual(["more"]), { timeout: 20_000 });
    await run.shows("removed hello, which is no longer in the project");
    await stop(run);
  });

  test("a broken save is told and harmless: of the project file, of an archive, of the code", async () => {
    const project = newProject(
      { "late.zip": "PK\u0003\u0004 half" },
      {
        hello: { code: "hello" },
        late: { code: "late.zip", runtime: "provided.al2023", handler: "any" },
      },
    );
    const { run, endpoint } = await start(project);
    await run.shows(
      /lambdarium\.json:1: late was refused: InvalidParameterValueException: Could not unzip uploaded file/u,
    );
    const bootstrap = { content: answering("arrived"), mode: 0o100_755 };
    writeFileSync(join(project, "late.zip"), Buffer.from(await zip({ bootstrap }), "base64"));
    await invokeUntil(endpoint, "late", '"arrived"');
    writeFileSync(join(project, "late.zip"), "PK\u0003\u0004 half again");
    await vi.waitFor(() => expect(run.shown.match(/late was refused/gu)).toHaveLength(2), { timeout: 20_000 });
    expect(await invoke(endpoint, "late")).toBe('"arrived"');
    writeFileSync(join(project, "lambdarium.json"), '{ "functions": { "hello": ');
    await run.shows(/lambdarium\.json:1:\d+: this is no JSON/u);
    expect(await invoke(endpoint, "hello")).toBe('"one"');
    rmSync(join(project, "hello/bootstrap"));
    await run.shows(/deployed hello in/u);
    replace(project, "hello/bootstrap", answering("mended"));
    await invokeUntil(endpoint, "hello", '"mended"');
    writeFileSync(join(project, "lambdarium.json"), projectFile({ hello: { code: "hello", memorySizeMb: 256 } }));
    await vi.waitFor(
      async () =>
        expect(await getJson(endpoint, "/2015-03-31/functions/hello/configuration")).toMatchObject({ MemorySize: 256 }),
      { timeout: 20_000 },
    );
    await stop(run);
  });
});

test("a project file or a directory of code that is away for a moment removes nothing, and is watched again", async () => {
  const project = newProject();
  const { run, endpoint } = await start(project);
  const away = join(project, "away");
  renameSync(join(project, "lambdarium.json"), away);
  await run.shows(/There is no project at .+lambdarium\.json/u);
  expect(await invoke(endpoint, "hello")).toBe('"one"');
  const changed = projectFile({ hello: { code: "hello" }, more: { code: "hello" } });
  writeFileSync(join(project, "lambdarium.json"), changed);
  await invokeUntil(endpoint, "more", '"one"');
  renameSync(join(project, "hello"), join(project, "hidden"));
  await run.shows(/hello: There is no function at .+hello/u);
  replace(project, "hidden/bootstrap", answering("two"));
  renameSync(join(project, "hidden"), join(project, "hello"));
  await invokeUntil(endpoint, "hello", '"two"');
  replace(project, "hello/bootstrap", answering("three"));
  await invokeUntil(endpoint, "hello", '"three"');
  await stop(run);
});

describe("ends", () => {
  test("[LIFE-80] [SVC-230] a second signal ends everything at once", async () => {
    const stubborn = program(`
      const { id } = await register(["SHUTDOWN"]);
      await event(id);
      console.log("will not leave");
      await forever();`);
    const project = newProject({ stubborn }, { hello: { code: "hello", extensions: ["stubborn"] } });
    const { run, endpoint } = await start(project);
    await invoke(endpoint, "hello");
    run.signal("SIGTERM");
    await run.shows("will not leave");
    run.signal("SIGTERM");
    const { code, stderr } = await run.finished;
    expect(code).toBe(143);
    expect(stderr).toContain("SIGTERM again");
    expect(stderr).not.toContain("the time for Shutdown is over");
    await expectNothingLeft();
  });

  test("[SVC-230] a call that waits when the service ends is answered with ServiceException", async () => {
    const project = newProject({
      "hello/bootstrap": program('await next(); console.log("invocation begins"); await forever();'),
    });
    const { run, endpoint } = await start(project);
    const called = fetch(`${endpoint}/2015-03-31/functions/hello/invocations`, { method: "POST", body: "{}" });
    await run.shows("invocation begins");
    run.signal("SIGINT");
    const answer = await called;
    expect({ status: answer.status, error: answer.headers.get("x-amzn-errortype") }).toEqual({
      status: 500,
      error: "ServiceException",
    });
    expect((await run.finished).code).toBe(0);
    await expectNothingLeft();
  });

  test("kill -9 leaves no process behind, and the next start serves what was there", async () => {
    const project = newProject({ talker: talker("talker") }, { hello: { code: "hello", extensions: ["talker"] } });
    const first = await start(project);
    await invoke(first.endpoint, "hello");
    await fetch(`${first.endpoint}/2015-03-31/functions/hello/versions`, { method: "POST", body: "{}" });
    first.run.signal("SIGKILL");
    await first.run.finished;
    await expectNothingLeft();
    writeFileSync(
      join(project, "lambdarium.json"),
      projectFile({ other: { code: "hello" }, hello: { code: "hello" } }),
    );
    const second = await start(project);
    expect(await invoke(second.endpoint, "hello:1")).toBe('"one"');
    expect(readdirSync(join(project, ".lambdarium"))).toContain("service.db");
    expect(readFileSync(join(project, ".lambdarium/.gitignore"), "utf8")).toBe("*\n");
    await stop(second.run);
    writeFileSync(join(project, "lambdarium.json"), projectFile({ other: { code: "hello" } }));
    const third = await start(project);
    expect(await functionNames(third.endpoint)).toEqual(["other"]);
    await stop(third.run);
  });
});

describe("is refused before anything is started", () => {
  /** Standard error of a start that ends at once. */
  const refusal = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lambdarium(["start", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^hint: /mu);
    await expectNothingLeft();
    return stderr;
  };

  test("for a port that is taken", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
    });
    expect(await refusal("--port", String(port), newProject())).toMatch(
      `error: Port ${port} is taken by another program.`,
    );
    await new Promise((resolve) => other.close(resolve));
  });

  test("for a project that is not there, is wrong, or has no function that can be served", async () => {
    expect(await refusal("--port", "0", "/nowhere/at/all")).toMatch("error: There is no project at /nowhere/at/all");
    const wrong = newDirectory({ "lambdarium.json": `{\n  "functions": { "a": { "cod": "." } }\n}` });
    expect(await refusal("--port", "0", wrong)).toMatch(
      /lambdarium\.json:2:25: there is no "cod" in functions\.a; did you mean "code"\?/u,
    );
    const setting = newDirectory({
      "lambdarium.json": `{ "functions": {}, "settings": { "keepAliveMs": -1, "port": 1 } }`,
    });
    expect(await refusal("--port", "0", setting)).toMatch(
      /:1:49: settings\.keepAliveMs is 0 or more, not -1\.\n.*:1:53: there is no "port" in settings/u,
    );
    const large = newProject({}, { hello: { code: "hello", reservedConcurrency: 5000 } });
    expect(await refusal("--port", "0", large)).toMatch(
      /lambdarium\.json:1: hello was refused: InvalidParameterValueException: /u,
    );
    const missing = newProject({}, { hello: { code: "elsewhere" } });
    expect(await refusal("--port", "0", missing)).toMatch(
      /lambdarium\.json:1: hello: There is no function at .+elsewhere/u,
    );
  });

  test("for settings that cannot be", async () => {
    expect(await refusal("--port", "0", "--setting", "keepAlive=1", newProject())).toMatch("there are accountId, ");
    expect(await refusal("--sandbox", "linux", "--inspect", newProject())).toMatch(
      "does not reach into the sandbox linux",
    );
  });
});
