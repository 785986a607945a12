/** The Shutdown phase with real processes: order, signals, budgets, and what is left. */
import { expect, test } from "vitest";
import {
  eventNames,
  eventually,
  lines,
  newGate,
  open,
  openGate,
  pidOf,
  records,
  said,
} from "../fixtures/environments.ts";
import { echo, follower } from "../fixtures/programs.ts";
import { isAlive, processesOf } from "../fixtures/traces.ts";

const sayTerm = 'process.on("SIGTERM", () => { say({ signal: "SIGTERM" });';
const leaveAtTerm = `${sayTerm} process.exit(0); });`;
const ignoreTerm = `${sayTerm} });`;
const sayShutdown = `await follow((await register(["INVOKE", "SHUTDOWN"])).id, async ({ status, headers, body, eventType }) => {
  if (eventType === "SHUTDOWN") say({ status, type: headers["content-type"], body, event: headers["lambda-extension-event-identifier"] });
});`;

test("[LIFE-79, LIFE-81, LIFE-88, EXT-59, EXT-60] thaws an idle environment and gives SHUTDOWN with reason spindown", async () => {
  const environment = await open({ extensions: { teller: sayShutdown } });
  await environment.invoke();
  const before = Date.now();
  await environment.shutdown();
  const [told] = said<{ body: string; deadlineMs: number }>(environment, "extension");
  expect(told).toEqual({
    status: 200,
    type: "text/plain; charset=utf-8",
    body: expect.stringMatching(/^\{"eventType":"SHUTDOWN","deadlineMs":\d+,"shutdownReason":"spindown"\}$/),
  });
  expect((JSON.parse(told!.body) as { deadlineMs: number }).deadlineMs).toBeGreaterThanOrEqual(before + 2000);
  expect(environment.snapshot.extensions).toMatchObject([{ state: "Exited", exit: { code: 0, signal: null } }]);
  const happened = eventNames(environment);
  expect(happened.lastIndexOf("thawed")).toBeGreaterThan(happened.indexOf("shutdown requested"));
});

test("[LIFE-82, LIFE-87] kills a runtime without extensions at once: it never sees SIGTERM", async () => {
  const environment = await open({ bootstrap: `${ignoreTerm} ${echo}` });
  await environment.invoke();
  await environment.shutdown();
  expect(lines(environment, "function")).toEqual([]);
  expect(environment.snapshot.shutdown!.durationMs).toBeLessThan(2000);
});

test("[LIFE-86, LIFE-94] gives the runtime and its children SIGTERM when there is an extension", async () => {
  const child =
    'process.on("SIGTERM", () => { console.log("child"); process.exit(0); }); console.log("ready"); setInterval(() => {}, 1000);';
  const environment = await open({
    bootstrap: `
      const spawned = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: ["ignore", "pipe", "inherit"] });
      let text = "";
      await new Promise((resolve) => spawned.stdout.on("data", (piece) => { text += piece; resolve(); }));
      spawned.stdout.on("data", (piece) => process.stdout.write(piece));
      process.on("SIGTERM", () => spawned.on("close", () => { console.log("runtime"); process.exit(0); }));
      ${echo}
    `,
    extensions: { follower },
  });
  await environment.invoke();
  await environment.shutdown();
  expect(lines(environment, "function")).toEqual(["child\n", "runtime\n"]);
});

test("[LIFE-83, LIFE-86] kills a runtime that ignores SIGTERM when its 300 ms are used up", async () => {
  const environment = await open({ bootstrap: `${ignoreTerm} ${echo}`, extensions: { follower } });
  await environment.invoke();
  await environment.shutdown();
  expect(said(environment, "function")).toEqual([{ signal: "SIGTERM" }]);
  const { durationMs } = environment.snapshot.shutdown!;
  expect(durationMs).toBeGreaterThanOrEqual(299);
  expect(durationMs).toBeLessThan(2000);
});

test("[LIFE-88] ends the runtime before any extension gets SHUTDOWN", async () => {
  const environment = await open({ bootstrap: `${leaveAtTerm} ${echo}`, extensions: { teller: sayShutdown } });
  await environment.invoke();
  await environment.shutdown();
  const writers = environment.telemetry
    .map(({ type }) => type)
    .filter((type) => ["function", "extension"].includes(type));
  expect(writers).toEqual(["function", "extension"]);
});

test("[LIFE-85, LIFE-88] kills an extension that ignores SHUTDOWN at the deadline, within 200 ms of it", async () => {
  const environment = await open({
    extensions: { stays: `${ignoreTerm} await follow((await register(["SHUTDOWN"])).id, forever);` },
  });
  await environment.init();
  await environment.shutdown();
  expect(environment.snapshot.extensions).toMatchObject([
    { state: "ShutdownFailed", exit: { code: null, signal: "SIGKILL" } },
  ]);
  expect(environment.snapshot.shutdown!.durationMs).toBeGreaterThanOrEqual(1990);
});

test("[LIFE-85] is gone as soon as the last process ended", async () => {
  const environment = await open({ extensions: { follower } });
  await environment.init();
  await environment.shutdown();
  expect(environment.snapshot.phase).toBe("gone");
  expect(environment.snapshot.shutdown!.durationMs).toBeLessThan(1500);
  expect(processesOf(environment.endpoint)).toEqual([]);
});

test("[LIFE-89, LIFE-90] kills extensions that did not ask for SHUTDOWN, without SIGTERM", async () => {
  const environment = await open({
    extensions: {
      "a-silent": `${ignoreTerm} await follow((await register(["INVOKE"])).id);`,
      "b-leaving": `${ignoreTerm} ${follower}`,
    },
  });
  await environment.invoke();
  await environment.shutdown();
  expect(environment.snapshot.extensions).toMatchObject([
    { name: "a-silent", exit: { code: null, signal: "SIGKILL" } },
    { name: "b-leaving", exit: { code: 0, signal: null } },
  ]);
  expect(said(environment, "extension")).toEqual([]);
});

test("[LIFE-82, LIFE-91] gives an internal extension the runtime's SIGTERM, and no event", async () => {
  const environment = await open({
    bootstrap: `
      ${leaveAtTerm}
      const { id } = await register(["INVOKE"], "inside");
      void (async () => { for (;;) say({ event: (await event(id)).eventType }); })();
      ${echo}
    `,
  });
  await environment.invoke();
  await environment.shutdown();
  expect(said(environment, "function")).toEqual([{ event: "INVOKE" }, { signal: "SIGTERM" }]);
});

test("[LIFE-92] still serves the APIs and the network to extensions that handle SHUTDOWN", async () => {
  const environment = await open({
    extensions: {
      busy: `
        const { id } = await register(["SHUTDOWN"]);
        await event(id);
        const server = require("node:http").createServer((request, response) => response.end("reached"));
        await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
        const reached = await fetch("http://127.0.0.1:" + server.address().port).then((answer) => answer.text());
        const subscribed = await call("PUT", "/2022-07-01/telemetry", { headers: { "Lambda-Extension-Identifier": id }, body: "{}" });
        say({ exitError: (await extensionExitError(id, "Some.Reason")).status, telemetry: subscribed.status, reached });
        process.exit(0);
      `,
    },
  });
  await environment.init();
  await environment.shutdown();
  expect(said(environment, "extension")).toEqual([
    { exitError: 202, telemetry: expect.any(Number), reached: "reached" },
  ]);
});

test("[LIFE-93] makes no error of an extension that leaves with another status than 0", async () => {
  const environment = await open({
    extensions: { grumpy: 'await event((await register(["SHUTDOWN"])).id); process.exit(3);' },
  });
  await environment.invoke();
  await environment.shutdown();
  expect(environment.snapshot.phases.at(-1)).toMatchObject({ phase: "shutdown", status: "success" });
  expect(environment.snapshot.extensions).toMatchObject([{ state: "ShutdownFailed", exit: { code: 3, signal: null } }]);
  expect(records(environment, "platform.report")).toMatchObject([{ status: "success" }]);
});

test("[LIFE-78] completes the invocation that runs before it shuts down", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: `await serve(async ({ body }) => (say({}), await gate(${JSON.stringify(gate)}), body));`,
    extensions: { teller: sayShutdown },
    timeoutMs: 60_000,
  });
  const invocation = environment.invoke("kept");
  await eventually(() => expect(said(environment, "function")).toHaveLength(1));
  const gone = environment.shutdown();
  openGate(gate);
  expect(await invocation).toMatchObject({ payload: "kept", status: "success" });
  await gone;
  expect(said<{ body: string }>(environment, "extension")[0]!.body).toContain('"shutdownReason":"spindown"');
});

test("[LIFE-80] ends a running invocation as a failure when the platform stops, and refuses those that wait", async () => {
  const environment = await open({
    bootstrap: "await next(); say({}); await forever();",
    extensions: { teller: sayShutdown },
    timeoutMs: 60_000,
  });
  const both = Promise.allSettled([environment.invoke(), environment.invoke()]);
  await eventually(() => expect(said(environment, "function")).toHaveLength(1));
  await environment.stop();
  const message = "ServiceException: The platform was stopped before the invocation ended.";
  expect(await both).toMatchObject([
    { status: "rejected", reason: { code: "service-exception", message } },
    {
      status: "rejected",
      reason: { code: "service-exception", message: "ServiceException: the environment is shutting down." },
    },
  ]);
  expect(said<{ body: string }>(environment, "extension")[0]!.body).toContain('"shutdownReason":"failure"');
});

test("[LIFE-80] skips every budget when it is killed", async () => {
  const environment = await open({
    bootstrap: `${ignoreTerm} ${echo}`,
    extensions: { stays: 'await follow((await register(["SHUTDOWN"])).id, forever);' },
  });
  await environment.init();
  const ids = [pidOf(environment, "runtime"), pidOf(environment, "stays")];
  await environment.kill();
  expect(ids.map(isAlive)).toEqual([false, false]);
  expect(said(environment, "extension")).toEqual([]);
  expect(said(environment, "function")).toEqual([]);
});
