/** AWS's runtime interface client for Node.js, brought by the function in its own packages. */
import { createEnvironment, type EnvironmentOptions } from "lambdarium";
import { describe, expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { within } from "./told.ts";

describeClient("aws-node", (directory) => {
  const open = (options: Partial<EnvironmentOptions> = {}) =>
    createEnvironment({ function: directory, handler: "index.handler", timeoutMs: 30_000, ...options });

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

  describe("streaming", () => {
    test("[ENV-150] [RT-51] a stream reaches the caller whole", async () => {
      await using environment = await open({ handler: "index.stream" });
      const invocation = environment.invoke({}, { streaming: true });
      expect(Buffer.concat(await invocation.stream.toArray()).toString()).toBe("one two three");
      expect(await invocation).toMatchObject({ payload: "one two three", status: "success" });
    });

    test("[RT-60] [RT-61] an error in the middle comes in trailers: the caller keeps what was sent", async () => {
      await using environment = await open({ handler: "index.stream" });
      const result = await environment.invoke({ fail: true }, { streaming: true });
      expect(result).toMatchObject({ payload: "one two ", status: "success" });
      expect(result.functionError).toBeUndefined();
      expect((await environment.invoke({}, { streaming: true })).payload).toBe("one two three");
    });
  });

  describe("logs", () => {
    async function logged(logFormat: "Text" | "JSON") {
      await using environment = await open({ logFormat });
      const { requestId } = await environment.invoke({});
      await environment.shutdown();
      const records = environment.telemetry.filter(({ type }) => type === "function").map(({ record }) => record);
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
});
