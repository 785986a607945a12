/** Processes that end when they should not: in Init, in an invocation, after the answer, and between invocations. */
import { expect, test } from "vitest";
import { eventually, newGate, open, openGate, pidOf, records, said } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";

const onEvent = (how: string): string => `
  const { id } = await register(["INVOKE", "SHUTDOWN"]);
  await event(id);
  ${how}
`;
const hang = "await next(); await forever();";

test.each([
  { how: "process.exit(5);", text: "Runtime exited with error: exit status 5" },
  { how: "process.exit(0);", text: "Runtime exited without providing a reason" },
  { how: 'process.kill(process.pid, "SIGKILL"); await forever();', text: "Runtime exited with error: signal: killed" },
  {
    how: 'process.kill(process.pid, "SIGSEGV"); await forever();',
    text: "Runtime exited with error: signal: segmentation fault",
  },
])("[LIFE-58, RT-103, RT-107] fails the invocation when the runtime ends by $how", async ({ how, text }) => {
  const environment = await open({
    bootstrap: `await next(); ${how}`,
    extensions: {
      teller: 'await follow((await register(["SHUTDOWN"])).id, async ({ shutdownReason }) => say({ shutdownReason }));',
    },
  });
  const { requestId, payload, functionError, status, errorType } = await environment.invoke();
  expect(payload).toEqual({ errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${text}` });
  expect({ functionError, status, errorType }).toEqual({
    functionError: "Unhandled",
    status: "error",
    errorType: "Runtime.ExitError",
  });
  expect(said(environment, "extension")).toEqual([{ shutdownReason: "failure" }]);
});

test("[OBS-26] writes nothing of its own about the end of a process but the status of the REPORT", async () => {
  const environment = await open({
    bootstrap: "const { body } = await next(); process.stderr.write(`dying of ${body}\\n`); process.exit(3);",
    extensions: { follower },
  });
  await environment.invoke("this");
  const kinds = environment.logs.map(({ message }) => message.replace(/ RequestId: \S+|\tDuration: .* MB/g, ""));
  expect(kinds.slice(1)).toEqual([
    "EXTENSION\tName: follower\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n",
    "START Version: $LATEST\n",
    'dying of "this"\n',
    "END\n",
    expect.stringMatching(/^REPORT\tInit Duration: [\d.]+ ms\tStatus: error\tError Type: Runtime\.ExitError\n$/),
  ]);
});

test("[LIFE-59, RT-108] keeps the answer of a runtime that ends after it, and initializes again for the next one", async () => {
  const environment = await open({
    bootstrap: "const { requestId } = await next(); await respond(requestId, String(process.pid)); process.exit(9);",
  });
  const first = await environment.invoke();
  expect(first).toMatchObject({ status: "error", errorType: "Runtime.ExitError" });
  expect(first).not.toHaveProperty("functionError");
  const second = await environment.invoke();
  expect(second.payload).not.toBe(first.payload);
  expect(records(environment, "platform.initStart")).toMatchObject([{ phase: "init" }, { phase: "invoke" }]);
});

test.each([
  { how: "process.exit(3);", text: "exit status 3" },
  { how: "process.exit(0);", text: "exit code 0" },
  { how: 'process.kill(process.pid, "SIGKILL"); await forever();', text: "signal: killed" },
])("[LIFE-60, RT-104, RT-107, EXT-79] fails the invocation when an extension ends by $how", async ({ how, text }) => {
  const environment = await open({ bootstrap: hang, extensions: { crashing: onEvent(how) }, timeoutMs: 60_000 });
  const { requestId, payload, functionError, status, errorType } = await environment.invoke();
  expect(payload).toEqual({ errorType: "Extension.Crash", errorMessage: `RequestId: ${requestId} Error: ${text}` });
  expect({ functionError, status, errorType }).toEqual({
    functionError: "Unhandled",
    status: "error",
    errorType: "Extension.Crash",
  });
  expect(environment.snapshot.phase).toBe("empty");
});

test("[LIFE-61] keeps the answer when an extension ends after it, with the runtime's part a success and an error in REPORT", async () => {
  const gate = newGate();
  const environment = await open({
    extensions: { crashing: onEvent(`await gate(${JSON.stringify(gate)}); process.exit(3);`) },
    timeoutMs: 60_000,
  });
  const invocation = environment.invoke("given");
  expect(await invocation.answered()).toEqual({ payload: "given" });
  openGate(gate);
  const result = await invocation;
  expect(result).toMatchObject({ payload: "given", status: "error", errorType: "Extension.Crash" });
  expect(result).not.toHaveProperty("functionError");
  expect(result.logTail).toMatch(/\tStatus: error\tError Type: Extension\.Crash\n$/);
  expect(records(environment, "platform.runtimeDone")).toMatchObject([{ status: "success" }]);
});

test("[LIFE-62, EXT-79] calls it Extension.ExitError when the extension had posted exit/error", async () => {
  const environment = await open({
    bootstrap: hang,
    extensions: { sorry: onEvent('await extensionExitError(id, "Sorry.Reason"); process.exit(4);') },
    timeoutMs: 60_000,
  });
  const { requestId, payload } = await environment.invoke();
  expect(payload).toEqual({
    errorType: "Extension.ExitError",
    errorMessage: `RequestId: ${requestId} Error: exit status 4`,
  });
});

test.each([
  { who: "runtime", payload: { errorType: "Runtime.ExitError" } },
  { who: "follower", payload: { errorType: "Extension.Crash" } },
])("[LIFE-63] fails the next invocation at once when the $who was killed between two", async ({ who, payload }) => {
  const environment = await open({
    bootstrap: "await serve(({ body }) => (say({ body }), body));",
    extensions: { follower },
    timeoutMs: 60_000,
  });
  await environment.invoke("first");
  process.kill(pidOf(environment, who), "SIGKILL");
  await eventually(() => expect(environment.snapshot.processes.map(({ name }) => name)).not.toContain(who));
  expect(await environment.invoke("second")).toMatchObject({
    payload: { ...payload, errorMessage: expect.stringContaining("signal: killed") },
    functionError: "Unhandled",
  });
  expect((await environment.invoke("third")).payload).toBe("third");
  expect(said(environment, "function")).toEqual([{ body: '"first"' }, { body: '"third"' }]);
});

test("[LIFE-64] takes any exit during a reset as expected: report and payload stay those of the first failure", async () => {
  const environment = await open({
    bootstrap: "await next(); process.exit(2);",
    extensions: { grumpy: 'await event((await register(["SHUTDOWN"])).id); process.exit(77);' },
  });
  expect(await environment.invoke()).toMatchObject({
    errorType: "Runtime.ExitError",
    payload: { errorType: "Runtime.ExitError" },
  });
  expect(environment.snapshot.extensions).toMatchObject([{ exit: { code: 77 } }]);
});

test("[LIFE-65] takes the end of an extension without INVOKE for a crash too", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: `await next(); say({ took: true }); await forever();`,
    extensions: {
      bystander: `event((await register(["SHUTDOWN"])).id); await gate(${JSON.stringify(gate)}); process.exit(6);`,
    },
    timeoutMs: 60_000,
  });
  const invocation = environment.invoke();
  await eventually(() => expect(said(environment, "function")).toHaveLength(1));
  openGate(gate);
  expect(await invocation).toMatchObject({ payload: { errorType: "Extension.Crash" } });
});

test("[LIFE-67] never replaces the first fatal event by what it leads to", async () => {
  const environment = await open({
    bootstrap: "await next(); await forever();",
    extensions: { crashing: onEvent("process.exit(3);"), follower },
    timeoutMs: 60_000,
  });
  const { payload, errorType, logTail } = await environment.invoke();
  expect({ payload, errorType }).toMatchObject({
    payload: { errorType: "Extension.Crash" },
    errorType: "Extension.Crash",
  });
  expect(logTail).not.toContain("Runtime.ExitError");
});

test.each([
  { when: "before registering", how: "process.exit(3);", state: "Started", events: [] },
  {
    when: "after registering",
    how: 'await register(["INVOKE"]); process.exit(3);',
    state: "Registered",
    events: ["INVOKE"],
  },
  { when: "with status 0", how: "process.exit(0);", state: "Started", events: [] },
])("[LIFE-56, EXT-94] fails Init when an extension ends $when", async ({ how, state, events }) => {
  const environment = await open({ extensions: { crashing: how } });
  expect(await environment.init()).toMatchObject({ status: "error", errorType: "Extension.Crash" });
  expect(records(environment, "platform.extension")).toEqual([
    expect.objectContaining({ name: "crashing", state, events }),
  ]);
});

test("[LIFE-56, EXT-79, EXT-94] calls it Extension.InitError when the extension had posted init/error", async () => {
  const environment = await open({
    extensions: {
      sorry: 'const { id } = await register([]); await extensionInitError(id, "Sorry.Reason"); process.exit(1);',
    },
  });
  expect(await environment.init()).toEqual({
    status: "error",
    errorType: "Extension.InitError",
    text: "exit status 1",
  });
  expect(records(environment, "platform.extension")).toEqual([
    expect.objectContaining({ name: "sorry", state: "InitError", events: [] }),
  ]);
});
