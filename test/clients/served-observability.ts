/** Logs, metrics and traces behind a front door of their own, for clients that know nothing but its endpoint. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll } from "vitest";
import { openFrontDoor } from "../../src/aws-api/front-door.ts";
import { openObservability } from "../../src/observability/open-observability.ts";

export interface ServedObservability {
  /** What a client gets as `--endpoint-url` or `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
}

/** Serves what is kept in `directory`, and what clients put there, until the tests of the file are over. */
export async function serveObservability(directory: string): Promise<ServedObservability> {
  const observability = await openObservability({
    directory,
    now: Date.now,
    accountId: "123456789012",
    defaultRegion: "us-east-1",
    runs: "here",
  });
  const door = await openFrontDoor({
    port: 0,
    apis: observability.apis,
    unclaimed: () => ({ status: 404 }),
    faulted: (cause) => console.error(cause),
  });
  afterAll(async () => {
    await door.close(0);
    await observability.close();
  });
  return { endpoint: door.endpoint };
}

/** Why a program is not there to be tested; nothing when it is. */
export const lacks = (program: string): string | undefined =>
  (process.env["PATH"] ?? "").split(delimiter).some((directory) => existsSync(join(directory, program)))
    ? undefined
    : `this machine lacks ${program}`;

/** What the AWS CLI prints, as JSON; it knows the endpoint, and credentials that open nothing. */
export async function awsCli(endpoint: string, args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await finished("aws", ["--endpoint-url", endpoint, "--output", "json", ...args]);
  if (code !== 0) throw new Error(`aws ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.trim() === "" ? undefined : JSON.parse(stdout);
}

const variables = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** Runs a program to its end with the variables AWS's clients look for. */
export function finished(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(program, args, { env: { ...process.env, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
