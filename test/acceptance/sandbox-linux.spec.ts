/** An environment in the sandbox that isolates: what the process sandbox cannot give, seen from handlers and extensions. */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { events, eventually, pidOf, records, said } from "../fixtures/environment-readings.ts";
import { cpuTicksOf, obstacle, openLinux, tracesOfSandboxes, whySkipped } from "../fixtures/linux-environments.ts";
import { isAlive } from "../fixtures/traces.ts";

const follower = 'await follow((await register(["INVOKE", "SHUTDOWN"])).id);';

describe.skipIf(obstacle)(`files${whySkipped}`, () => {
  test("[ENV-01, ENV-02, ENV-03, ENV-04] the code is in /var/task, and only /tmp can be written", async () => {
    const environment = await openLinux({
      module: `
        import { writeFileSync } from "node:fs";
        const attempt = (file) => { try { writeFileSync(file, "x"); return "written"; } catch ({ code }) { return code; } };
        export const handler = async () => ({
          directory: process.cwd(), root: process.env.LAMBDA_TASK_ROOT, module: import.meta.url,
          tries: ["/var/task/new", "/var/task/index.mjs", "/opt/new", "/etc/new", "/var/runtime/new", "/tmp/new"].map(attempt),
        });`,
    });
    expect((await environment.invoke()).payload).toEqual({
      directory: "/var/task",
      root: "/var/task",
      module: "file:///var/task/index.mjs",
      tries: ["EROFS", "EROFS", "EROFS", "EROFS", "EROFS", "written"],
    });
  });

  test("[ENV-15] /tmp keeps what is written from one invocation to the next, and over a reset", async () => {
    const environment = await openLinux({
      module: `
        import { appendFileSync, readFileSync } from "node:fs";
        export const handler = async ({ exit }) => {
          if (exit) process.exit(3);
          appendFileSync("/tmp/log", "x");
          return readFileSync("/tmp/log", "utf8");
        };`,
    });
    expect((await environment.invoke({})).payload).toBe("x");
    expect((await environment.invoke({})).payload).toBe("xx");
    expect((await environment.invoke({ exit: true })).payload).toMatchObject({ errorType: "Runtime.ExitError" });
    expect((await environment.invoke({})).payload).toBe("xxx");
  });
});

describe.skipIf(obstacle)(`an extension given as one file${whySkipped}`, () => {
  test("has no file beside it, and when it fails the developer learns what to do", async () => {
    const environment = await openLinux({ extensions: { lonely: 'require("./neighbour.cjs");' } });
    await environment.init();
    const noted = environment.notices.map(({ text }) => text).filter((text) => text.includes("lonely"));
    expect(noted).toEqual([expect.stringMatching(/exits with status 70\. It was given as one file: .*--layer/u)]);
  });
});

describe.skipIf(obstacle)(`network${whySkipped}`, () => {
  const listener = `
    const http = require("node:http");
    const got = [];
    await new Promise((resolve) => http.createServer((request, response) => {
      let text = "";
      request.on("data", (piece) => (text += piece)).on("end", () => { got.push(...JSON.parse(text)); response.end(); });
    }).listen(4243, "sandbox.localdomain", resolve));
    const { id } = await register(["INVOKE", "SHUTDOWN"]);
    await call("PUT", "/2022-07-01/telemetry", {
      headers: { "Lambda-Extension-Identifier": id },
      body: JSON.stringify({
        schemaVersion: "2022-12-13", types: ["platform", "function"],
        destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:4243" },
        buffering: { timeoutMs: 25, maxItems: 1000, maxBytes: 262144 },
      }),
    });
    await follow(id, async ({ eventType }) => {
      if (eventType === "SHUTDOWN") say({ types: got.map(({ type }) => type) });
    });`;

  test("[TEL-25, ENV-94, ENV-97] telemetry reaches listeners on sandbox.localdomain, of two environments on one port", async () => {
    const handler = 'export const handler = async () => { console.log("seen"); };';
    const environments = await Promise.all([1, 2].map(() => openLinux({ module: handler, extensions: { listener } })));
    await Promise.all(environments.map((environment) => environment.invoke()));
    await Promise.all(environments.map((environment) => environment.invoke()));
    await Promise.all(environments.map((environment) => environment.shutdown()));
    for (const environment of environments) {
      expect(environment.subscriptions).toMatchObject([{ dropped: { events: 0 }, queued: { events: 0 } }]);
      expect(said(environment, "extension")).toEqual([
        { types: expect.arrayContaining(["platform.start", "function", "platform.report"]) as string[] },
      ]);
    }
  });

  test("[ENV-98] the Runtime API has port 9001, so no listener gets it, and telemetry to it is refused", async () => {
    const environment = await openLinux({
      extensions: {
        taker: `
          const code = await new Promise((resolve) => require("node:net").createServer()
            .once("error", ({ code }) => resolve(code)).listen(9001, "sandbox.localdomain", () => resolve("listens")));
          const { id } = await register(["INVOKE"]);
          const { status } = await call("PUT", "/2022-07-01/telemetry", {
            headers: { "Lambda-Extension-Identifier": id },
            body: JSON.stringify({
              schemaVersion: "2022-12-13", types: ["platform"],
              destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:9001" },
            }),
          });
          say({ api: process.env.AWS_LAMBDA_RUNTIME_API, code, status });
          await follow(id);`,
      },
    });
    await environment.invoke();
    expect(said(environment, "extension")).toEqual([{ api: "127.0.0.1:9001", code: "EADDRINUSE", status: 400 }]);
  });

  test("[OBS-78, OBS-79, OBS-84] the X-Ray daemon is on port 2000 of two environments at once, by UDP and TCP", async () => {
    const module = `
      import { createSocket } from "node:dgram";
      const socket = createSocket("udp4");
      export const handler = async () => {
        const { AWS_XRAY_DAEMON_ADDRESS: address, _X_AMZN_TRACE_ID: header } = process.env;
        const [, root, parent] = /Root=([^;]*);Parent=([^;]*)/.exec(header);
        const at = Date.now() / 1000;
        const document = { id: parent.replace(/./g, "a"), name: "own", type: "subsegment", trace_id: root, parent_id: parent,
          start_time: at, end_time: at, metadata: { text: "x".repeat(60000) } };
        const text = '{"format":"json","version":1}\\n' + JSON.stringify(document);
        await new Promise((sent) => socket.send(text, 2000, "127.0.0.1", sent));
        return { address, rules: (await fetch("http://" + address + "/GetSamplingRules", { method: "POST" })).status };
      };`;
    const environments = await Promise.all([1, 2].map(() => openLinux({ module, tracing: "Active" })));
    for (const environment of environments) {
      expect((await environment.invoke()).payload).toEqual({ address: "127.0.0.1:2000", rules: 200 });
      const [trace, ...more] = environment.traces;
      expect(more).toEqual([]);
      expect(trace?.find("Invocation")?.children.map(({ name }) => name)).toEqual(["own"]);
    }
  });

  test("[ENV-99] the machine's own servers are out of reach", async () => {
    const { createServer } = await import("node:http");
    const server = createServer((_, response) => response.end("secret"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const environment = await openLinux({
      module: `export const handler = async ({ port }) =>
        fetch("http://127.0.0.1:" + port).then((answer) => answer.text(), (error) => error.cause?.code);`,
    });
    const { payload } = await environment.invoke({ port });
    server.close();
    expect(payload).toBe("ECONNREFUSED");
  });
});

describe.skipIf(obstacle)(`freezing${whySkipped}`, () => {
  test("[LIFE-95, LIFE-96] a program that never rests takes no CPU time between invocations, and goes on with the next", async () => {
    const environment = await openLinux({
      files: { "spin.mjs": "for (;;);" },
      module: `
        import { Worker } from "node:worker_threads";
        new Worker("/var/task/spin.mjs");
        export const handler = async () => new Promise((resolve) => setTimeout(resolve, 100));`,
      extensions: {
        spinner: `require("node:child_process").spawn(process.execPath, ["/var/task/spin.mjs"]);${follower}`,
      },
    });
    await environment.invoke();
    const pids = ["runtime", "spinner"].map((name) => pidOf(environment, name));
    const ticks = () => cpuTicksOf(pids);
    // The freezer has the order at once; a program in the middle of a step finishes it.
    await eventually(async () => {
      const before = ticks();
      await pause(50);
      expect(ticks()).toBe(before);
    });
    const frozen = ticks();
    await pause(500);
    expect(ticks()).toBe(frozen);
    await environment.invoke();
    expect(ticks()).toBeGreaterThan(frozen);
  });
});

describe.skipIf(obstacle)(`memory${whySkipped}`, () => {
  const grow = `
    const kept = [];
    const grow = (mb) => { for (let n = 0; n < mb; n++) kept.push(Buffer.alloc(1048576, 1)); };`;

  test("[LIFE-66, RT-105, ENV-79] a function that needs more than its 128 MB ends with Runtime.OutOfMemory, and the next invocation begins anew", async () => {
    const environment = await openLinux({
      memorySizeMb: 128,
      module: `${grow} export const handler = async ({ mb }) => { grow(mb); return "had enough"; };`,
    });
    const result = await environment.invoke({ mb: 400 });
    expect(result).toMatchObject({
      functionError: "Unhandled",
      status: "error",
      errorType: "Runtime.OutOfMemory",
      maxMemoryUsedMb: 128,
      payload: {
        errorType: "Runtime.OutOfMemory",
        errorMessage: `RequestId: ${result.requestId} Error: Runtime exited with error: signal: killed`,
      },
    });
    expect(result.logTail).toContain("Max Memory Used: 128 MB");
    expect((await environment.invoke({ mb: 1 })).payload).toBe("had enough");
    expect(environment.snapshot.generation).toBe(2);
  });

  test("[ENV-80] an extension that is killed for memory has crashed", async () => {
    const environment = await openLinux({
      memorySizeMb: 256,
      extensions: { eater: `${grow} await follow((await register(["INVOKE"])).id, async () => grow(600));` },
      module: "export const handler = async () => new Promise((resolve) => setTimeout(resolve, 20000));",
    });
    const result = await environment.invoke();
    expect(result).toMatchObject({ status: "error", errorType: "Extension.Crash" });
    expect(result.payload).toMatchObject({
      errorType: "Extension.Crash",
      errorMessage: expect.stringContaining("signal: killed") as string,
    });
  });

  test("[ENV-81] a child that is killed for memory is the function's own affair", async () => {
    const environment = await openLinux({
      memorySizeMb: 256,
      module: `
        import { spawnSync } from "node:child_process";
        export const handler = async () =>
          spawnSync(process.execPath, ["-e", ${JSON.stringify(`${grow} grow(600)`)}]).signal;`,
    });
    expect(await environment.invoke()).toMatchObject({ status: "success", payload: "SIGKILL" });
    expect(await environment.invoke()).toMatchObject({ status: "success", payload: "SIGKILL" });
  });

  test("[ENV-82] Max Memory Used counts extensions too, and does not fall", async () => {
    const environment = await openLinux({
      memorySizeMb: 512,
      extensions: { holder: `${grow} grow(150); ${follower}` },
      module: `${grow} export const handler = async () => { grow(100); kept.length = 0; };`,
    });
    const first = await environment.invoke();
    const second = await environment.invoke();
    expect(first.maxMemoryUsedMb).toBeGreaterThan(250);
    expect(first.maxMemoryUsedMb).toBeLessThan(512);
    expect(second.maxMemoryUsedMb).toBeGreaterThanOrEqual(first.maxMemoryUsedMb);
  });
});

describe.skipIf(obstacle)(`CPU${whySkipped}`, () => {
  // What of the time a busy loop gets, told by itself.
  const busy = `
    export const handler = async () => {
      const from = { cpu: process.cpuUsage(), at: process.hrtime.bigint() };
      while (process.hrtime.bigint() - from.at < 1_000_000_000n);
      const { user, system } = process.cpuUsage(from.cpu);
      return (user + system) / (Number(process.hrtime.bigint() - from.at) / 1000);
    };`;

  test("[ENV-84, ENV-85] a busy function of 128 MB gets a small part of a CPU, one of 1,769 MB many times as much", async () => {
    const small = await openLinux({ memorySizeMb: 128, module: busy });
    const large = await openLinux({ memorySizeMb: 1769, module: busy });
    const little = (await small.invoke()).payload as number;
    expect(little).toBeLessThan((128 / 1769) * 1.5);
    // It gets no more than this machine has to spare.
    await eventually(async () => expect((await large.invoke()).payload).toBeGreaterThan(little * 3));
  });

  test("[ENV-87] a busy extension takes its part of the function's CPU time", async () => {
    const spin = "const until = Date.now() + 1500; while (Date.now() < until);";
    const alone = await openLinux({ memorySizeMb: 512, module: busy });
    const beside = await openLinux({
      memorySizeMb: 512,
      module: busy,
      extensions: { spinner: `await follow((await register(["INVOKE"])).id, async () => { ${spin} });` },
    });
    const share = (await alone.invoke()).payload as number;
    expect((await beside.invoke()).payload).toBeLessThan(share * 0.8);
  });

  test("[ENV-89] Init has the share of the memory size, or two CPUs when asked; then it is the share again", async () => {
    const handler = `
      const from = process.cpuUsage();
      const until = process.hrtime.bigint() + 800_000_000n;
      while (process.hrtime.bigint() < until);
      const { user, system } = process.cpuUsage(from);
      const init = (user + system) / 800_000;
      ${busy.replace("return (", "return { init, then: (").replace(/;\s*\};$/u, " }; };")}`;
    const shares = async (initCpu: "boost" | "proportional") =>
      (await (await openLinux({ memorySizeMb: 256, module: handler, initCpu })).invoke()).payload as Record<
        "init" | "then",
        number
      >;
    const proportional = await shares("proportional");
    expect(proportional.init).toBeLessThan((256 / 1769) * 1.5);
    await eventually(async () => {
      const boost = await shares("boost");
      expect(boost.init).toBeGreaterThan(proportional.init * 2);
      expect(boost.then).toBeLessThan((256 / 1769) * 1.5);
    });
  });
});

describe.skipIf(obstacle)(`the end${whySkipped}`, () => {
  test("[LIFE-46, LIFE-73] a timeout ends all programs, and the next invocation begins anew", async () => {
    const environment = await openLinux({
      timeoutMs: 1000,
      module: "export const handler = async ({ hang }) => { while (hang); return process.pid; };",
      extensions: { follower },
    });
    const before = (await environment.invoke({})).payload;
    const pids = environment.snapshot.processes.map(({ pid }) => pid);
    expect(await environment.invoke({ hang: true })).toMatchObject({
      status: "timeout",
      payload: { errorType: "Sandbox.Timedout" },
    });
    expect(pids.filter(isAlive)).toEqual([]);
    const after = await environment.invoke({});
    expect(after).toMatchObject({ status: "success" });
    expect(before).toEqual(expect.any(Number));
    expect(records(environment, "platform.initStart")).toMatchObject([{ phase: "init" }, { phase: "invoke" }]);
  });

  test("an environment that is ended in the moment in which it would be frozen ends all the same", async () => {
    for (let round = 0; round < 3; round++) {
      const environment = await openLinux();
      await environment.invoke();
      await environment.kill();
      expect(environment.snapshot.phase).toBe("gone");
    }
  });

  test("[LIFE-74] Shutdown is told to extensions, and nothing is left: processes, directories, control groups", async () => {
    const environment = await openLinux({
      extensions: {
        follower: `require("node:child_process").spawn("sleep", ["1000"], { detached: true });${follower}`,
      },
    });
    await environment.invoke();
    const pids = environment.snapshot.processes.map(({ pid }) => pid);
    expect(tracesOfSandboxes()).not.toEqual([]);
    await environment.shutdown();
    expect(environment.snapshot.extensions).toMatchObject([{ state: "Exited", exit: { code: 0, signal: null } }]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(tracesOfSandboxes()).toEqual([]);
    expect(events(environment, "platform.report")).toHaveLength(1);
  });
});
