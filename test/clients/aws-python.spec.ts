/** AWS's runtime interface client for Python, and an extension of Python's standard library alone. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { createEnvironment, type Environment, type EnvironmentOptions } from "lambdarium";
import { beforeAll, describe, expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { scratchDirectory, type Told, toldIn, within } from "./told.ts";

describeClient("aws-python", (directory) => {
  const scratch = scratchDirectory();
  const code = join(directory, "function");
  const extension = join(directory, "extensions/python-extension");
  const open = (options: Partial<EnvironmentOptions> = {}) =>
    createEnvironment({
      sandbox: "process",
      function: code,
      handler: "app.handler",
      runtime: `python${pythonVersion()}`,
      timeoutMs: 30_000,
      ...options,
    });

  test("[ENV-150] awslambdaric runs the function that brings it, and this is said", async () => {
    await using environment = await open();
    const invocation = environment.invoke({ order: 1 }, { clientContext: { custom: { tenant: "blue" } } });
    const { payload, status } = await invocation;
    expect(status).toBe("success");
    expect(payload).toMatchObject({
      event: { order: 1 },
      awsRequestId: invocation.requestId,
      functionName: "function",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:function",
      custom: { tenant: "blue" },
      remainingMs: expect.toSatisfy(within(20_000, 30_000)),
      traceHeader: expect.stringMatching(/^Root=1-/),
    });
    expect(environment.notices.map(({ text }) => text)).toContainEqual(
      expect.stringContaining("brings AWS's runtime interface client awslambdaric"),
    );
  });

  test("[ENV-150] an exception and a result that is no JSON are their callers', and the process goes on", async () => {
    await using environment = await open();
    expect(await environment.invoke({ fail: true })).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "ValueError", errorMessage: "out of reach" },
      status: "success",
    });
    expect((await environment.invoke({ unserializable: true })).payload).toMatchObject({
      errorType: "Runtime.MarshalError",
    });
    expect((await environment.invoke({ order: 3 })).payload).toMatchObject({ event: { order: 3 } });
    expect(environment.snapshot.generation).toBe(1);
  });

  test("[ENV-150] [RT-78] a module that cannot be loaded is reported, and is what the caller gets", async () => {
    await using environment = await open({ handler: "broken.handler" });
    const { payload, functionError } = await environment.invoke({});
    expect(functionError).toBe("Unhandled");
    expect(payload).toMatchObject({ errorType: "RuntimeError", errorMessage: "no configuration", requestId: "" });
  });

  describe("logs", () => {
    async function logged(logFormat: "Text" | "JSON") {
      await using environment = await open({ logFormat });
      const { requestId } = await environment.invoke({});
      await environment.shutdown();
      const records = environment.telemetry.filter(({ type }) => type === "function").map(({ record }) => record);
      return { records, requestId };
    }

    test("[CAP-23] [CAP-27] in Text what is printed is a line, and each message of logging one record", async () => {
      const { records, requestId } = await logged("Text");
      expect(records).toContain("printed\n");
      expect(records).toContainEqual(
        expect.stringMatching(new RegExp(`^\\[INFO\\]\\t\\S+Z\\t${requestId}\\tfirst line\\nsecond line\\n$`)),
      );
      expect(records).toHaveLength(2);
    });

    test("[CAP-38] [CAP-41] [CAP-43] in JSON what is printed stays text, and messages are objects", async () => {
      const { records, requestId } = await logged("JSON");
      expect(records).toContain("printed\n");
      expect(records).toContainEqual(
        expect.objectContaining({ level: "INFO", requestId, message: "first line\nsecond line" }),
      );
      expect(records).toHaveLength(2);
    });
  });

  describe("an extension whose listener is Python's http.server, which answers in HTTP/1.0 and closes", () => {
    let told: readonly Told[];
    let requestIds: readonly string[];
    let environment: Environment;
    beforeAll(async () => {
      const file = join(scratch, "extension");
      environment = await open({ extensions: [extension], environmentVariables: { RECEIVED: file } });
      const first = await environment.invoke({ order: 1 });
      const second = await environment.invoke({ fail: true });
      await environment.shutdown();
      told = toldIn(file);
      requestIds = [first.requestId, second.requestId];
    });

    test("[EXT-07] [EXT-23] [EXT-53] [EXT-60] it registers as a form would and is given every event", () => {
      expect(whatOf(told, "registered")).toEqual([
        { functionName: "function", functionVersion: "$LATEST", handler: "app.handler" },
      ]);
      expect(whatOf(told, "event")).toMatchObject([
        { eventType: "INVOKE", requestId: requestIds[0] },
        { eventType: "INVOKE", requestId: requestIds[1] },
        { eventType: "SHUTDOWN", shutdownReason: "spindown" },
      ]);
      expect(environment.snapshot.extensions).toMatchObject([
        { name: "python-extension", kind: "external", state: "Exited", exit: { code: 0, signal: null } },
      ]);
    });

    test("[TEL-08] [TEL-35] its subscription is accepted with the content type of a form", () => {
      expect(whatOf(told, "subscribed")).toEqual(['"OK"']);
    });

    test("[DLV-01] [DLV-28] every batch reaches it once, at its path", () => {
      const batches = whatOf(told, "batch") as readonly Batch[];
      expect(new Set(batches.map(({ path, type }) => `${path} ${type}`))).toEqual(
        new Set(["/batches application/json"]),
      );
      const types = batches.flatMap(({ events }) => events.map(({ type }) => type));
      expect(types.filter((type) => type !== "function")).toEqual([
        "platform.initStart",
        "platform.telemetrySubscription",
        "platform.initRuntimeDone",
        "platform.extension",
        "platform.initReport",
        ...ofInvocation,
        ...ofInvocation,
      ]);
      expect(environment.subscriptions).toMatchObject([
        { api: "telemetry", delivered: { events: types.length }, dropped: { events: 0 }, retried: 0 },
      ]);
    });

    test("[DLV-73] it has the report of each invocation, the last one's while it is shut down", () => {
      const reports = (whatOf(told, "batch") as readonly Batch[])
        .flatMap(({ events }) => events)
        .filter(({ type }) => type === "platform.report");
      expect(reports.map(({ record }) => record)).toMatchObject(requestIds.map((requestId) => ({ requestId })));
    });
  });
});

const ofInvocation = ["platform.start", "platform.runtimeDone", "platform.report"];

interface Batch {
  readonly path: string;
  readonly type: string;
  readonly events: readonly { readonly type: string; readonly record: unknown }[];
}

const whatOf = (told: readonly Told[], kind: string): readonly unknown[] =>
  told.filter((one) => one.kind === kind).map(({ what }) => what);

/** Of the interpreter for which the client was installed. */
function pythonVersion(): string {
  const script = "import sys; print('%d.%d' % sys.version_info[:2])";
  return spawnSync("python3", ["-c", script], { encoding: "utf8" }).stdout.trim();
}
