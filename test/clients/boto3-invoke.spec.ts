/** Functions called by boto3 and by the AWS CLI, which are told the endpoint and nothing else. */
import { execFile, execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newGate, openService, type Service } from "../fixtures/services.ts";
import { clientVariables } from "./client-variables.ts";
import { describeUnless } from "./installed-client.ts";

const run = promisify(execFile);

function lacks(program: string, ...args: readonly string[]): string | undefined {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return undefined;
  } catch {
    return `this machine lacks ${program} ${args.join(" ")}`;
  }
}

const variables = ({ endpoint }: Service): Record<string, string | undefined> => ({
  ...process.env,
  ...clientVariables,
  AWS_ENDPOINT_URL: endpoint,
});

async function openFunctions(): Promise<Service> {
  const service = await openService();
  await service.create("echo");
  await service.create("context", {
    bootstrap: 'await serve(({ headers }) => headers["lambda-runtime-client-context"]);',
  });
  await service.create("fails", {
    bootstrap: `const { requestId } = await next(); await fail(requestId, '{"errorType":"E"}'); await next();`,
  });
  await service.create("streams", {
    bootstrap:
      'for (;;) { const { requestId } = await next(); await stream(requestId, (async function* () { yield "one "; yield "two"; })()); }',
  });
  return service;
}

describeUnless(lacks("python3", "-c", "import boto3"), "boto3 (Invoke)", () => {
  test("[SVC-273] [SVC-153] waiting, streaming and asynchronous calls, log tails, and errors as classes", async () => {
    const service = await openFunctions();
    const { stdout } = await run("python3", [join(import.meta.dirname, "boto3-invoke.py")], {
      env: variables(service),
    });
    expect(JSON.parse(stdout)).toEqual({
      payload: { a: 1 },
      version: "$LATEST",
      tail: expect.stringMatching(/^START RequestId[^]*REPORT RequestId/u) as string,
      "same id": true,
      "client context": { custom: { k: "v" } },
      "function error": "Unhandled",
      error: "E",
      event: 202,
      "dry run": 204,
      streamed: "one two",
      complete: ["LogResult"],
      throttled: "ReservedFunctionConcurrentInvocationLimitExceeded",
      refused: expect.stringMatching(/^Could not parse request body into json: /u) as string,
      missing: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST",
    });
  });
});

describeUnless(lacks("aws", "--version"), "aws (Invoke)", () => {
  test("[SVC-271] lambda invoke --log-type Tail prints the tail and writes the payload", async () => {
    const service = await openFunctions();
    const out = newGate("out.json");
    const args = ["lambda", "invoke", "--function-name", "echo", "--log-type", "Tail", "--payload", '{"b":2}'];
    const { stdout } = await run("aws", [...args, "--output", "json", out], { env: variables(service) });
    const { LogResult, StatusCode } = JSON.parse(stdout) as { LogResult: string; StatusCode: number };
    expect([StatusCode, await readFile(out, "utf8")]).toEqual([200, '{"b":2}']);
    expect(Buffer.from(LogResult, "base64").toString("utf8")).toContain("REPORT RequestId");
  });
});
