/** AWS's client for Go, a statically linked program, with the internal extension it registers for SIGTERM. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createEnvironment } from "lambdarium";
import { expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { scratchDirectory, within } from "./told.ts";

describeClient("aws-go", (directory) => {
  const scratch = scratchDirectory();
  const open = (environmentVariables: Record<string, string> = {}) =>
    createEnvironment({
      sandbox: "process",
      function: join(directory, "function"),
      runtime: "provided.al2023",
      handler: "unused",
      timeoutMs: 30_000,
      environmentVariables: { RECEIVED: join(scratch, "unread"), ...environmentVariables },
    });

  test("[ENV-149] [ENV-150] aws-lambda-go runs a statically linked function", async () => {
    await using environment = await open();
    const invocation = environment.invoke({ do: "answer" }, { clientContext: { custom: { tenant: "blue" } } });
    expect((await invocation).payload).toMatchObject({
      awsRequestId: invocation.requestId,
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:function",
      custom: { tenant: "blue" },
      functionName: "function",
      remainingMs: expect.toSatisfy(within(20_000, 30_000)),
      traceHeader: expect.stringMatching(/^Root=1-/),
    });
  });

  test("[ENV-150] an error of the handler is its caller's, and the same process goes on", async () => {
    await using environment = await open();
    expect(await environment.invoke({ do: "fail" })).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "errorString", errorMessage: "out of reach" },
      status: "success",
    });
    expect((await environment.invoke({ do: "answer" })).functionError).toBeUndefined();
    expect(environment.snapshot.generation).toBe(1);
  });

  test("[ENV-150] [RT-66] a panic is posted before the process ends, and the next invocation finds a new one", async () => {
    await using environment = await open();
    expect(await environment.invoke({ do: "panic" })).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "string", errorMessage: "all is lost" },
      status: "error",
      errorType: "Runtime.ExitError",
    });
    expect((await environment.invoke({ do: "answer" })).functionError).toBeUndefined();
    expect(environment.snapshot.generation).toBe(2);
  });

  test("[ENV-150] [RT-51] what a handler reads from a stream reaches the caller whole", async () => {
    await using environment = await open();
    expect((await environment.invoke({ do: "stream" }, { streaming: true })).payload).toBe("one two three");
  });

  test("[RT-60] [RT-61] an error in the middle comes in trailers: the caller keeps what was sent", async () => {
    await using environment = await open();
    const result = await environment.invoke({ do: "break the stream" }, { streaming: true });
    expect(result).toMatchObject({ payload: "one two ", status: "success" });
    expect(result.functionError).toBeUndefined();
  });

  test("[ENV-150] [RT-82] a program that ends before it asks for work fails Init by its exit status", async () => {
    await using environment = await open({ REFUSE_TO_START: "1" });
    const { requestId, payload } = await environment.invoke({ do: "answer" });
    expect(payload).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 2`,
    });
  });

  test("[EXT-10] [EXT-20] [LIFE-86] [LIFE-91] its internal extension asks for no event, and brings SIGTERM", async () => {
    const file = join(scratch, "signals");
    await using environment = await open({ RECEIVED: file });
    await environment.invoke({ do: "answer" });
    expect(environment.snapshot.extensions).toMatchObject([
      { name: "GoLangEnableSIGTERM", kind: "internal", events: [], state: "Ready" },
    ]);
    expect(existsSync(file)).toBe(false);
    await environment.shutdown();
    expect(readFileSync(file, "utf8")).toBe("SIGTERM");
  });
});
