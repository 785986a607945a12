/** An invocation that reaches the function's timeout: what caller, runtime, extensions and log get. */
import { expect, test } from "vitest";
import { eventNames, eventually, newGate, open, openGate, records, said } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";

const timeoutMs = 1000;
/** Takes the event and never answers. */
const hang = "await next(); await forever();";
/** Answers and never asks again. */
const answerAndHang = "const { requestId } = await next(); await respond(requestId, '\"given\"'); await forever();";
const sayEvents = `await follow((await register(["INVOKE", "SHUTDOWN"])).id, async ({ eventType, shutdownReason, deadlineMs }) =>
  say({ eventType, shutdownReason, deadlineMs }));`;

interface Said {
  readonly eventType: string;
  readonly shutdownReason?: string;
  readonly deadlineMs: number;
}

test("[LIFE-46, RT-102, RT-109] answers the caller at the timeout, while processes are still being ended", async () => {
  const environment = await open({
    bootstrap: hang,
    extensions: { stays: 'await follow((await register(["SHUTDOWN"])).id, forever);' },
    timeoutMs,
  });
  const invocation = environment.invoke();
  expect(await invocation.answered()).toEqual({
    functionError: "Unhandled",
    payload: {
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${invocation.requestId} Error: Task timed out after 1.00 seconds`,
    },
  });
  expect(environment.snapshot.phase).toBe("ending");
});

test("[LIFE-45, LIFE-47] keeps the answer of a runtime that never asks for its next invocation, and reports the timeout", async () => {
  const environment = await open({ bootstrap: answerAndHang, timeoutMs });
  const result = await environment.invoke();
  expect(result).toMatchObject({
    payload: "given",
    status: "timeout",
    durationMs: 1000,
    billedDurationMs: expect.any(Number),
  });
  expect(result).not.toHaveProperty("functionError");
  expect(records(environment, "platform.runtimeDone")).toMatchObject([{ status: "timeout" }]);
  expect(environment.snapshot.phase).toBe("empty");
});

test("[LIFE-41, LIFE-47] keeps the answer when only an extension overruns the timeout, with the runtime's part a success", async () => {
  const environment = await open({
    extensions: { slow: 'await event((await register(["INVOKE"])).id); await forever();' },
    timeoutMs,
  });
  expect(await environment.invoke("given")).toMatchObject({ payload: "given", status: "timeout", durationMs: 1000 });
  expect(records(environment, "platform.runtimeDone")).toMatchObject([{ status: "success" }]);
  expect(environment.snapshot.phase).toBe("empty");
});

test("[LIFE-48, EXT-60] ends the runtime first, then gives SHUTDOWN with reason timeout and 2,000 ms from the timeout", async () => {
  const environment = await open({ bootstrap: hang, extensions: { teller: sayEvents }, timeoutMs });
  await environment.invoke();
  const [invoke, shutdown] = said<Said>(environment, "extension");
  expect(shutdown).toMatchObject({ eventType: "SHUTDOWN", shutdownReason: "timeout" });
  // The timer that ends an invocation may be late on a busy machine, never early.
  expect(shutdown!.deadlineMs - invoke!.deadlineMs).toBeGreaterThanOrEqual(2000);
  expect(shutdown!.deadlineMs - invoke!.deadlineMs).toBeLessThan(5000);
  const happened = eventNames(environment);
  expect(happened.indexOf("runtime exited")).toBeLessThan(happened.indexOf("extension exited"));
});

test("[LIFE-49, EXT-66] gives a busy extension SHUTDOWN at its next call, with the deadline that runs already", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: hang,
    extensions: {
      busy: `
        const { id } = await register(["INVOKE", "SHUTDOWN"]);
        await event(id);
        await gate(${JSON.stringify(gate)});
        say(await event(id));
        process.exit(0);
      `,
      parked: sayEvents.replace('"INVOKE", ', ""),
    },
    timeoutMs,
  });
  const invocation = environment.invoke();
  await eventually(() => expect(said(environment, "extension")).toHaveLength(1));
  openGate(gate);
  await invocation;
  const [parked, busy] = said<Said>(environment, "extension");
  expect(busy).toMatchObject({ status: 200, eventType: "SHUTDOWN", deadlineMs: parked!.deadlineMs });
});

test("[LIFE-49] kills an extension that is busy until the deadline", async () => {
  const environment = await open({
    bootstrap: hang,
    extensions: { busy: 'await event((await register(["INVOKE", "SHUTDOWN"])).id); await forever();' },
    timeoutMs,
  });
  await environment.invoke();
  expect(environment.snapshot.extensions).toMatchObject([{ name: "busy", exit: { code: null, signal: "SIGKILL" } }]);
  const reset = environment.snapshot.phases.find(({ phase }) => phase === "reset");
  expect(reset!.durationMs).toBeGreaterThanOrEqual(1990);
});

test("[LIFE-50, OBS-21, OBS-24, OBS-39] reports the timeout after the shutdown of the processes, in the last line of the log", async () => {
  const environment = await open({
    bootstrap: "await serve(({ body }) => (body === '\"hang\"' ? forever() : body));",
    extensions: { teller: 'await follow((await register(["SHUTDOWN"])).id, async () => console.log("leaving"));' },
    timeoutMs,
  });
  await environment.invoke("fine");
  const { logTail, requestId } = await environment.invoke("hang");
  expect(logTail.trimEnd().split("\n")).toEqual([
    `START RequestId: ${requestId} Version: $LATEST`,
    "leaving",
    `END RequestId: ${requestId}`,
    expect.stringMatching(
      /^REPORT RequestId: \S+\tDuration: 1000\.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tStatus: timeout$/,
    ),
  ]);
});

test("[LIFE-51] refuses what the old runtime posts after the timeout", async () => {
  const environment = await open({
    bootstrap: `
      const { requestId } = await next();
      process.on("SIGTERM", async () => say(await respond(requestId, '"late"')));
      await forever();
    `,
    extensions: { follower },
    timeoutMs,
  });
  expect(await environment.invoke()).toMatchObject({ payload: { errorType: "Sandbox.Timedout" } });
  const [late] = said<{ status: number }>(environment, "function");
  expect(late!.status).toBeGreaterThanOrEqual(400);
});

test("[LIFE-73] initializes again for the invocation after a timeout, within that invocation", async () => {
  const environment = await open({
    bootstrap: "await serve(({ body }) => (body === '\"hang\"' ? forever() : body));",
    timeoutMs,
  });
  await environment.invoke("hang");
  const result = await environment.invoke("fine");
  expect(result).toMatchObject({ payload: "fine", status: "success" });
  expect(result).not.toHaveProperty("initDurationMs");
  expect(result.logTail).not.toContain("Init Duration");
  expect(records(environment, "platform.initStart")).toMatchObject([{ phase: "init" }, { phase: "invoke" }]);
});
