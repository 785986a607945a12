/** AWS's crates for Rust: the runtime client, and the one for extensions with both of its subscribers. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createEnvironment, type EnvironmentOptions } from "lambdarium";
import { beforeAll, describe, expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { freePort, scratchDirectory, type Told, toldIn, within } from "./told.ts";

describeClient("aws-rust", (directory) => {
  const scratch = scratchDirectory();
  const built = (program: string): string => join(directory, "target/debug", program);

  const open = (options: Partial<EnvironmentOptions> = {}) =>
    createEnvironment({
      sandbox: "process",
      function: functionDirectory(),
      functionName: "rust",
      runtime: "provided.al2023",
      handler: "unused",
      timeoutMs: 30_000,
      ...options,
    });

  function functionDirectory(): string {
    const code = join(scratch, "function");
    mkdirSync(code, { recursive: true });
    // Copied for each test, so that none finds the file busy that another is still running.
    const unique = join(code, String(process.hrtime.bigint()));
    mkdirSync(unique);
    copyFileSync(built("function"), join(unique, "bootstrap"));
    return unique;
  }

  test("[ENV-149] [ENV-150] lambda_runtime runs the function", async () => {
    await using environment = await open();
    const invocation = environment.invoke({ do: "answer" }, { clientContext: { custom: { tenant: "blue" } } });
    expect((await invocation).payload).toMatchObject({
      awsRequestId: invocation.requestId,
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:rust",
      custom: { tenant: "blue" },
      functionName: "rust",
      remainingMs: expect.toSatisfy(within(20_000, 30_000)),
      traceHeader: expect.stringMatching(/^Root=1-/),
    });
  });

  test("[ENV-150] an error and a panic of the handler are their callers', and the same process goes on", async () => {
    await using environment = await open();
    expect(await environment.invoke({ do: "fail" })).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "OutOfReach", errorMessage: "out of reach" },
      status: "success",
    });
    expect((await environment.invoke({ do: "panic" })).payload).toMatchObject({
      errorMessage: "Lambda panicked: all is lost",
    });
    expect((await environment.invoke({ do: "answer" })).functionError).toBeUndefined();
    expect(environment.snapshot.generation).toBe(1);
  });

  test("[ENV-150] [RT-51] a stream reaches the caller whole, behind the prelude the client always sends", async () => {
    await using environment = await open();
    const { payload } = await environment.invoke({ do: "stream" }, { streaming: true });
    const [prelude, body] = String(payload).split("\0".repeat(8)) as [string, string];
    expect(JSON.parse(prelude)).toMatchObject({ statusCode: 200 });
    expect(body).toBe("one two three");
  });

  test("[ENV-150] [RT-82] a program that ends before it asks for work fails Init by its exit status", async () => {
    await using environment = await open({ environmentVariables: { REFUSE_TO_START: "1" } });
    const { requestId, payload } = await environment.invoke({ do: "answer" });
    expect(payload).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 1`,
    });
  });

  describe("lambda-extension", () => {
    async function played(name: "rust-telemetry" | "rust-logs") {
      const file = join(scratch, `${name}.told`);
      const extension = join(scratch, name);
      copyFileSync(built("rust-extension"), extension);
      const environmentVariables = { RECEIVED: file, LISTEN_ON: String(await freePort()) };
      await using environment = await open({ extensions: [extension], environmentVariables });
      const first = await environment.invoke({ do: "answer" });
      const second = await environment.invoke({ do: "fail" });
      await environment.shutdown();
      return { environment, told: toldIn(file), requestIds: [first.requestId, second.requestId] };
    }
    let plays: Readonly<Record<"telemetry" | "logs", Awaited<ReturnType<typeof played>>>>;
    beforeAll(async () => {
      const [telemetry, logs] = await Promise.all([played("rust-telemetry"), played("rust-logs")]);
      plays = { telemetry, logs };
    });

    test.each(["telemetry", "logs"] as const)(
      "[EXT-09] [EXT-67] [LIFE-88] the %s subscriber is given its events, asks again after SHUTDOWN, and is killed",
      (which) => {
        const { environment, told, requestIds } = plays[which];
        expect(told.filter(({ kind }) => ["invoke", "shutdown"].includes(kind))).toEqual([
          { kind: "invoke", what: requestIds[0] },
          { kind: "invoke", what: requestIds[1] },
          { kind: "shutdown", what: "spindown" },
        ]);
        expect(environment.snapshot.extensions).toMatchObject([
          { name: `rust-${which}`, kind: "external", state: "ShutdownFailed", exit: { signal: "SIGKILL" } },
        ]);
      },
    );

    test("[TEL-01] its telemetry processor parses every event of schema 2022-07-01, the oldest", () => {
      const { environment, told, requestIds } = plays.telemetry;
      expect(environment.subscriptions).toMatchObject([{ api: "telemetry", schemaVersion: "2022-07-01" }]);
      const events = eventsOf(told, "telemetry") as readonly { type: string; record: { requestId?: string } }[];
      expect(environment.subscriptions[0]?.produced.events).toBe(events.length);
      expect(events.map(({ type }) => type)).toEqual([
        "platform.initStart",
        "platform.telemetrySubscription",
        "platform.initRuntimeDone",
        "platform.extension",
        "platform.initReport",
        ...ofInvocation,
        ...ofInvocation,
      ]);
      expect(events.filter(({ type }) => type === "platform.report").map(({ record }) => record.requestId)).toEqual(
        requestIds,
      );
    });

    test("[LGS-01] [LGS-17] its log processor parses every event of the Logs API", () => {
      const { environment, told } = plays.logs;
      expect(environment.subscriptions).toMatchObject([{ api: "logs", schemaVersion: "2021-03-18" }]);
      const events = eventsOf(told, "logs") as readonly string[];
      expect(events.map((event) => event.split(/\W/)[0])).toEqual([
        "PlatformLogsSubscription",
        "PlatformExtension",
        ...logsOfInvocation,
        ...logsOfInvocation,
      ]);
    });
  });
});

const ofInvocation = ["platform.start", "function", "platform.runtimeDone", "platform.report"];
const logsOfInvocation = ["PlatformStart", "Function", "PlatformRuntimeDone", "PlatformEnd", "PlatformReport"];

const eventsOf = (told: readonly Told[], kind: string): readonly unknown[] =>
  told.filter((one) => one.kind === kind).flatMap(({ what }) => what);
