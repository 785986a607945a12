/** What the command line answers to those who ask it wrongly, or only ask what it is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lambdarium, newDirectory, newFunction, projectDirectory } from "../fixtures/command-line.ts";

const manifest = JSON.parse(readFileSync(join(projectDirectory, "package.json"), "utf8")) as { version: string };

describe("what it is", () => {
  test("--version prints the package's version and nothing else", async () => {
    expect(await lambdarium(["--version"])).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });

  test.each([[[]], [["--help"]]])("%j lists the commands", async (args) => {
    const { code, stdout } = await lambdarium(args);
    expect({ code, invoke: /^ +invoke /mu.test(stdout), doctor: /^ +doctor /mu.test(stdout) }).toEqual({
      code: 0,
      invoke: true,
      doctor: true,
    });
  });

  test("invoke --help explains every option and every exit status", async () => {
    const { code, stdout } = await lambdarium(["invoke", "--help"]);
    expect(code).toBe(0);
    const documented = [...stdout.matchAll(/^ +\[?--([a-z-]+)/gmu)].map(([, name]) => name);
    expect(documented).toEqual([
      "event",
      "count",
      "extension",
      "layer",
      "runtime",
      "handler",
      "memory",
      "timeout",
      "env",
      "env-file",
      "log-format",
      "function-name",
      "tracing",
      "sandbox",
      "strict",
      "network",
      "init-cpu",
      "freeze",
      "shutdown-reason",
      "telemetry",
      "data-dir",
      "forward",
      "json",
    ]);
    for (const status of ["0 all invocations succeeded", "1 one ended", "2 bad usage", "3 Lambdarium itself failed"])
      expect(stdout.replaceAll(/\s+/gu, " ")).toContain(status);
  });
});

const served = [
  "port",
  "region",
  "no-project",
  "parameter",
  "extension",
  "env-file",
  "data-dir",
  "setting",
  "memory-limit",
  "inspect",
  "xray-daemon",
  "forward",
  "sandbox",
  "strict",
  "network",
  "init-cpu",
  "freeze",
];

test.each([
  ["start", served, ["0 stopped by a signal or a key", "2 bad usage, project or port", "3 Lambdarium itself failed"]],
  [
    "exec",
    ["project", ...served],
    ["that of COMMAND", "127 and 126", "2 bad usage or project", "3 Lambdarium itself failed"],
  ],
  [
    "pack",
    ["output", "name", "architecture", "compatible-runtimes", "standalone", "node", "function", "json"],
    [
      "0 packed",
      "2 bad usage, a source that cannot be bundled, or a layer that would fail",
      "3 Lambdarium itself failed",
    ],
  ],
  ["create", [], ["0 made", "2 bad usage, or something is there already", "3 Lambdarium itself failed"]],
])("%s --help explains every option and every exit status", async (command, options, statuses) => {
  const { code, stdout } = await lambdarium([command, "--help"]);
  expect(code).toBe(0);
  expect([...stdout.matchAll(/^ +\[?--([a-z-]+)/gmu)].map(([, name]) => name)).toEqual(options);
  for (const status of statuses) expect(stdout.replaceAll(/\s+/gu, " ")).toContain(status);
});

describe("bad usage starts nothing, exits with 2, and says what and then what to do", () => {
  const cases: readonly (readonly [args: readonly string[], message: string])[] = [
    [["nope"], 'There is no command "nope"'],
    [["metrics", "--since", "soon"], '--since cannot be "soon": it is a length of time such as 30s'],
    [["invoke", "--memry", "512"], "There is no option --memry; did you mean --memory?"],
    [["invoke", "--json", "a", "b"], 'Unexpected argument "b"'],
    [["invoke", "--event"], "--event needs a value"],
    [["invoke", "--event", "{"], '--event cannot be "{": it is not JSON'],
    [["invoke", "--event", ""], '--event cannot be "": it is not JSON'],
    [["invoke", "--event", "@missing.json"], "missing.json of --event cannot be read: there is no such file"],
    [["invoke", "--event", "-", "--event", "-"], "standard input can be read once only"],
    [["invoke", "--count", "0"], "--count cannot be"],
    [["invoke", "--count", "1.5"], "--count cannot be"],
    [["invoke", "--memory", "127"], '--memory cannot be "127": it is a whole number of MB from 128 to 10240'],
    [["invoke", "--memory", "10241"], "--memory cannot be"],
    [["invoke", "--memory", "512", "--memory", "1024"], "--memory can be given once only"],
    [["invoke", "--timeout", "0"], '--timeout cannot be "0": it is a whole number of seconds from 1 to 900'],
    [["invoke", "--timeout", "901"], "--timeout cannot be"],
    [["invoke", "--env", "NAME"], '--env cannot be "NAME"'],
    [["invoke", "--env", "AWS_REGION=x"], "AWS_REGION"],
    [["invoke", "--env-file", "missing.env"], "missing.env of --env-file cannot be read"],
    [["invoke", "--log-format", "xml"], '--log-format cannot be "xml": it is text or json'],
    [["invoke", "--freeze", "maybe"], '--freeze cannot be "maybe": it is on or off'],
    [["invoke", "--sandbox", "docker"], "--sandbox cannot be"],
    [["invoke", "--shutdown-reason", "bored"], "--shutdown-reason cannot be"],
    [["invoke", "--runtime", "nodejs4.3"], 'There is no runtime "nodejs4.3"'],
    [["invoke", "--function-name", "a b"], 'functionName cannot be "a b"'],
    [["invoke", "--extension", "missing"], "There is no extension at"],
    [["invoke", "--layer", "missing"], "There is no layer directory at"],
    [["invoke", "--telemetry", "missing/records"], "missing/records of --telemetry cannot be written"],
    [["invoke", "--json", "--telemetry", "-"], '--telemetry cannot be "-"'],
    [["invoke", "missing"], "There is no function at"],
    [["doctor", "--loud"], "There is no option --loud"],
  ];

  test.each(cases)("%j", async (args, message) => {
    const { code, stdout, stderr } = await lambdarium(args, { cwd: newFunction() });
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines.at(0)).toMatch(/^error: .*[.?]$/u);
    expect(lines.at(-1)).toMatch(/^hint: /u);
    expect(stderr).not.toMatch(/INIT_START|^ +at /mu);
  });

  test("an empty directory holds no function", async () => {
    const { code, stderr } = await lambdarium(["invoke"], { cwd: newDirectory() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: Nothing at .* looks like a function/u);
  });

  test("an event of more than 6 MB is refused as the Invoke API refuses it", async () => {
    const event = JSON.stringify("x".repeat(6_291_455));
    const { code, stderr } = await lambdarium(["invoke", "--event", "-"], { cwd: newFunction(), stdin: event });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: 6291457 byte payload is too large/u);
  });
});

describe("doctor", () => {
  test("[ENV-151] tells for each feature of each driver how far it goes, and why not further", async () => {
    const { code, stdout } = await lambdarium(["doctor", "--json"]);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      auto: string;
      sandboxes: {
        driver: string;
        available: boolean;
        features: { feature: string; level: string; reason: string }[];
      }[];
    };
    const driver = report.sandboxes.find((sandbox) => sandbox.driver === "process");
    expect(driver?.available).toBe(true);
    expect(driver?.features.map(({ feature }) => feature)).toEqual([
      "read-only file system",
      "/tmp size",
      "own pid space",
      "own network",
      "user",
      "CPU share",
      "memory limit",
      "descriptor limit",
      "process limit",
      "freeze",
      "sandbox names",
      "snapshot",
    ]);
    // `toMatch` fails for the empty reason, which only an enforced feature may have.
    for (const { level, reason } of driver!.features)
      expect(`${level}: ${reason}`).toMatch(/^enforced: $|^[a-z ]+: \S/u);
  });

  test("says for each runtime what runs it here, and how to get what is missing", async () => {
    const { stdout } = await lambdarium(["doctor", "--json"]);
    const { runtimes } = JSON.parse(stdout) as {
      runtimes: { identifier: string; status: string; hint?: string; interpreter?: { version: string } }[];
    };
    const own = `nodejs${process.versions.node.split(".")[0]}.x`;
    expect(runtimes.find(({ identifier }) => identifier === own)).toMatchObject({
      status: "exact",
      interpreter: { version: process.versions.node },
    });
    const standIns = runtimes.filter(({ status }) => ["nearest", "missing"].includes(status));
    for (const { hint } of standIns) expect(hint).toMatch(/^Install /u);
  });

  test("prints the same for people", async () => {
    const { code, stdout } = await lambdarium(["doctor"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +nodejs22\.x +(exact|nearest)/mu);
    expect(stdout).toMatch(/^ +read-only file system +not enforced +\S/mu);
    expect(stdout).not.toContain("\u001B");
  });
});
