/** What an extension made with the toolkit does in its life, as real processes see it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { preferredPort } from "../../src/toolkit/listener/preferred-port.ts";
import { eventually, open, records, said, type Setup, writeCode } from "../fixtures/environments.ts";
import { built, exits, extensionFile, newSink, ownLines, shipperName, shipping } from "../fixtures/toolkit/shipping.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Names decide ports, which test files that run beside each other must not share. */
const madeName = `made-${process.pid}.mjs`;
const managedPort = 10_000 + (process.pid % 200);
const fallbackName = `fallback-${process.pid}.mjs`;

const openWith = (body: string, setup: Setup = {}, name = madeName) =>
  open({
    extensionPaths: [extensionFile(name, `const say = (value) => console.log(JSON.stringify(value));\n${body}`)],
    ...setup,
  });

describe("hooks", () => {
  test("are given the function, the events and their real deadlines, and end with status 0 at SHUTDOWN", async () => {
    const environment = await openWith(
      `defineExtension({
        onInit: ({ function: { functionName, handler, accountId }, hasTelemetry }) => say({ functionName, handler, accountId, hasTelemetry }),
        onInvoke: (event, { deadlineMs, signal, remainingMs }) =>
          say({ requestId: event.requestId, same: event.deadlineMs === deadlineMs, left: remainingMs() > 25_000, aborted: signal.aborted }),
        onShutdown: ({ shutdownReason }, { remainingMs }) => say({ shutdownReason, left: remainingMs() <= 2000 && remainingMs() > 0 }),
      });`,
      { functionName: "orders", handler: "a.b", accountId: "000000000042", timeoutMs: 30_000 },
    );
    const { requestId } = await environment.invoke();
    await environment.shutdown();
    expect(said(environment, "extension")).toEqual([
      { functionName: "orders", handler: "a.b", accountId: "000000000042", hasTelemetry: false },
      { requestId, same: true, left: true, aborted: false },
      { shutdownReason: "spindown", left: true },
    ]);
    expect(exits(environment)).toEqual([{ name: madeName, exit: { code: 0, signal: null } }]);
  });

  test("that throw in onInit fail the Init with their message", async () => {
    const environment = await openWith('defineExtension({ onInit() { throw new Error("no key"); } });');
    expect(await environment.init()).toMatchObject({ status: "error", errorType: "Extension.InitError" });
    expect(ownLines(environment)).toContain(`[${madeName}] onInit failed: no key`);
  });

  test("that throw later are told of, and the extension lives on", async () => {
    const environment = await openWith(`let number = 0;
      defineExtension({ onInvoke() { say({ number: (number += 1) }); throw new Error("oh"); }, onProblem: ({ code, message }) => say({ code, message }) });`);
    await environment.invoke();
    await environment.invoke();
    const problem = { code: "hook-failed", message: "onInvoke failed: oh" };
    expect(said(environment, "extension")).toEqual([{ number: 1 }, problem, { number: 2 }, problem]);
  });

  test("that never end do not make the function time out: the signal is aborted, the next event is asked for", async () => {
    const environment = await openWith(
      `defineExtension({
        onInvoke: (_, { signal }) => new Promise(() => signal.addEventListener("abort", () => say({ aborted: signal.reason.code }))),
        onProblem: ({ code }) => say({ code }),
      });`,
      { timeoutMs: 1000 },
    );
    expect(await environment.invoke()).toMatchObject({ status: "success" });
    expect(records(environment, "platform.report")).toMatchObject([{ status: "success" }]);
    await environment.invoke();
    expect(said(environment, "extension")).toEqual(
      expect.arrayContaining([{ code: "hook-overran" }, { aborted: "deadline-passed" }]),
    );
  });
});

describe("what cannot be", () => {
  test("in the definition fails the Init, in words", async () => {
    const environment = await openWith(
      'defineExtension({ deliver: { to: webhook({ url: "http://localhost/" }), strategy: "sometimes" } });',
    );
    expect(await environment.init()).toMatchObject({ status: "error", errorType: "Extension.InitError" });
    const why = 'deliver.strategy cannot be "sometimes": it is end, periodic, continuous, adaptive';
    expect(ownLines(environment)).toContain(`[${madeName}] ${why}`);
  });

  test("in a destination's settings is told of in Init, once; no invocation is held for it, and nothing is dropped", async () => {
    const environment = await openWith(
      `const extension = defineExtension({
      onInit: () => say({ init: true }),
      deliver: { to: webhook({ url: process.env.NOT_SET }), strategy: "end", holdMs: 50_000 },
      onProblem: ({ code, message }) => say({ code, message }),
      onShutdown: () => say(extension.counts[0]),
    });`,
      { timeoutMs: 600_000 },
    );
    await environment.invoke();
    await environment.invoke();
    await environment.shutdown();
    expect(said(environment, "extension")).toEqual([
      { code: "destination-failed", message: "webhook: no address: set url" },
      { init: true },
      expect.objectContaining({ delivered: 0, dropped: 0 }),
    ]);
    expect(ownLines(environment).at(-1)).toMatch(/webhook: of \d+ records 0 delivered, \d+ left in the spool$/);
  });
});

describe("telemetry", () => {
  test("comes typed, in order, and with the report of the last invocation before onShutdown", async () => {
    const environment = await openWith(`const seen = [];
      defineExtension({
        telemetry: { types: ["platform"] },
        onTelemetry: (records) => void seen.push(...records.filter((one) => isRecord(one, "platform.report")).map(({ record }) => record.requestId)),
        onShutdown: () => say({ seen }),
      });`);
    const ids = [(await environment.invoke()).requestId, (await environment.invoke()).requestId];
    await environment.shutdown();
    expect(said(environment, "extension")).toEqual([{ seen: ids }]);
  });

  test("that an extension writes about its own stream comes to an end", async () => {
    const environment = await openWith(`defineExtension({
      telemetry: { types: ["extension"] },
      onInvoke: () => console.log("invoked"),
      onTelemetry: (records) => records.forEach(({ record }) => console.log("heard " + record)),
    });`);
    await environment.invoke();
    await environment.invoke();
    await environment.shutdown();
    expect(ownLines(environment).filter((line) => line === "invoked")).toHaveLength(2);
    expect(ownLines(environment).filter((line) => line.startsWith("heard heard"))).toEqual([]);
  });

  test("of its own lines is delivered where that is wanted, and not otherwise", async () => {
    for (const [keepOwnLines, expected] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const { sink, url } = await newSink();
      const environment = await openWith(`defineExtension({
        telemetry: { types: ["extension"], keepOwnLines: ${keepOwnLines} },
        onInvoke: () => console.log("mine"),
        deliver: { to: webhook({ url: ${JSON.stringify(url)} }), strategy: "continuous" },
      });`);
      await environment.invoke();
      await environment.shutdown();
      const bodies = sink.received.map(({ body }) => body.toString()).join("\n");
      expect(bodies.split('"mine\\n"').length - 1).toBe(expected);
    }
  });

  test.each([
    ["2022-07-01", "telemetry"],
    ["2022-12-13", "telemetry"],
    ["2025-01-29", "telemetry"],
    ["2021-03-18", "logs"],
    ["2020-08-15", "logs"],
  ])("comes in schema version %s, through the %s API", async (schemaVersion, api) => {
    const environment = await openWith(
      `defineExtension({ telemetry: { schemaVersion: "${schemaVersion}" }, onTelemetry: () => undefined });`,
    );
    await environment.invoke();
    expect(environment.subscriptions).toMatchObject([{ schemaVersion, api, extensionName: madeName }]);
  });

  test("comes to the port of the extension's name, also after a reset, where it is already subscribed", async () => {
    const it = await shipping();
    await it.environment.invoke();
    it.environment.reset();
    await it.environment.invoke();
    await it.environment.shutdown();
    expect(it.environment.subscriptions).toMatchObject([
      { destination: expect.stringContaining(`:${preferredPort(shipperName)}`) },
    ]);
    expect(it.lines()).toEqual(["line 1", "line 1"]);
  });

  test("comes to another port, with a warning, when that one is taken", async () => {
    const server = createTcpServer().listen(preferredPort(fallbackName), "0.0.0.0");
    ends.push(() => server.close());
    await once(server, "listening");
    const it = await shipping("", {}, fallbackName);
    await it.environment.invoke();
    await it.environment.shutdown();
    expect(it.lines()).toEqual(["line 1"]);
    expect(ownLines(it.environment).join()).toMatch(/port \d+ is taken .*telemetry comes to port \d+/);
  });

  test("is delivered to a file, and secrets are taken out before anything is written", async () => {
    const path = join(writeCode({}), "records.ndjson");
    const environment = await openWith(
      `defineExtension({ deliver: {
      to: file({ path: ${JSON.stringify(path)} }),
      select: ({ type }) => type === "function",
      transform: (one) => ({ ...one, record: String(one.record).replace(/key=\\S+/, "key=***") }),
    } });`,
      { bootstrap: 'await serve(() => { console.log("key=abc and more"); return "null"; });' },
    );
    await environment.invoke();
    await environment.shutdown();
    const { readFileSync } = await import("node:fs");
    expect(
      readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((text) => JSON.parse(text) as unknown),
    ).toMatchObject([{ type: "function", record: "key=*** and more\n" }]);
  });
});

test("an internal extension follows invocations in the runtime's process, and delivers at SIGTERM", async () => {
  const { sink, url } = await newSink();
  const environment = await open({
    bootstrap: `
      const { defineExtension } = await import(${built("extension")});
      const { webhook } = await import(${built("destinations/webhook")});
      let invoked = 0;
      defineExtension({ name: "inside", kind: "internal", onInvoke: () => void (invoked += 1),
        telemetry: { types: ["function"] }, deliver: { to: webhook({ url: ${JSON.stringify(url)} }), strategy: "continuous", intervalMs: 1e9, spool: false } });
      await new Promise((resume) => setTimeout(resume, 200));
      await serve(() => { console.log("from the function"); return JSON.stringify({ invoked }); });
    `,
  });
  await environment.invoke();
  await environment.thaw();
  await environment.invoke();
  expect(environment.snapshot.extensions).toMatchObject([{ name: "inside", kind: "internal" }]);
  await environment.shutdown();
  const delivered = sink.received.flatMap(({ body }) => JSON.parse(body.toString()) as { record: string }[]);
  expect(delivered.filter(({ record }) => record === "from the function\n")).toHaveLength(2);
});

/** A sandbox API that is none of ours, as emulators have it. */
async function strangeApi(telemetry: (response: ServerResponse) => void, ended = Promise.resolve()) {
  let nexts = 0;
  const registrations: string[] = [];
  const shutDown = (response: ServerResponse) =>
    void response.end(`{"eventType":"SHUTDOWN","deadlineMs":${Date.now() + 2000},"shutdownReason":"spindown"}`);
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      if (request.url?.endsWith("/register")) {
        registrations.push(body);
        response.setHeader("Lambda-Extension-Identifier", "4f6b9c1e-0000-4000-8000-000000000000");
        response.end('{"functionName":"f","functionVersion":"$LATEST","handler":"h"}');
      } else if (request.url?.endsWith("/telemetry")) {
        telemetry(response);
      } else {
        nexts += 1;
        // The first connection is lost, the second gets its event.
        if (nexts === 1) response.socket?.destroy();
        else void ended.then(() => shutDown(response));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => server.close());
  return { endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, registrations };
}

async function run(body: string, variables: Record<string, string>) {
  const child = spawn(process.execPath, [extensionFile("lone.mjs", body)], { env: variables });
  let stderr = "";
  child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, stderr };
}

const deliversToFile =
  'defineExtension({ telemetry: { port: 0 }, deliver: { to: file({ path: "/dev/null" }), spool: false } });';

describe("elsewhere", () => {
  test.each([
    [
      "answers 202",
      (response: ServerResponse) => void response.writeHead(202).end('{"errorType":"Telemetry.NotSupported"}'),
    ],
    ["has no such path", (response: ServerResponse) => void response.writeHead(404).end("404 page not found\n")],
    [
      "refuses it",
      (response: ServerResponse) => void response.writeHead(403).end('{"errorType":"X","errorMessage":"no"}'),
    ],
  ])(
    "goes on without telemetry where the platform %s, and takes a lost connection for nothing",
    async (_, telemetry) => {
      const { code, stderr } = await run(deliversToFile, {
        AWS_LAMBDA_RUNTIME_API: (await strangeApi(telemetry)).endpoint,
      });
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^\[lone\.mjs\] (this platform has no Telemetry API|the subscription was refused with status 403: X: no)/,
      );
    },
  );

  test("asks managed instances for SHUTDOWN alone, and delivers there by the interval", async () => {
    const { sink, url } = await newSink();
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const { endpoint, registrations } = await strangeApi((response) => void response.end('"OK"'), ended);
    const body = `defineExtension({ telemetry: { port: ${managedPort} }, deliver: { to: webhook({ url: "${url}" }), spool: false } });`;
    const running = run(body, {
      AWS_LAMBDA_RUNTIME_API: endpoint,
      AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances",
    });
    await eventually(async () => {
      const records = '[{"time":"2026-04-11T06:20:00.540Z","type":"function","record":"x"}]';
      await fetch(`http://127.0.0.1:${managedPort}/`, { method: "POST", body: records });
      expect(sink.received.length).toBeGreaterThan(0);
    });
    end();
    expect(await running).toEqual({ code: 0, stderr: "" });
    expect(registrations[0]).toBe('{"events":["SHUTDOWN"]}');
  });

  test("fails where telemetry is required", async () => {
    const { endpoint } = await strangeApi((response) => void response.writeHead(404).end());
    const { code, stderr } = await run("defineExtension({ telemetry: { required: true, port: 0 } });", {
      AWS_LAMBDA_RUNTIME_API: endpoint,
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "[lone.mjs] this platform has no Telemetry API: nothing will be received\n",
    });
  });

  test("says how an extension is started when it is not", async () => {
    const { code, stderr } = await run("defineExtension({});", {});
    expect(code).toBe(1);
    expect(stderr).toMatch(/AWS_LAMBDA_RUNTIME_API is not set.*lambdarium invoke/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("says who refused a registration", async () => {
    const environment = await openWith('defineExtension({ name: "another" });', { initLimitMs: 1000 });
    void environment.init();
    await eventually(() =>
      expect(ownLines(environment).join()).toContain("[another] the registration of another was refused"),
    );
  });
});
