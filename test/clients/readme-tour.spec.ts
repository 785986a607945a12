/** The README's tour, line by line as it stands there, with the AWS CLI. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { binary, newDirectory, projectDirectory, startCommand } from "../fixtures/command-line.ts";
import { describeUnless } from "./installed-client.ts";

const cli = spawnSync("aws", ["--version"]);
const obstacle = cli.status === 0 ? undefined : "there is no AWS CLI";

/** The shell lines behind the comment that names this file. */
const [, tour = "exit 99"] =
  /<!-- played by test\/clients\/readme-tour\.spec\.ts -->\n```sh\n(.+?)```/su.exec(
    readFileSync(join(projectDirectory, "README.md"), "utf8"),
  ) ?? [];

describeUnless(obstacle, "AWS CLI", () => {
  test("creates a function with an extension, and shows its telemetry", async () => {
    const directory = newDirectory();
    cpSync(join(projectDirectory, "examples"), join(directory, "examples"), { recursive: true });
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(projectDirectory, join(directory, "node_modules/lambdarium"));
    // What npm would find in the packages of the directory.
    const npx = `npx() { shift; '${process.execPath}' '${binary}' "$@"; }\n`;
    const command = ["exec", "--no-project", "--region", "us-east-1", "--", "bash", "-e", "-c", npx + tour];
    const { code, stdout, stderr } = await startCommand(command, { cwd: directory }).finished;
    expect(stderr).toContain("hello extension telemetry-node |");
    expect(code).toBe(0);
    expect(stdout).toContain('{"message":"Hello, world!","invocations":1}');
    // What CloudWatch has: the function, the platform, and what the extension printed of its telemetry.
    expect(stdout).toMatch(/START RequestId: .+ Version: \$LATEST/u);
    expect(stdout).toContain("platform.telemetrySubscription telemetry-node, Subscribed");
    // What the invocations left behind, at the end.
    expect(stderr).toMatch(/^hello extension telemetry-node +\| \S+ platform\.runtimeDone .+ success/mu);
    expect(stderr).toMatch(/^hello extension telemetry-node +\| \S+ platform\.report .+ success/mu);
  });
});
