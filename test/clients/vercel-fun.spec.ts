/** The two runtimes of @vercel/fun, scripts without dependencies, as programs named `bootstrap`. */
import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEnvironment } from "lambdarium";
import { expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { scratchDirectory, within } from "./told.ts";

describeClient("vercel-fun", (directory) => {
  const scratch = scratchDirectory();
  const runtimes = join(directory, "node_modules/@vercel/fun/dist/src/runtimes");

  function open(language: "nodejs" | "python", handler: string) {
    const code = join(scratch, language);
    cpSync(join(directory, "function"), code, { recursive: true });
    const [interpreter, program] =
      language === "nodejs" ? [process.execPath, "nodejs/bootstrap.js"] : [pythonFile(), "python/bootstrap.py"];
    const script = `#!/bin/sh\nexec "${interpreter}" "${join(runtimes, program)}"\n`;
    writeFileSync(join(code, "bootstrap"), script, { mode: 0o755 });
    return createEnvironment({
      sandbox: "process",
      function: code,
      runtime: "provided.al2023",
      handler,
      timeoutMs: 30_000,
    });
  }

  test("[ENV-149] the one for Node.js runs a function; its answers have no content type", async () => {
    await using environment = await open("nodejs", "index.handler");
    const invocation = environment.invoke({ order: 1 }, { clientContext: { custom: { tenant: "blue" } } });
    expect((await invocation).payload).toMatchObject({
      event: { order: 1 },
      awsRequestId: invocation.requestId,
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:nodejs",
      clientContext: { custom: { tenant: "blue" } },
      remainingMs: expect.toSatisfy(within(20_000, 30_000)),
      traceHeader: expect.stringMatching(/^Root=1-/),
    });
    expect(await environment.invoke({ fail: true })).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "RangeError", errorMessage: "out of reach" },
      status: "success",
    });
    expect((await environment.invoke({ order: 3 })).payload).toMatchObject({ event: { order: 3 } });
    expect(environment.snapshot.generation).toBe(1);
  });

  test("[ENV-149] [RT-78] a module that it cannot load is what the caller gets", async () => {
    await using environment = await open("nodejs", "broken.handler");
    expect(await environment.invoke({})).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "TypeError", errorMessage: "no configuration" },
    });
  });

  test("[ENV-149] [RT-66] the one for Python runs a function; its errors are posted as a form", async () => {
    await using environment = await open("python", "app.handler");
    const invocation = environment.invoke({ order: 1 });
    expect((await invocation).payload).toEqual({ event: { order: 1 }, awsRequestId: invocation.requestId });
    expect(await environment.invoke({ fail: true })).toMatchObject({
      functionError: "Unhandled",
      payload: { error: "<class 'ValueError'>" },
      status: "success",
    });
    expect((await environment.invoke({ order: 3 })).payload).toMatchObject({ event: { order: 3 } });
    expect(environment.snapshot.generation).toBe(1);
  });

  test("[ENV-149] [RT-82] a module that the one for Python cannot load ends the process without a report", async () => {
    await using environment = await open("python", "missing.handler");
    const { requestId, payload } = await environment.invoke({});
    expect(payload).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 1`,
    });
  });
});

/** The interpreter itself: what is on the path may be a script that needs more of the environment than a function has. */
const pythonFile = (): string =>
  spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).stdout.trim();
