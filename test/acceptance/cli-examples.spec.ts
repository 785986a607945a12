/** The examples, run as their README files say, and the demo. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CommandRun, lambdarium, newDirectory, projectDirectory } from "../fixtures/command-line.ts";

const examples = (path: string): string => join(projectDirectory, "examples", path);

const runs = (program: string, args: readonly string[]): boolean => spawnSync(program, args).status === 0;

/** Where the sandbox looks for interpreters of scripts. */
const sandboxPath = { PATH: "/usr/local/bin:/usr/bin:/bin" };
const hasPython = spawnSync("python3", ["--version"], { env: sandboxPath }).status === 0;
const hasCurl = spawnSync("curl", ["--version"], { env: sandboxPath }).status === 0;
const hasGo = runs("go", ["version"]);

/** In the best sandbox there is, as a newcomer runs them. */
const best = ["--sandbox", "auto"];

describe("functions", () => {
  test("hello-node", async () => {
    const args = ["--event", '{"name":"Ada"}', "--event", '{"name":"Grace"}'];
    const { code, stdout } = await lambdarium(["invoke", ...best, ...args, examples("functions/hello-node")]);
    const answers = ['{"message":"Hello, Ada!","invocations":1}', '{"message":"Hello, Grace!","invocations":2}'];
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${answers.join("\n")}\n` });
  });

  test.skipIf(!hasPython)("hello-python", async () => {
    const { code, stdout } = await lambdarium(["invoke", ...best, examples("functions/hello-python")]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ message: "Hello, world!", invocations: 1 });
  });

  test("streaming-node", async () => {
    const { code, stdout } = await lambdarium(["invoke", ...best, examples("functions/streaming-node")]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '"piece 1\\npiece 2\\npiece 3\\n"\n' });
  });

  test.skipIf(!hasCurl)("custom-bootstrap-shell", async () => {
    const args = ["--event", '{"n":1}', "--event", "2", examples("functions/custom-bootstrap-shell")];
    const { code, stdout } = await lambdarium(["invoke", ...best, ...args]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"received":{"n":1}}\n{"received":2}\n' });
  });
});

test("a project of two functions", async () => {
  const script = `
    const { AWS_ENDPOINT_URL: endpoint } = process.env;
    const call = async (path, options) => (await fetch(endpoint + path, options)).text();
    const address = JSON.parse(await call("/2021-10-31/functions/streaming/url")).FunctionUrl;
    console.log(await call("/2015-03-31/functions/hello/invocations", { method: "POST", body: '{"name":"Ada"}' }));
    console.log(await (await fetch(address)).text());`;
  const command = ["--", process.execPath, "--input-type=module", "--eval", script];
  const { code, stdout, stderr } = await lambdarium([
    "exec",
    ...best,
    "--project",
    examples("projects/hello"),
    ...command,
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain('{"message":"Hello, Ada!","invocations":1}');
  expect(stdout).toContain("piece 1\npiece 2\npiece 3");
  expect(stderr).toMatch(/^hello extension telemetry-node/mu);
});

async function withExtension(extension: string) {
  const args = ["--json", "--count", "2", "--extension", extension, examples("functions/hello-node")];
  const { code, stdout, stderr } = await lambdarium(["invoke", ...best, ...args]);
  const document = JSON.parse(stdout) as { extensions: readonly Record<string, unknown>[] };
  return { code, extensions: document.extensions, stderr };
}

const left = { events: ["INVOKE", "SHUTDOWN"], state: "Exited", exit: { code: 0, signal: null } };

const extensions: readonly (readonly [folder: string, file: string])[] = [
  ["node", "node-extension.ts"],
  ...(hasPython ? [["python", "python-extension"] as const] : []),
  ...(hasCurl ? [["shell", "shell-extension"] as const] : []),
];

const collectors: readonly (readonly [folder: string, file: string])[] = [
  ["telemetry-node", "telemetry-node.ts"],
  ...(hasPython ? [["telemetry-python", "telemetry-python"] as const] : []),
];

describe("extensions follow every invocation, and leave by themselves at SHUTDOWN", () => {
  test.each(extensions)("%s", async (folder, source) => {
    const file = source.replace(".ts", "");
    const { code, extensions, stderr } = await withExtension(examples(`extensions/${folder}/${source}`));
    expect({ code, extensions }).toMatchObject({ code: 0, extensions: [{ name: file, ...left }] });
    expect(stderr.match(new RegExp(`^extension ${file} +\\| invocation`, "gmu"))).toHaveLength(2);
  });

  test.each(collectors)("%s has all telemetry, the report of the last invocation included", async (folder, source) => {
    const file = source.replace(".ts", "");
    const { code, extensions, stderr } = await withExtension(examples(`extensions/${folder}/${source}`));
    expect({ code, extensions }).toMatchObject({ code: 0, extensions: [{ name: file, ...left }] });
    expectWholeTelemetry(stderr, file);
  });

  test.skipIf(!hasGo)(
    "telemetry-go has all telemetry, the report of the last invocation included",
    { timeout: 120_000 },
    async () => {
      const program = join(newDirectory(), "telemetry-go");
      const built = spawnSync("go", ["build", "-o", program, "."], {
        cwd: examples("extensions/telemetry-go"),
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" },
        encoding: "utf8",
      });
      expect(built.stderr).toBe("");
      const { code, extensions, stderr } = await withExtension(program);
      expect({ code, extensions }).toMatchObject({ code: 0, extensions: [{ name: "telemetry-go", ...left }] });
      expectWholeTelemetry(stderr, "telemetry-go");
    },
  );
});

function expectWholeTelemetry(stderr: string, file: string): void {
  const lines = stderr.split("\n").filter((line) => line.startsWith(`extension ${file} `));
  const types = lines.map((line) => /\| \S+Z (\S+)/u.exec(line)?.[1]);
  const invocation = ["platform.start", "function", "platform.runtimeDone", "platform.report"];
  expect(types).toEqual([
    "platform.initStart",
    "platform.telemetrySubscription",
    "platform.initRuntimeDone",
    "platform.extension",
    "platform.initReport",
    ...invocation,
    ...invocation,
  ]);
}

test("the demo runs to its end and shows the timeline", async () => {
  const { code, stdout, stderr } = await new CommandRun(process.execPath, ["scripts/demo.mjs"], {
    cwd: projectDirectory,
  }).finished;
  expect(code).toBe(0);
  expect(stdout).toContain('{"message":"Hello, Barbara!","invocations":3}\n');
  expect(stdout.includes("Without the Python extension")).toBe(!hasPython);
  expect(stdout.includes("Without the shell extension")).toBe(!hasCurl);
  expect(stderr).toContain("Timeline of hello-node");
  expect(stderr).toMatch(/telemetry-node +gets \d+ records?, [\d,]+ bytes: answers 200 after/u);
});

test("the examples for Node.js's own test runner pass", async () => {
  const files = ["hello", "shipper"].map((name) => `examples/tests/${name}.node-test.mjs`);
  const args = ["--test", "--test-reporter=tap", ...files];
  const { code, stdout } = await new CommandRun(process.execPath, args, { cwd: projectDirectory }).finished;
  expect(stdout).toContain("# pass 3");
  expect(code).toBe(0);
});
