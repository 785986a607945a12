/** Pools of environments with real processes: re-use, limits, updates, ages, provisioning, the clock (SVC-198 to SVC-231). */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  type Answer,
  eventually,
  logTailOf,
  newGate,
  openGate,
  openService,
  type Service,
} from "../fixtures/services.ts";
import { program } from "../fixtures/programs.ts";
import { zip } from "../fixtures/service.ts";
import { isAlive } from "../fixtures/traces.ts";

const held = (gate: string): string =>
  `let count = 0; await serve(async () => { count += 1; await gate(${JSON.stringify(gate)}); return JSON.stringify({ pid: process.pid, count }); });`;

const pidOf = (text: string): number => (JSON.parse(text) as { pid: number }).pid;

const reserve = (service: Service, name: string, number: number): Promise<unknown> =>
  service.call(
    "PUT",
    `/2017-10-31/functions/${name}/concurrency`,
    JSON.stringify({ ReservedConcurrentExecutions: number }),
  );

test("[SVC-220] [LIFE-103] sequential calls share one environment, with its globals, process and log stream", async () => {
  const service = await openService();
  await service.create("counts", {
    bootstrap:
      "let count = 0; await serve(() => JSON.stringify({ count: ++count, pid: process.pid, stream: process.env.AWS_LAMBDA_LOG_STREAM_NAME }));",
  });
  const answers: { count: number; pid: number; stream: string }[] = [];
  for (let n = 0; n < 20; n++) answers.push(JSON.parse((await service.invoke("counts")).text) as (typeof answers)[0]);
  expect(answers.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  expect(new Set(answers.map(({ pid, stream }) => `${pid} ${stream}`)).size).toBe(1);
  expect(service.environments()).toMatchObject([
    { invocationCount: 20, initializationType: "on-demand", version: "$LATEST" },
  ]);
});

test("[SVC-152] [SVC-222] [SVC-219] twenty calls held open together run in twenty environments, and later ones start none", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("held", { bootstrap: held(gate), Timeout: 60 });
  const calls = Array.from({ length: 20 }, () => service.invoke("held"));
  await eventually(() => expect(service.environments().filter(({ state }) => state === "busy")).toHaveLength(20));
  openGate(gate);
  const answers = await Promise.all(calls);
  expect(new Set(answers.map(({ text }) => pidOf(text))).size).toBe(20);
  for (let n = 0; n < 20; n++) expect((await service.invoke("held")).status).toBe(200);
  expect(service.environments()).toHaveLength(20);
});

test("[SVC-198] [SVC-202] of 1,000 callers at once at a limit of 10, ten run, each once, and the others are throttled", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("held", { bootstrap: held(gate), Timeout: 60 });
  await reserve(service, "held", 10);
  const calls = Array.from({ length: 1000 }, () => service.invoke("held"));
  let answered = 0;
  for (const call of calls) void call.then(() => (answered += 1));
  await eventually(() => expect(answered).toBe(990));
  openGate(gate);
  const answers = await Promise.all(calls);
  const ran = answers.filter(({ status }) => status === 200);
  expect(ran.map(({ text }) => JSON.parse(text) as unknown)).toEqual(
    ran.map(() => expect.objectContaining({ count: 1 })),
  );
  expect([ran.length, answers.filter(({ status }) => status === 429).length]).toEqual([10, 990]);
});

test("[SVC-224] [LIFE-77] [LIFE-104] moving the clock reaps an idle environment with SHUTDOWN, reason spindown, and leaves no process", async () => {
  const service = await openService();
  const told = newGate("told");
  await service.create("idle", {
    bootstrap: "await serve(() => JSON.stringify({ pid: process.pid }));",
    extensions: {
      ext: `await follow((await register(["SHUTDOWN"])).id, (event) => require("node:fs").writeFileSync(${JSON.stringify(told)}, event.shutdownReason));`,
    },
  });
  const first = pidOf((await service.invoke("idle")).text);
  await eventually(() => expect(service.environments()[0]?.state).toBe("idle"));
  expect(await service.local("clock", { advance: 1e300 })).toMatchObject({
    message: expect.stringContaining("a year"),
  });
  expect(await service.local("clock", { advance: " ".repeat(20_000) })).toHaveProperty("message");
  expect(await service.local("clock", { advance: "9m" })).toMatchObject({ movedMs: 540_000 });
  expect(service.environments()).toMatchObject([{ state: "idle" }]);
  await service.local("clock", { advance: "2m" });
  await eventually(() => expect(service.environments()).toEqual([]));
  expect(readFileSync(told, "utf8")).toBe("spindown");
  expect(isAlive(first)).toBe(false);
  expect(pidOf((await service.invoke("idle")).text)).not.toBe(first);
});

test("[SVC-226] [SVC-93] an update in the middle of a burst fails no call, and after it no call reaches the old code", async () => {
  const service = await openService();
  await service.create("updated", {
    variables: { CODE: "old" },
    bootstrap:
      "await serve(async () => { await new Promise((r) => setTimeout(r, 5)); return JSON.stringify(process.env.CODE); });",
  });
  const seen: string[] = [];
  const late: string[] = [];
  let list = seen;
  const caller = async (): Promise<void> => {
    for (let n = 0; n < 25; n++) {
      const own = list;
      const { status, text } = await service.invoke("updated");
      own.push(`${status} ${text}`);
    }
  };
  const callers = Array.from({ length: 6 }, caller);
  await eventually(() => expect(seen.length).toBeGreaterThan(20));
  const update = await service.call(
    "PUT",
    "/2015-03-31/functions/updated/configuration",
    '{"Environment":{"Variables":{"CODE":"new"}}}',
  );
  list = late;
  await Promise.all(callers);
  expect(update.status).toBe(200);
  expect(seen.filter((said) => !/^200 "(?:old|new)"$/u.test(said))).toEqual([]);
  expect(new Set(late)).toEqual(new Set(['200 "new"']));
  await eventually(() => expect(service.environments().every(({ state }) => state !== "shutting-down")).toBe(true));
});

test("[SVC-42] deleting a function lets running calls finish, then ends their environments; a new call gets 404", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("deleted", { bootstrap: held(gate), Timeout: 60 });
  const running = service.invoke("deleted");
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "busy" }]));
  expect((await service.call("DELETE", "/2015-03-31/functions/deleted")).status).toBe(204);
  expect((await service.invoke("deleted")).status).toBe(404);
  openGate(gate);
  expect((await running).status).toBe(200);
  await eventually(() => expect(service.environments()).toEqual([]));
});

test("[SVC-226] replaced code is there for as long as a call runs on it, and is removed then", async () => {
  const service = await openService();
  const gate = newGate();
  const codeDirectory = (): string =>
    service.controlPlane.directory.current("us-east-1", "held", "$LATEST")!.codeDirectory;
  const packed = async (text: string): Promise<{ ZipFile: string }> => ({
    ZipFile: await zip({ bootstrap: { content: program(text), mode: 0o100_755 } }),
  });
  await service.create("held", { Timeout: 60 });
  await service.call("PUT", "/2015-03-31/functions/held/code", JSON.stringify(await packed(held(gate))));
  const before = codeDirectory();
  const running = service.invoke("held");
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "busy" }]));
  await service.call("PUT", "/2015-03-31/functions/held/code", JSON.stringify(await packed("await serve();")));
  const later = (): void => service.clock.advance(60_000);
  for (let minute = 0; minute < 15; minute++) {
    later();
    await service.invoke("held");
  }
  expect(existsSync(before)).toBe(true);
  openGate(gate);
  expect((await running).status).toBe(200);
  await eventually(() => {
    later();
    expect([existsSync(before), existsSync(`${before}.zip`), existsSync(codeDirectory())]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

test("[SVC-205] [SVC-257] changing a reservation or tags replaces no environment", async () => {
  const service = await openService();
  await service.create("kept", { bootstrap: "let count = 0; await serve(() => String(++count));" });
  await service.invoke("kept");
  await reserve(service, "kept", 5);
  await service.call(
    "POST",
    "/2017-03-31/tags/arn:aws:lambda:us-east-1:000000000000:function:kept",
    '{"Tags":{"a":"b"}}',
  );
  expect((await service.invoke("kept")).text).toBe("2");
});

test("[SVC-225] versions share no globals, aliases of one version do", async () => {
  const service = await openService();
  await service.create("apart", { bootstrap: "let count = 0; await serve(() => String(++count));" });
  for (const _ of [1, 2]) {
    await service.call("PUT", "/2015-03-31/functions/apart/configuration", "{}");
    await service.call("POST", "/2015-03-31/functions/apart/versions", "{}");
  }
  for (const name of ["x", "y"])
    await service.call(
      "POST",
      "/2015-03-31/functions/apart/aliases",
      JSON.stringify({ Name: name, FunctionVersion: "1" }),
    );
  const call = async (qualifier: string): Promise<string> =>
    (await service.invoke("apart", "{}", {}, `?Qualifier=${qualifier}`)).text;
  const counts: string[] = [];
  for (const qualifier of ["1", "2", "x", "y"]) counts.push(await call(qualifier));
  expect(counts).toEqual(["1", "1", "2", "3"]);
});

test("[SVC-223] on a full machine a call takes the place of an idle environment, and waits where none is idle", async () => {
  const service = await openService({ maxEnvironments: 1, placementWaitMs: 60_000 });
  const gate = newGate();
  await service.create("one", { bootstrap: held(gate), Timeout: 60 });
  await service.create("two");
  const running = service.invoke("one");
  await eventually(() => expect(service.environments()).toMatchObject([{ functionName: "one", state: "busy" }]));
  const waiting = service.invoke("two", "2");
  const late = service.invoke("two", "3");
  openGate(gate);
  expect((await running).status).toBe(200);
  expect([(await waiting).text, (await late).text]).toEqual(["2", "3"]);
  expect(service.environments()).toMatchObject([{ functionName: "two" }]);
});

test("[SVC-223] a call that waited for a place as long as it may is throttled", async () => {
  const service = await openService({ maxEnvironments: 1 });
  const gate = newGate();
  await service.create("one", { bootstrap: held(gate), Timeout: 60 });
  const running = service.invoke("one");
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "busy" }]));
  let waits = true;
  const waiting = service.invoke("one").finally(() => (waits = false));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(waits).toBe(true);
  service.clock.advance(5000);
  const answer = await waiting;
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
    429,
    { Reason: "ConcurrentInvocationLimitExceeded" },
  ]);
  openGate(gate);
  await running;
});

test("[SVC-208] [SVC-209] [SVC-210] [LIFE-111] [LIFE-110] provisioned environments are initialized before any call, and calls use them", async () => {
  const service = await openService();
  const marks = newGate("marks");
  await service.create("ready", {
    bootstrap: `require("node:fs").appendFileSync(${JSON.stringify(marks)}, "x"); await serve(() => JSON.stringify(process.env.AWS_LAMBDA_INITIALIZATION_TYPE));`,
  });
  await service.call("POST", "/2015-03-31/functions/ready/versions", "{}");
  const path = "/2019-09-30/functions/ready/provisioned-concurrency?Qualifier=1";
  const put = await service.call("PUT", path, '{"ProvisionedConcurrentExecutions":2}');
  expect([put.status, JSON.parse(put.text)]).toMatchObject([
    202,
    { Status: "IN_PROGRESS", AllocatedProvisionedConcurrentExecutions: 0 },
  ]);
  await eventually(async () =>
    expect(JSON.parse((await service.call("GET", path)).text)).toMatchObject({
      Status: "READY",
      AllocatedProvisionedConcurrentExecutions: 2,
      AvailableProvisionedConcurrentExecutions: 2,
    }),
  );
  expect(readFileSync(marks, "utf8")).toBe("xx");
  expect((await service.invoke("ready", "{}", {}, "?Qualifier=1")).text).toBe('"provisioned-concurrency"');
  expect((await service.invoke("ready")).text).toBe('"on-demand"');
  await eventually(() => expect(service.environments().every(({ state }) => state === "idle")).toBe(true));
  service.clock.advance(700_000);
  await eventually(() => expect(service.environments().map(({ version }) => version)).toEqual(["1", "1"]));
  await service.call("DELETE", path);
  await eventually(() => expect(service.environments()).toEqual([]));
});

test("[SVC-216] [LIFE-112] a provisioned Init that fails makes the allocation FAILED, and the function stays active", async () => {
  const service = await openService();
  await service.create("fails", { bootstrap: "process.exit(1);" });
  await service.call("POST", "/2015-03-31/functions/fails/versions", "{}");
  const path = "/2019-09-30/functions/fails/provisioned-concurrency?Qualifier=1";
  await service.call("PUT", path, '{"ProvisionedConcurrentExecutions":1}');
  await eventually(async () =>
    expect(JSON.parse((await service.call("GET", path)).text)).toMatchObject({
      Status: "FAILED",
      StatusReason: "FUNCTION_ERROR_INIT_FAILURE",
      AvailableProvisionedConcurrentExecutions: 0,
    }),
  );
  const configuration = await service.call("GET", "/2015-03-31/functions/fails/configuration?Qualifier=1");
  expect(JSON.parse(configuration.text)).toMatchObject({ State: "Active" });
});

test("[SVC-217] [LIFE-114] a provisioned environment that crashed is replaced", async () => {
  const service = await openService();
  await service.create("crashes", { bootstrap: "const { body } = await next(); process.exit(1);" });
  await service.call("POST", "/2015-03-31/functions/crashes/versions", "{}");
  const path = "/2019-09-30/functions/crashes/provisioned-concurrency?Qualifier=1";
  await service.call("PUT", path, '{"ProvisionedConcurrentExecutions":1}');
  const ready = (): Promise<void> =>
    eventually(async () =>
      expect(JSON.parse((await service.call("GET", path)).text)).toMatchObject({ Status: "READY" }),
    );
  await ready();
  const [before] = service.environments();
  await service.invoke("crashes", "{}", {}, "?Qualifier=1");
  await eventually(() =>
    expect(service.environments().map(({ id, state }) => [id === before?.id, state])).toEqual([[false, "idle"]]),
  );
  await ready();
});

test("[SVC-115] [LIFE-117] [LIFE-116] publishing with SnapStart initializes the version, and calls of it are restored", async () => {
  const service = await openService();
  await service.create("snaps", {
    SnapStart: { ApplyOn: "PublishedVersions" },
    bootstrap: "await serve(() => JSON.stringify(process.env.AWS_LAMBDA_INITIALIZATION_TYPE));",
  });
  await service.call("POST", "/2015-03-31/functions/snaps/versions", "{}");
  const configuration = async (): Promise<unknown> =>
    JSON.parse((await service.call("GET", "/2015-03-31/functions/snaps/configuration?Qualifier=1")).text);
  await eventually(async () =>
    expect(await configuration()).toMatchObject({ State: "Active", SnapStart: { OptimizationStatus: "On" } }),
  );
  expect(service.environments()).toMatchObject([{ initializationType: "snap-start", phase: "snapshotted" }]);
  const answer = await service.invoke("snaps", "{}", { "x-amz-log-type": "Tail" }, "?Qualifier=1");
  expect(answer.text).toBe('"snap-start"');
  expect(logTailOf(answer).toString()).toContain("Restore Duration");
  expect((await service.invoke("snaps")).text).toBe('"on-demand"');
});

test("[SVC-115] [LIFE-118] a SnapStart initialization that fails makes the version Failed, with the reason", async () => {
  const service = await openService();
  await service.create("snaps", {
    SnapStart: { ApplyOn: "PublishedVersions" },
    bootstrap: "if (process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'snap-start') process.exit(3); await serve();",
  });
  await service.call("POST", "/2015-03-31/functions/snaps/versions", "{}");
  await eventually(async () => {
    const { text } = await service.call("GET", "/2015-03-31/functions/snaps/configuration?Qualifier=1");
    expect(JSON.parse(text)).toMatchObject({
      State: "Failed",
      StateReason: expect.stringContaining("exit status 3") as string,
    });
  });
});

test("[LIFE-123] a version whose snapshot is not ready is refused, and called when it is", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("snaps", {
    SnapStart: { ApplyOn: "PublishedVersions" },
    bootstrap: `await gate(${JSON.stringify(gate)}); await serve();`,
  });
  await service.call("POST", "/2015-03-31/functions/snaps/versions", "{}");
  const call = (): Promise<Answer> => service.invoke("snaps", "1", {}, "?Qualifier=1");
  const early = await call();
  expect([early.status, early.headers.get("x-amzn-errortype")]).toEqual([409, "SnapStartNotReadyException"]);
  openGate(gate);
  await eventually(async () => expect((await call()).text).toBe("1"));
});

const kinds = {
  Invoke: (service: Service) => service.invoke("counted"),
  InvokeWithResponseStream: (service: Service) =>
    service.call("POST", "/2021-11-15/functions/counted/response-streaming-invocations", "{}"),
  "a function URL": async (service: Service) => {
    const { text } = await service.call("GET", "/2021-10-31/functions/counted/url");
    const { FunctionUrl } = JSON.parse(text) as { FunctionUrl: string };
    return service.call("GET", new URL(FunctionUrl).pathname);
  },
  "an asynchronous attempt": (service: Service) =>
    service.invoke("counted", "{}", { "x-amz-invocation-type": "Event" }),
  "a Lambda destination": (service: Service) => service.invoke("sends", "{}", { "x-amz-invocation-type": "Event" }),
};

test.each(Object.entries(kinds))(
  "[SVC-207] %s takes a slot that every other kind of call lacks then",
  async (_, call) => {
    const service = await openService();
    const gate = newGate();
    await service.create("counted", { bootstrap: held(gate), Timeout: 60 });
    await service.call("POST", "/2021-10-31/functions/counted/url", '{"AuthType":"NONE"}');
    await service.create("sends");
    const Destination = "arn:aws:lambda:us-east-1:000000000000:function:counted";
    await service.call(
      "PUT",
      "/2019-09-25/functions/sends/event-invoke-config",
      JSON.stringify({ DestinationConfig: { OnSuccess: { Destination } } }),
    );
    await reserve(service, "counted", 1);
    const holding = call(service);
    await eventually(() => expect(service.environments("counted")).toMatchObject([{ state: "busy" }]));
    const waiting = [kinds.Invoke, kinds.InvokeWithResponseStream, kinds["a function URL"]].map((other) =>
      other(service),
    );
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([429, 429, 429]);
    await service.invoke("counted", "{}", { "x-amz-invocation-type": "Event" });
    await service.invoke("sends", "{}", { "x-amz-invocation-type": "Event" });
    const queued = async (): Promise<number> =>
      (await service.local<{ events: unknown[] }>("queue?functionName=counted")).events.length;
    await eventually(async () => expect(await queued()).toBeGreaterThanOrEqual(2));
    expect(service.environments("counted")).toHaveLength(1);
    openGate(gate);
    expect((await holding).status).toBeLessThan(300);
    await eventually(async () => {
      service.clock.advance(1000);
      expect(await queued()).toBe(0);
    });
    expect(service.environments("counted")).toHaveLength(1);
  },
);

test("[LIFE-109] [SVC-231] a developer lists environments, freezes, thaws, resets and ends idle ones, and no others", async () => {
  const service = await openService();
  const gate = newGate();
  await service.create("ordered", {
    bootstrap: held(gate),
    extensions: { ext: 'await follow((await register(["INVOKE"])).id);' },
    Timeout: 60,
  });
  const running = service.invoke("ordered");
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "busy" }]));
  const id = service.environments()[0]?.id;
  const order = (what: string): Promise<{ status: number; text: string }> =>
    service.call("POST", `/_local/environments/${id}/${what}`);
  expect((await order("reset")).status).toBe(409);
  openGate(gate);
  const first = pidOf((await running).text);
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "idle", frozen: true }]));
  const listed = await service.local<{ environments: unknown[] }>("environments?functionName=ordered");
  expect(listed.environments).toMatchObject([
    {
      functionName: "ordered",
      version: "$LATEST",
      generation: 1,
      invocationCount: 1,
      extensions: [{ name: "ext", state: "Ready" }],
    },
  ]);
  expect(await service.local("environments?functionName=other")).toEqual({ environments: [] });
  expect(JSON.parse((await order("thaw")).text)).toMatchObject({ frozen: false });
  expect(JSON.parse((await order("freeze")).text)).toMatchObject({ frozen: true });
  expect((await order("reset")).status).toBe(200);
  await eventually(() => expect(service.environments()).toMatchObject([{ phase: "empty" }]));
  expect(pidOf((await service.invoke("ordered")).text)).not.toBe(first);
  await eventually(() => expect(service.environments()).toMatchObject([{ state: "idle", generation: 2 }]));
  expect((await order("spin-down")).status).toBe(200);
  await eventually(() => expect(service.environments()).toEqual([]));
  expect((await order("spin-down")).status).toBe(404);
});

test("[SVC-230] [LIFE-80] at the end waiting calls are answered with 500, and nothing is left", async () => {
  const service = await openService();
  await service.create("endless", { bootstrap: "await next(); await forever();", Timeout: 60 });
  const calls = Array.from({ length: 3 }, () => service.invoke("endless"));
  await eventually(() => expect(service.environments().filter(({ state }) => state === "busy")).toHaveLength(3));
  const pids = service.environments().flatMap(({ processIds }) => processIds);
  await service.close();
  const answers = await Promise.all(calls);
  expect(answers.map(({ status, headers }) => [status, headers.get("x-amzn-errortype")])).toEqual(
    answers.map(() => [500, "ServiceException"]),
  );
  expect(pids.length).toBeGreaterThanOrEqual(3);
  expect(pids.filter(isAlive)).toEqual([]);
});
