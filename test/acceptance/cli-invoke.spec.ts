/** `lambdarium invoke`, option by option, with real functions and extensions. */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { binary, CommandRun, lambdarium, newDirectory, newExtension, newFunction } from "../fixtures/command-line.ts";
import { follower } from "../fixtures/programs.ts";

/** Answers with what a test wants to know of the process. */
const tellVariables = "await serve(() => JSON.stringify(process.env));";

const nodeFunction = (source: string): string => newDirectory({ "index.mjs": source });

const environmentTeller = () => nodeFunction("export const handler = async () => process.env;");

const parsed = (stdout: string): Record<string, string> => JSON.parse(stdout) as Record<string, string>;

describe("standard output", () => {
  test("has one payload a line, in the order of the events, and nothing else", async () => {
    const events = ['{"a":1}', "[2]", '"three"', "null"];
    const args = events.flatMap((event) => ["--event", event]);
    const { code, stdout } = await lambdarium(["invoke", ...args, newFunction()]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${events.join("\n")}\n` });
  });

  test("has the payload's own text: what a number of 20 digits says is kept", async () => {
    const event = '{"big":12345678901234567890,"exact":1.50}';
    const { stdout } = await lambdarium(["invoke", "--event", event, newFunction()]);
    expect(stdout).toBe(`${event}\n`);
  });

  test("has a payload of several lines on one, and text that is no JSON as a string", async () => {
    const code = newFunction(`
      for (const body of ['{\\n  "a": 1\\n}\\n', "plain\\ntext"]) {
        const { requestId } = await next();
        await respond(requestId, body);
      }
      await next();`);
    const { stdout } = await lambdarium(["invoke", "--count", "2", code]);
    expect(stdout).toBe('{ "a": 1 }\n"plain\\ntext"\n');
  });
});

describe("standard error", () => {
  test("has the logs with who wrote each line, then the timeline", async () => {
    const code = nodeFunction('export const handler = async () => { console.log("from the handler"); };');
    const extension = newExtension("spy", `console.log("from the extension"); ${follower}`);
    const { stderr } = await lambdarium(["invoke", "--extension", extension, code]);
    expect(stderr).toMatch(/^function +\| .*from the handler$/mu);
    expect(stderr).toMatch(/^extension spy +\| from the extension$/mu);
    expect(stderr).toMatch(/^platform +\| START RequestId: /mu);
    expect(stderr).toMatch(/^platform +\| REPORT RequestId: /mu);
    expect(stderr).toMatch(/^lambdarium +\| Runtime nodejs\d+\.x and handler index\.handler, because /mu);
    expect(stderr.indexOf("Timeline of ")).toBeGreaterThan(stderr.indexOf("REPORT RequestId"));
    const timeline = stderr.slice(stderr.indexOf("Timeline of "));
    expect(timeline).toMatch(/spy +registers for INVOKE, SHUTDOWN$/mu);
    expect(timeline).toMatch(/ms {2}Invoke 1 ended: success after /u);
    expect(timeline).toMatch(/spy +gets SHUTDOWN, reason spindown$/mu);
    expect(timeline).toMatch(/spy +exits with status 0$/mu);
    expect(timeline).not.toContain("\u001B");
  });

  test("is all there is of logs with --json", async () => {
    const { stdout, stderr } = await lambdarium([
      "invoke",
      "--json",
      newFunction('console.log("hello"); await serve();'),
    ]);
    expect(() => JSON.parse(stdout)).not.toThrow();
    expect(stderr).toMatch(/^function +\| hello$/mu);
    expect(stderr).not.toContain("Timeline of ");
  });
});

describe("--json", () => {
  test("is one document of the documented shape", async () => {
    const extension = newExtension("spy", follower);
    const args = ["--json", "--event", '{"big":12345678901234567890}', "--event", "2", "--extension", extension];
    const { code, stdout } = await lambdarium(["invoke", ...args, "--function-name", "shaped", newFunction()]);
    expect(code).toBe(0);
    expect(stdout).toContain('"payload": {"big":12345678901234567890}');
    const document = JSON.parse(stdout) as Record<string, unknown>;
    const ms = expect.any(Number) as number;
    const invocation = {
      requestId: expect.stringMatching(/^[\da-f-]{36}$/u) as string,
      durationMs: ms,
      billedDurationMs: ms,
      maxMemoryUsedMb: ms,
      logTail: expect.stringContaining("REPORT RequestId") as string,
    };
    expect(document).toEqual({
      functionName: "shaped",
      runtime: "provided.al2023",
      sandbox: "process",
      invocations: [
        { ...invocation, payload: { big: Number("12345678901234567890") }, initDurationMs: ms },
        { ...invocation, payload: 2 },
      ],
      phases: [
        { phase: "init", startMs: 0, durationMs: ms, status: "success" },
        { phase: "invoke", startMs: ms, durationMs: ms, status: "success" },
        { phase: "invoke", startMs: ms, durationMs: ms, status: "success" },
        { phase: "shutdown", startMs: ms, durationMs: ms, status: "success" },
      ],
      extensions: [
        {
          name: "spy",
          kind: "external",
          events: ["INVOKE", "SHUTDOWN"],
          state: "Exited",
          exit: { code: 0, signal: null },
        },
      ],
      shutdown: { reason: "spindown", durationMs: ms },
    });
  });

  test("[LIFE-25] has a failed Init as the error of the invocation, and exits with 1", async () => {
    const { code, stdout } = await lambdarium(["invoke", "--json", nodeFunction("export const handler = (((;")]);
    expect(code).toBe(1);
    const { invocations, phases, shutdown } = JSON.parse(stdout) as {
      invocations: { functionError: string; payload: { errorType: string } }[];
      phases: { phase: string; status: string; errorType?: string }[];
      shutdown: unknown;
    };
    expect(invocations).toMatchObject([
      { functionError: "Unhandled", payload: { errorType: "Runtime.UserCodeSyntaxError" } },
    ]);
    expect(phases[0]).toMatchObject({ phase: "init", status: "error", errorType: "Runtime.UserCodeSyntaxError" });
    expect(shutdown).toMatchObject({ reason: "spindown" });
  });

  test("has text that is no JSON as a string", async () => {
    const code = newFunction(
      'const { requestId } = await next(); await respond(requestId, "plain text"); await next();',
    );
    const { stdout } = await lambdarium(["invoke", "--json", code]);
    expect(JSON.parse(stdout)).toMatchObject({ invocations: [{ payload: "plain text" }] });
  });
});

describe("exit status", () => {
  test("is 1 when one of several invocations ends in a function error", async () => {
    const source =
      'export const handler = async (event) => { if (event.bad) throw new Error("bad one"); return "fine"; };';
    const events = ["--event", '{"bad":true}', "--event", "{}"];
    const { code, stdout } = await lambdarium(["invoke", ...events, nodeFunction(source)]);
    expect(code).toBe(1);
    const [failed = "", fine] = stdout.split("\n");
    expect(JSON.parse(failed)).toMatchObject({ errorType: "Error", errorMessage: "bad one" });
    expect(fine).toBe('"fine"');
  });

  test("is 1 when the function's timeout is over", async () => {
    const { code, stdout } = await lambdarium([
      "invoke",
      "--timeout",
      "1",
      newFunction("await next(); await forever();"),
    ]);
    expect(code).toBe(1);
    expect(parsed(stdout)["errorMessage"]).toMatch(/Task timed out after 1\.00 seconds$/u);
  });
});

describe("exit status 3 is for the platform", () => {
  test("when the directories of an environment cannot be made", async () => {
    const missing = join(newDirectory(), "missing");
    const { code, stdout, stderr } = await lambdarium(["invoke", newFunction()], { env: { TMPDIR: missing } });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    const [error, hint] = stderr.split("\n");
    expect(error).toMatch(/^error: The directories of the execution environment could not be made in .*missing/u);
    expect(hint).toMatch(/^hint: /u);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "when the telemetry file cannot be written on, after an orderly end",
    async () => {
      const extension = newExtension("spy", follower);
      const args = ["--extension", extension, "--telemetry", "/dev/full"];
      const { code, stdout, stderr } = await lambdarium(["invoke", ...args, newFunction()]);
      expect({ code, stdout }).toEqual({ code: 3, stdout: "{}\n" });
      expect(stderr).toMatch(
        /^error: The file \/dev\/full of --telemetry cannot be written: no space is left on the disk/mu,
      );
      expect(stderr).toMatch(/spy +gets SHUTDOWN, reason spindown$/mu);
    },
  );
});

test.skipIf(!existsSync("/dev/full"))(
  "a standard output that cannot be written on is a failure, and no reader gone away",
  async () => {
    const command = `"$0" -- "$1" invoke "$2" > /dev/full`;
    const { code, stderr } = await new CommandRun(
      "/bin/sh",
      ["-c", command, process.execPath, binary, newFunction()],
      {},
    ).finished;
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: Standard output cannot be written: no space is left on the disk\.\nhint: /mu);
    expect(stderr).not.toMatch(/^ +at /mu);
  },
);

describe("an extension that cannot be run fails the invocation and is named", () => {
  test.each([
    ["without execute permission", "#!/bin/sh\nexit 0\n", 0o644, "permission denied", "may not be executed: chmod +x"],
    ["with CRLF line ends", "#!/bin/sh\r\nexit 0\r\n", 0o755, "no such file or directory", "ends in CR LF"],
    [
      "for an interpreter there is not",
      "#!/no/such/sh -e\n",
      0o755,
      "no such file or directory",
      "the interpreter /no/such/sh of its",
    ],
    ["for no machine", "\u0001\u0002\u0003\u0004", 0o755, "exec format error", "no program for this CPU"],
  ])("[LIFE-05] %s", async (_, content, mode, reason, detail) => {
    const directory = newDirectory({ broken: content });
    chmodSync(join(directory, "broken"), mode);
    const { code, stdout, stderr } = await lambdarium([
      "invoke",
      "--extension",
      join(directory, "broken"),
      newFunction(),
    ]);
    expect(code).toBe(1);
    expect(parsed(stdout)).toMatchObject({
      errorType: "Extension.LaunchError",
      errorMessage: expect.stringMatching(`fork/exec /opt/extensions/broken: ${reason}$`) as string,
    });
    expect(stderr).toMatch(
      new RegExp(`broken +cannot be launched: fork/exec /opt/extensions/broken: ${reason}$`, "mu"),
    );
    // What the kernel would not say is said beside it, once.
    const notices = stderr.match(/^lambdarium +\| The extension broken cannot be started: .*$/gmu);
    expect(notices).toEqual([expect.stringContaining(detail)]);
  });
});

describe("options", () => {
  test("--count repeats the list of events", async () => {
    const args = ["--event", "1", "--event", "2", "--count", "2"];
    expect((await lambdarium(["invoke", ...args, newFunction()])).stdout).toBe("1\n2\n1\n2\n");
  });

  test("without --event the event is {}", async () => {
    expect((await lambdarium(["invoke", newFunction()])).stdout).toBe("{}\n");
  });

  test("--event @FILE and --event - are sent byte for byte", async () => {
    const directory = newDirectory({ "event.json": '{"from":"a file"}' });
    const args = ["--event", "@event.json", "--event", "-"];
    const { stdout } = await lambdarium(["invoke", ...args, newFunction()], {
      cwd: directory,
      stdin: '{ "from" :"stdin"}',
    });
    expect(stdout).toBe('{"from":"a file"}\n{ "from" :"stdin"}\n');
  });

  test("FUNCTION is this directory when none is named", async () => {
    expect((await lambdarium(["invoke", "--event", "7"], { cwd: newFunction() })).stdout).toBe("7\n");
  });

  test("--memory, --timeout, --function-name, --handler and --runtime reach the function", async () => {
    const code = newDirectory({
      "app.mjs":
        "export const run = async (_, context) => ({ ...process.env, left: context.getRemainingTimeInMillis() });",
    });
    const args = ["--memory", "256", "--timeout", "60", "--function-name", "named", "--handler", "app.run"];
    const { stdout } = await lambdarium(["invoke", ...args, "--runtime", "nodejs20.x", code]);
    const answer = parsed(stdout);
    expect(answer).toMatchObject({
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_FUNCTION_NAME: "named",
      _HANDLER: "app.run",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x",
    });
    expect(Number(answer["left"])).toBeGreaterThan(3000);
  });

  test("--env comes after --env-file, and nothing of the caller's environment comes at all", async () => {
    const directory = newDirectory({ "file.env": '# comment\nFROM_FILE="one two"\nBOTH=file\n' });
    const args = ["--env-file", "file.env", "--env", "BOTH=option", "--env", "EQUALS=a=b"];
    const { stdout } = await lambdarium(["invoke", ...args, environmentTeller()], {
      cwd: directory,
      env: { LEAK: "1" },
    });
    const answer = parsed(stdout);
    expect(answer).toMatchObject({ FROM_FILE: "one two", BOTH: "option", EQUALS: "a=b" });
    expect(answer).not.toHaveProperty("LEAK");
  });

  test("--layer merges layers in order, and their extensions run", async () => {
    const first = newDirectory({ "shared.txt": "first" });
    const second = newDirectory({ "shared.txt": "second" });
    chmodSync(join(second, "shared.txt"), 0o644);
    const code = nodeFunction(`
      import { readFileSync } from "node:fs";
      export const handler = async () => readFileSync(\`\${process.env.LAMBDARIUM_OPT ?? "/opt"}/shared.txt\`, "utf8");`);
    const { stdout } = await lambdarium(["invoke", "--layer", first, "--layer", second, code]);
    expect(stdout).toBe('"second"\n');
  });

  test("--log-format json gives JSON log lines, the platform's too", async () => {
    const code = nodeFunction('export const handler = async () => { console.log("hello"); };');
    const { stderr } = await lambdarium(["invoke", "--log-format", "json", code]);
    const [, line] = /^function +\| (\{.*\})$/mu.exec(stderr)!;
    expect(JSON.parse(line!)).toMatchObject({ level: "INFO", message: "hello" });
    expect(stderr).toMatch(/^platform +\| \{.*"type":"platform\.report"/mu);
  });

  test("--freeze off lets nothing be frozen between phases", async () => {
    const frozen = await lambdarium(["invoke", "--count", "2", newFunction()]);
    const thawed = await lambdarium(["invoke", "--count", "2", "--freeze", "off", newFunction()]);
    expect(frozen.stderr).toMatch(/ms {2}Freeze$/mu);
    expect(thawed.stderr).not.toMatch(/ms {2}Freeze$/mu);
  });

  test.each(["spindown", "timeout", "failure"])("--shutdown-reason %s is what extensions are told", async (reason) => {
    const extension = newExtension("spy", follower);
    const args = ["--json", "--extension", extension, "--shutdown-reason", reason];
    const { stdout } = await lambdarium(["invoke", ...args, newFunction()]);
    expect(JSON.parse(stdout)).toMatchObject({ shutdown: { reason } });
  });

  test("--sandbox process is accepted", async () => {
    expect(await lambdarium(["invoke", "--sandbox", "process", newFunction()])).toMatchObject({ code: 0 });
  });

  test("--telemetry FILE has every record, a JSON object a line", async () => {
    const directory = newDirectory();
    const code = newFunction(`console.log("during init"); ${tellVariables}`);
    const { code: status, stdout } = await lambdarium(["invoke", "--telemetry", "records.jsonl", code], {
      cwd: directory,
    });
    expect(status).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    const lines = readFileSync(join(directory, "records.jsonl"), "utf8").trimEnd().split("\n");
    const records = lines.map((line) => JSON.parse(line) as { type: string; record: unknown });
    expect(records.map(({ type }) => type)).toEqual([
      "platform.initStart",
      "function",
      "platform.initRuntimeDone",
      "platform.initReport",
      "platform.start",
      "platform.runtimeDone",
      "platform.report",
    ]);
    expect(records[1]).toMatchObject({ record: "during init\n" });
  });

  test("--telemetry - has them on standard output, among the payloads", async () => {
    const { stdout } = await lambdarium(["invoke", "--event", '{"payload":1}', "--telemetry", "-", newFunction()]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toContain('{"payload":1}');
    expect(lines.filter((line) => line.includes('"type":"platform.report"'))).toHaveLength(1);
  });
});
