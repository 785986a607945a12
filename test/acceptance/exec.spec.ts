/** `lambdarium exec`: a command with a service of its own around it. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectNothingLeft, newDirectory, startCommand, type CommandRun } from "../fixtures/command-line.ts";
import { program } from "../fixtures/programs.ts";
import { zip } from "../fixtures/service.ts";

const newProject = (functions: object = { hello: { code: "hello" } }): string =>
  newDirectory({
    "hello/bootstrap": program("await serve();"),
    "lambdarium.json": JSON.stringify({ functions }),
  });

const exec = (project: string, ...command: string[]): CommandRun =>
  startCommand(["exec", "--project", project, "--", ...command], { stdin: undefined });

const node = (script: string): string[] => [process.execPath, "-e", script];

const invokes = `
  const { AWS_ENDPOINT_URL: endpoint } = process.env;
  fetch(endpoint + "/2015-03-31/functions/hello/invocations", { method: "POST", body: '{"a":1}' })
    .then((answer) => answer.text())
    .then((text) => console.log(text));`;

describe("runs a command", () => {
  test("with the variables that lead to the service, and keeps nothing", async () => {
    const project = newProject();
    const { code, stdout } = await exec(project, ...node(invokes)).finished;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"a":1}\n' });
    expect(readdirSync(project).sort()).toEqual(["hello", "lambdarium.json"]);
    await expectNothingLeft();
  });

  test("and is killed: nothing is left of it, unpacked archives included", async () => {
    const project = newProject({
      hello: { code: "hello" },
      packed: { code: "packed.zip", handler: "index.handler", runtime: "nodejs20.x" },
    });
    const archive = await zip({ "index.js": "exports.handler = async () => 1;" });
    writeFileSync(join(project, "packed.zip"), Buffer.from(archive, "base64"));
    const untilAlone = `const parent = process.ppid; setInterval(() => process.ppid === parent || process.exit(), 20);`;
    const run = exec(project, ...node(invokes + untilAlone));
    await run.prints('{"a":1}');
    run.signal("SIGKILL");
    expect(await run.finished).toMatchObject({ code: null, signal: "SIGKILL" });
    await expectNothingLeft();
  });

  test("without the keys, the profile and the token of anybody's real account", async () => {
    const names = [
      "AWS_REGION",
      "AWS_DEFAULT_REGION",
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_PROFILE",
      "AWS_SESSION_TOKEN",
    ];
    const script = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null)))`;
    const real = {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKIAREAL",
      AWS_PROFILE: "work",
      AWS_SESSION_TOKEN: "real",
    };
    const run = startCommand(["exec", "--no-project", "--", ...node(script)], { env: real });
    const { stdout } = await run.finished;
    expect(JSON.parse(stdout)).toEqual(["eu-west-1", "eu-west-1", "lambdarium", "lambdarium", null, null]);
  });

  test.each([
    ["its exit status", node("process.exit(7)"), 7],
    ["128 and the number of the signal that ended it", node("process.kill(process.pid, 'SIGKILL')"), 137],
    ["127 when there is no such program", ["no-such-program"], 127],
    ["126 when it may not be run", [join(newProject(), "lambdarium.json")], 126],
  ])("and ends with %s", async (_, command, code) => {
    expect(await exec(newProject(), ...command).finished).toMatchObject({ code, signal: null });
    await expectNothingLeft();
  });

  test("with arguments as they were given, options included", async () => {
    const { stdout } = await exec(
      newProject(),
      ...node("console.log(JSON.stringify(process.argv.slice(1)))"),
      "--",
      "--inspect",
      "a b",
      "--",
      "-x",
    ).finished;
    expect(JSON.parse(stdout)).toEqual(["--inspect", "a b", "--", "-x"]);
  });

  test("that gets our signals, and decides itself how to end", async () => {
    const waits = `
      process.on("SIGTERM", () => { console.error("asked to leave"); process.exit(3); });
      setInterval(() => {}, 1000);
      console.error("command begins");`;
    const run = exec(newProject(), ...node(waits));
    await run.shows("command begins");
    run.signal("SIGTERM");
    const { code, stderr } = await run.finished;
    expect(code).toBe(3);
    expect(stderr).toContain("asked to leave");
    await expectNothingLeft();
  });
});

describe("does not run it", () => {
  test.each([
    [
      "when a function of the project is refused",
      { hello: { code: "hello" }, other: { code: "elsewhere" } },
      "There is no function at",
    ],
    ["when the project is wrong", { hello: {} }, 'functions.hello needs "code"'],
  ])("%s", async (_, functions, message) => {
    const { code, stdout, stderr } = await exec(newProject(functions), ...node("console.log('runs')")).finished;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    await expectNothingLeft();
  });

  test("without a command", async () => {
    expect(await startCommand(["exec"]).finished).toMatchObject({ code: 2, stdout: "" });
  });
});
