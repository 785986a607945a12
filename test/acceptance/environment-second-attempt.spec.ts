/** Suppressed Init with real processes: the second attempt for the waiting invocation, and what its caller gets. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually, newGate, open, openGate, records, said, writeCode } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";

/** Counts the starts of a program in a file that outlives it. */
const counted = `
  const { appendFileSync, readFileSync } = require("node:fs");
  appendFileSync(process.env.FIXTURE_STARTS, "x");
  const start = readFileSync(process.env.FIXTURE_STARTS, "utf8").length;
  say({ start });
`;
const starts = (): Record<string, string> => ({ FIXTURE_STARTS: join(writeCode({}), "starts") });

test("[LIFE-22, LIFE-24] makes a second attempt for the waiting invocation, extensions included, and answers ordinarily", async () => {
  const environment = await open({
    bootstrap: `${counted} if (start === 1) process.exit(1); await serve(() => String(start));`,
    extensions: { follower: `say({ extension: true }); ${follower}` },
    environmentVariables: starts(),
  });
  const result = await environment.invoke();
  expect(result).toMatchObject({ payload: 2, status: "success" });
  expect(result).not.toHaveProperty("functionError");
  expect(result).not.toHaveProperty("initDurationMs");
  const [, second] = records(environment, "platform.initReport");
  expect(result.durationMs).toBeGreaterThanOrEqual(second!.metrics.durationMs);
  expect(said(environment, "extension")).toHaveLength(2);
});

test("[LIFE-23] gives the second attempt the phase invoke and the function's timeout as its limit", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: `await gate(${JSON.stringify(gate)}); await serve();`,
    initLimitMs: 300,
    timeoutMs: 60_000,
  });
  const invocation = environment.invoke("event");
  await eventually(() => expect(records(environment, "platform.initStart")).toHaveLength(2));
  // Longer than the first attempt was given.
  await pause(500);
  openGate(gate);
  expect(await invocation).toMatchObject({ payload: "event", status: "success" });
  expect(records(environment, "platform.initStart")).toMatchObject([{ phase: "init" }, { phase: "invoke" }]);
  expect(records(environment, "platform.initReport")).toMatchObject([
    { phase: "init", status: "timeout" },
    { phase: "invoke", status: "success" },
  ]);
});

test("[LIFE-25, LIFE-27, RT-82] starts a runtime that always fails twice, and gives the caller the second failure", async () => {
  const environment = await open({
    bootstrap: `${counted} process.exit(10 + start);`,
    environmentVariables: starts(),
  });
  const { requestId, payload, functionError } = await environment.invoke();
  expect(functionError).toBe("Unhandled");
  expect(payload).toEqual({
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 12`,
  });
  expect(said(environment, "function")).toEqual([{ start: 1 }, { start: 2 }]);
});

test("[RT-82] has a text of its own for a runtime that ends with status 0", async () => {
  const environment = await open({ bootstrap: "process.exit(0);" });
  const { requestId, payload } = await environment.invoke();
  expect(payload).toEqual({
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: Runtime exited without providing a reason`,
  });
});

test("[LIFE-26] ends a second attempt at the function's timeout, as a timeout", async () => {
  const environment = await open({ bootstrap: "await forever();", initLimitMs: 200, timeoutMs: 1000 });
  const { requestId, payload, durationMs, status } = await environment.invoke();
  expect(payload).toEqual({
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
  });
  expect({ durationMs, status }).toEqual({ durationMs: 1000, status: "timeout" });
});

test("[LIFE-28, LIFE-31] stays, empty, after both attempts, and makes one attempt for the next invocation", async () => {
  const environment = await open({
    bootstrap: `${counted} if (start < 3) process.exit(1); await serve(() => String(start));`,
    environmentVariables: starts(),
  });
  expect(await environment.invoke()).toMatchObject({ functionError: "Unhandled" });
  expect(environment.snapshot.phase).toBe("empty");
  expect(await environment.invoke()).toMatchObject({ payload: 3, status: "success" });
  expect(records(environment, "platform.initStart")).toMatchObject([
    { phase: "init" },
    { phase: "invoke" },
    { phase: "invoke" },
  ]);
});

test("[LIFE-29, OBS-12, OBS-21] writes an INIT_REPORT for each failed attempt, then START, END and REPORT of the same kind", async () => {
  const environment = await open({ bootstrap: "process.exit(7);" });
  const { logTail, requestId } = await environment.invoke();
  const lines = logTail.trimEnd().split("\n");
  const failed = "Status: error\tError Type: Runtime.ExitError";
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(String.raw`^INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\t${failed}$`)),
    expect.stringMatching(new RegExp(String.raw`^INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: invoke\t${failed}$`)),
    `START RequestId: ${requestId} Version: $LATEST`,
    `END RequestId: ${requestId}`,
    expect.stringMatching(new RegExp(`^REPORT RequestId: ${requestId}\t.*\t${failed}$`)),
  ]);
});

test("[LIFE-30] gives SHUTDOWN to an extension that survives a failed attempt", async () => {
  const environment = await open({
    bootstrap: "process.exit(1);",
    extensions: {
      survivor: 'await follow((await register(["SHUTDOWN"])).id, ({ shutdownReason }) => say({ shutdownReason }));',
    },
  });
  await environment.invoke();
  expect(said(environment, "extension")).toEqual([{ shutdownReason: "failure" }, { shutdownReason: "failure" }]);
});

test.each([0, 5])(
  "[LIFE-54, LIFE-68, RT-78] gives the caller exactly what the runtime posted to init/error before its exit with status %i",
  async (status) => {
    const posted = '{"errorType":"Custom.Type",  "errorMessage":"no disk","more":[1]}';
    const environment = await open({
      bootstrap: `await initError(${JSON.stringify(posted)}); process.exit(${status});`,
    });
    const { payloadBytes, functionError, errorType } = await environment.invoke();
    expect(Buffer.from(payloadBytes).toString()).toBe(posted);
    expect({ functionError, errorType }).toEqual({ functionError: "Unhandled", errorType: "Runtime.ExitError" });
  },
);

test("[RT-79] never answers a later attempt with what an earlier one posted", async () => {
  const environment = await open({
    bootstrap: `${counted} if (start === 1) await initError('{"stale":true}'); process.exit(1);`,
    environmentVariables: starts(),
  });
  expect(await environment.invoke()).toMatchObject({ payload: { errorType: "Runtime.ExitError" } });
});
