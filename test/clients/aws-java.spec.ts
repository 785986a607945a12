/** AWS's runtime interface client for Java, started as AWS documents it for container images. */
import { join } from "node:path";
import { createEnvironment } from "lambdarium";
import { expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { within } from "./told.ts";

describeClient("aws-java", (directory) => {
  const open = (handler: string) =>
    createEnvironment({
      sandbox: "process",
      function: join(directory, "function"),
      runtime: "provided.al2023",
      handler,
      memorySizeMb: 512,
      timeoutMs: 60_000,
      // A Java machine on a busy host starts slowly.
      initLimitMs: 60_000,
    });

  test("[ENV-150] aws-lambda-java-runtime-interface-client runs the function", async () => {
    await using environment = await open("Function::handleRequest");
    const invocation = environment.invoke({ order: 1 }, { clientContext: { custom: { tenant: "blue" } } });
    expect((await invocation).payload).toMatchObject({
      event: { order: 1 },
      awsRequestId: invocation.requestId,
      functionName: "function",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:function",
      custom: { tenant: "blue" },
      remainingMs: expect.toSatisfy(within(30_000, 60_000)),
      traceHeader: expect.stringMatching(/^Root=1-/),
    });
  });

  test("[ENV-150] an exception is its caller's, System.exit ends the process, and the next one finds a new", async () => {
    await using environment = await open("Function::handleRequest");
    expect(await environment.invoke({ fail: true })).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "java.lang.IllegalStateException", errorMessage: "out of reach" },
      status: "success",
    });
    const exited = await environment.invoke({ exit: true });
    expect(exited).toMatchObject({
      functionError: "Unhandled",
      payload: {
        errorType: "Runtime.ExitError",
        errorMessage: `RequestId: ${exited.requestId} Error: Runtime exited with error: exit status 3`,
      },
    });
    expect((await environment.invoke({ order: 3 })).payload).toMatchObject({ event: { order: 3 } });
    expect(environment.snapshot.generation).toBe(2);
  });

  test("[ENV-150] [RT-78] [EVT-30] a class that cannot be loaded is reported, and is what the caller gets", async () => {
    await using environment = await open("Function$Broken");
    expect(await environment.invoke({})).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "java.lang.ExceptionInInitializerError" },
      errorType: "Runtime.BadFunctionCode",
    });
  });

  test("[EVT-73] [EVT-74] what it logs and prints comes as lines of the function", async () => {
    await using environment = await open("Function::handleRequest");
    await environment.invoke({});
    await environment.shutdown();
    const records = environment.telemetry.filter(({ type }) => type === "function").map(({ record }) => record);
    // Its logger ends no line.
    expect(records).toEqual(["first line\n", "second lineprinted\n"]);
  });
});
