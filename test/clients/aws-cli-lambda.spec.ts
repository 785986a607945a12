/** The life of a function by the AWS CLI, which is told the endpoint and nothing else. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { role, zip } from "../fixtures/service.ts";
import { endServices, startServiceProcess } from "../fixtures/service-process.ts";
import { describeUnless } from "./installed-client.ts";

const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(path.delimiter).some((directory) => existsSync(path.join(directory, program)));

describeUnless(onPath("aws") ? undefined : "this machine lacks aws", "aws (Lambda)", () => {
  let room: string;
  let env: Record<string, string | undefined>;
  beforeAll(async () => {
    room = await mkdtemp(path.join(tmpdir(), "lambdarium-cli-"));
    const { endpoint } = await startServiceProcess(path.join(room, "data"));
    env = {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: "x",
      AWS_SECRET_ACCESS_KEY: "y",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    };
  });
  afterAll(async () => {
    await endServices();
    await rm(room, { recursive: true, force: true });
  });

  // oxlint-disable-next-line typescript/no-explicit-any -- what the CLI prints
  const aws = async (...args: string[]): Promise<any> => {
    const all = ["--output", "json", "lambda", ...args];
    const { stdout } = await promisify(execFile)("aws", all, { env, cwd: room });
    return JSON.parse(stdout || "{}");
  };
  const archive = async (name: string, answer: string): Promise<string> => {
    const source = `exports.handler = async () => { console.log("said"); return "${answer}"; };`;
    await writeFile(path.join(room, name), Buffer.from(await zip({ "index.js": source }), "base64"));
    return `fileb://${name}`;
  };
  const result = (): Promise<string> => readFile(path.join(room, "out.json"), "utf8");

  test("[SVC-271, SVC-47] create, wait, invoke, update, publish, alias, delete", async () => {
    const named = ["--function-name", "f"];
    const made = ["--runtime", "nodejs20.x", "--handler", "index.handler", "--role", role];
    await aws("create-function", ...named, ...made, "--zip-file", await archive("one.zip", "one"));
    await aws("wait", "function-active-v2", ...named);
    const invoked = await aws("invoke", ...named, "--log-type", "Tail", "out.json");
    expect(await result()).toBe('"one"');
    expect(Buffer.from(invoked.LogResult, "base64").toString()).toMatch(/START RequestId[^]*said[^]*REPORT RequestId/);
    await aws("update-function-code", ...named, "--zip-file", await archive("two.zip", "two"));
    await aws("wait", "function-updated", ...named);
    expect(await aws("publish-version", ...named)).toMatchObject({ Version: "1" });
    await aws("create-alias", ...named, "--name", "prod", "--function-version", "1");
    const byAlias = await aws("invoke", ...named, "--qualifier", "prod", "out.json");
    expect(byAlias).toMatchObject({ StatusCode: 200, ExecutedVersion: "1" });
    expect(await result()).toBe('"two"');
    await aws("delete-function", ...named);
    await expect(aws("get-function", ...named)).rejects.toThrow(/ResourceNotFoundException/);
  });

  test("[SVC-54] both spellings of a directory", async () => {
    await writeFile(path.join(room, "index.js"), "exports.handler = async () => 1;");
    const made = ["--runtime", "nodejs20.x", "--handler", "index.handler", "--role", role];
    await aws("create-function", "--function-name", "d", ...made, "--code", `S3Bucket=local-dir,S3Key=file://${room}`);
    await aws("update-function-code", "--function-name", "d", "--s3-bucket", "local-dir", "--s3-key", room);
    await aws("invoke", "--function-name", "d", "out.json");
    expect(await result()).toBe("1");
  });
});
