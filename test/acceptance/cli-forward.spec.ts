/** `--forward`, and `forward` in lambdarium.json, as a user at a shell has them. */
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  CommandRun,
  expectNothingLeft,
  lambdarium,
  newDirectory,
  newFunction,
  projectDirectory,
  startCommand,
} from "../fixtures/command-line.ts";
import { HttpSink } from "../fixtures/http-sink.ts";
import { program } from "../fixtures/programs.ts";
import { invoke } from "../fixtures/service-calls.ts";

const sink = new HttpSink();
let endpoint: string;
beforeEach(async () => {
  sink.received.length = 0;
  endpoint = await sink.open();
});
afterEach(() => sink.close());

const received = (): ReadonlySet<string> => new Set(sink.received.map(({ url }) => url));

test("invoke forwards what it is told to, and says so", async () => {
  const { code, stderr } = await lambdarium(["invoke", "--forward", `otlp=${endpoint}`, newFunction()]);
  expect(code).toBe(0);
  expect(stderr).toContain(`Logs, metrics and traces also go to otlp ${endpoint}.`);
  expect(received()).toContain("/v1/metrics");
});

test("start forwards where the project file says", async () => {
  const project = newDirectory({
    "hello/bootstrap": program("await serve();"),
    "lambdarium.json": JSON.stringify({ functions: { hello: { code: "hello" } }, forward: [`otlp=${endpoint}`] }),
  });
  const run = startCommand(["start", "--port", "0", project], { stdin: undefined });
  await invoke(await run.endpoint(), "hello");
  await vi.waitUntil(() => received().has("/v1/metrics"), { timeout: 30_000 });
  run.signal("SIGINT");
  expect(await run.finished).toMatchObject({ code: 0, signal: null });
  await expectNothingLeft();
});

test("what is no target is refused, with those there are", async () => {
  for (const args of [["invoke"], ["start", "--no-project"]]) {
    const { code, stderr } = await lambdarium([...args, "--forward", "cloud"], { cwd: newFunction() });
    expect(code).toBe(2);
    expect(stderr).toContain("cloudwatch, cloudwatch-logs, cloudwatch-metrics, xray, otlp or otlp=URL");
  }
});

test("without AWS's client it says what to install, and starts nothing", async () => {
  const directory = newDirectory();
  const args = [installedWithoutClients(directory), "invoke", "--forward", "xray", newFunction()];
  const { code, stderr } = await new CommandRun(process.execPath, args, { cwd: directory }).finished;
  expect(code).toBe(2);
  expect(stderr).toContain("Forwarding to xray needs @aws-sdk/client-xray, which is not installed.");
  expect(stderr).toContain("npm install @aws-sdk/client-xray");
});

/** As npm does it, with the dependencies and nothing of what is optional; gives the command. */
function installedWithoutClients(directory: string): string {
  const modules = join(directory, "node_modules");
  const own = join(modules, "lambdarium");
  mkdirSync(own, { recursive: true });
  for (const name of ["dist", "package.json"])
    cpSync(join(projectDirectory, name), join(own, name), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as { dependencies: object };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(projectDirectory, "node_modules", name), join(modules, name));
  }
  return join(own, "dist", "cli", "main.js");
}
