/** The README's tour, line by line as it stands there, with both versions of the AWS CLI. */
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { binary, newDirectory, projectDirectory, startCommand } from "../fixtures/command-line.ts";
import { describeClient } from "./installed-client.ts";

/** The shell lines behind the comment that names this file. */
const [, tour = "exit 99"] =
  /<!-- played by test\/clients\/readme-tour\.spec\.ts -->\n```sh\n(.+?)```/su.exec(
    readFileSync(join(projectDirectory, "README.md"), "utf8"),
  ) ?? [];

const first = (directory: string): string => `${directory}${delimiter}${process.env["PATH"] ?? ""}`;

describeClient("aws-cli", (installed) => {
  const python = join(installed, "python");
  playTour(tour, { PYTHONPATH: python, PATH: first(join(python, "bin")) });
});

describeClient("aws-cli-2", (installed) => {
  // Debian's is older than the variable AWS_ENDPOINT_URL.
  const told = 'aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }';
  playTour(`${told}\n${tour}`, { PATH: first(installed) });
});

function playTour(lines: string, env: Readonly<Record<string, string>>): void {
  test("creates a function with an extension, and shows its telemetry", async () => {
    const directory = newDirectory();
    cpSync(join(projectDirectory, "examples"), join(directory, "examples"), { recursive: true });
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(projectDirectory, join(directory, "node_modules/lambdarium"));
    // What npm would find in the packages of the directory.
    const npx = `npx() { shift; '${process.execPath}' '${binary}' "$@"; }\n`;
    const command = ["exec", "--no-project", "--region", "us-east-1", "--", "bash", "-e", "-c", npx + lines];
    const { code, stdout, stderr } = await startCommand(command, { cwd: directory, env }).finished;
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
}
