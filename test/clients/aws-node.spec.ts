/** AWS's runtime interface client for Node.js in both of its forms, brought by the function in its own packages. */
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEnvironment, type EnvironmentOptions } from "lambdarium";
import { describe, expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { scratchDirectory, within } from "./told.ts";

const sources = fileURLToPath(new URL("aws-node/", import.meta.url));

describe.each(["aws-node", "aws-node-3"])("%s", (name) => {
  describeClient(name, testsOf);
});

function testsOf(directory: string): void {
  const code = join(scratchDirectory(), "aws-node");
  mkdirSync(code);
  for (const file of ["index.mjs", "broken.mjs"]) cpSync(join(sources, file), join(code, file));
  symlinkSync(join(directory, "node_modules"), join(code, "node_modules"));

  const open = (options: Partial<EnvironmentOptions> = {}) =>
    createEnvironment({ sandbox: "process", function: code, handler: "index.handler", timeoutMs: 30_000, ...options });

  test("[ENV-150] aws-lambda-ric runs the function that brings it, and this is said", async () => {
    await using environment = await open();
    const invocation = environment.invoke({ order: 1 }, { clientContext: { custom: { tenant: "blue" } } });
    const { payload, status } = await invocation;
    expect(status).toBe("success");
    expect(payload).toMatchObject({
      event: { order: 1 },
      awsRequestId: invocation.requestId,
      functionName: "aws-node",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:aws-node",
      clientContext: { custom: { tenant: "blue" } },
      remainingMs: expect.toSatisfy(within(20_000, 30_000)),
      traceHeader: expect.stringMatching(/^Root=1-/),
    });
    expect(environment.notices.map(({ text }) => text)).toContainEqual(
      expect.stringContaining("brings AWS's runtime interface client aws-lambda-ric"),
    );
  });

  test("[ENV-150] an error of the handler is its caller's, and the same process goes on", async () => {
    await using environment = await open();
    const failed = await environment.invoke({ fail: true });
    expect(failed).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "RangeError", errorMessage: "out of reach" },
      status: "success",
    });
    expect((await environment.invoke({ order: 2 })).payload).toMatchObject({ event: { order: 2 } });
    expect(environment.snapshot.generation).toBe(1);
  });

  test("[ENV-150] [RT-78] a module that cannot be loaded is reported, and is what the caller gets", async () => {
    await using environment = await open({ handler: "broken.handler" });
    const { payload, functionError } = await environment.invoke({});
    expect(functionError).toBe("Unhandled");
    expect(payload).toMatchObject({ errorType: "TypeError", errorMessage: "no configuration" });
  });

  test("[ENV-150] its other client of the Runtime API, which has no native code, is served as well", async () => {
    await using environment = await open({
      environmentVariables: { AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true" },
    });
    const invocation = environment.invoke({ order: 1 });
    expect((await invocation).payload).toMatchObject({ event: { order: 1 }, awsRequestId: invocation.requestId });
    expect((await environment.invoke({ fail: true })).payload).toMatchObject({ errorType: "RangeError" });
  });

  describe("streaming", () => {
    test("[ENV-150] [RT-51] a stream reaches the caller whole", async () => {
      await using environment = await open({ handler: "index.stream" });
      const invocation = environment.invoke({}, { streaming: true });
      expect(Buffer.concat(await invocation.stream.toArray()).toString()).toBe("one two three");
      expect(await invocation).toMatchObject({ payload: "one two three", status: "success" });
    });

    test("[RT-60] an error in the middle comes in trailers: the caller keeps what was sent", async () => {
      await using environment = await open({ handler: "index.stream" });
      const result = await environment.invoke({ fail: true }, { streaming: true });
      // Not how it ends: version 4 asks for its next invocation, by another connection, without waiting until its trailers
      // are sent. Where that comes first it is refused, and the runtime exits.
      expect(result.payload).toBe("one two ");
      expect(result.functionError).toBeUndefined();
      expect((await environment.invoke({}, { streaming: true })).payload).toBe("one two three");
    });
  });

  describe("logs", () => {
    async function logged(logFormat: "Text" | "JSON") {
      await using environment = await open({ logFormat });
      const { requestId } = await environment.invoke({});
      await environment.shutdown();
      const ofFunction = environment.telemetry.filter(({ type }) => type === "function").map(({ record }) => record);
      // Version 3 says on stdout what it runs.
      const records = ofFunction.filter((record) => !JSON.stringify(record).startsWith('"Executing '));
      return { records, requestId };
    }

    test("[CAP-23] [CAP-27] in Text each call of console is one record, however many lines it has", async () => {
      const { records, requestId } = await logged("Text");
      expect(records).toHaveLength(2);
      expect(records[0]).toMatch(new RegExp(`^\\S+Z\\t${requestId}\\tINFO\\tfirst line\\nsecond line\\n$`));
      expect(records[1]).toMatch(new RegExp(`^\\S+Z\\t${requestId}\\tERROR\\tRangeError: only logged\\n`));
    });

    test("[CAP-38] [CAP-41] in JSON each call of console is one object", async () => {
      const { records, requestId } = await logged("JSON");
      expect(records).toMatchObject([
        { level: "INFO", requestId, message: "first line\nsecond line" },
        { level: "ERROR", requestId, message: { errorType: "RangeError", errorMessage: "only logged" } },
      ]);
    });
  });
}
