/** The service with the sandbox that isolates: what environments share and lose, and what a service that is killed leaves. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { eventually } from "../fixtures/environment-readings.ts";
import { obstacle, whySkipped } from "../fixtures/linux-environments.ts";
import { role, zip } from "../fixtures/service.ts";
import { endServices, type ServiceProcess, startServiceOn } from "../fixtures/service-process.ts";
import { processesOf } from "../fixtures/traces.ts";

const room = realpathSync(mkdtempSync(join(tmpdir(), "lambdarium-service-linux-")));
const temporary = join(room, "tmp");
mkdirSync(temporary);
afterEach(endServices);
afterAll(() => rmSync(room, { recursive: true, force: true }));

const newDirectory = (): string => mkdtempSync(join(room, "data-"));
const start = (directory = newDirectory()): Promise<ServiceProcess> =>
  startServiceOn(directory, { sandbox: "linux", variables: { TMPDIR: temporary } });

async function call(service: ServiceProcess, route: string, body?: unknown): Promise<string> {
  const [method = "", path = ""] = route.split(" ");
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return (await fetch(service.endpoint + path, { method, ...sent })).text();
}

/** Does what the event says, and tells what it finds. */
const handler = `
  import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
  let count = 0;
  export const handler = async ({ write, crash, hang, waitMs = 0 }) => {
    count += 1;
    if (write !== undefined) writeFileSync("/tmp/" + write, write);
    if (crash) process.exit(1);
    if (hang) await new Promise(() => setInterval(() => {}, 1000));
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const { OWN, AWS_LAMBDA_RUNTIME_API, AWS_LAMBDA_LOG_STREAM_NAME } = process.env;
    return { count, files: readdirSync("/tmp").sort(), OWN, api: AWS_LAMBDA_RUNTIME_API, stream: AWS_LAMBDA_LOG_STREAM_NAME };
  };`;

const create = async (service: ServiceProcess, name: string, rest: object = {}): Promise<string> =>
  call(service, "POST /2015-03-31/functions", {
    FunctionName: name,
    Role: role,
    Runtime: "nodejs20.x",
    Handler: "index.handler",
    MemorySize: 1769,
    Timeout: 30,
    Code: { ZipFile: await zip({ "index.mjs": handler }) },
    ...rest,
  });

interface Found {
  readonly count: number;
  readonly files: readonly string[];
  readonly OWN?: string;
  readonly stream: string;
  readonly errorType?: string;
}

const invoke = async (service: ServiceProcess, name: string, event: object = {}): Promise<Found> =>
  JSON.parse(await call(service, `POST /2015-03-31/functions/${name}/invocations`, event)) as Found;

interface Shown {
  readonly id: string;
  readonly functionName: string;
  readonly generation: number;
  readonly state: string;
  readonly processIds: readonly number[];
}

const environments = async (service: ServiceProcess): Promise<readonly Shown[]> =>
  (JSON.parse(await call(service, "GET /_local/environments")) as { environments: Shown[] }).environments;

const idle = (service: ServiceProcess): Promise<void> =>
  eventually(async () => expect((await environments(service)).map(({ state }) => state)).toEqual(["idle"]));

describe.skipIf(obstacle)(`functions of the service, isolated${whySkipped}`, () => {
  test.each([
    ["a crash", { crash: true }, "Runtime.ExitError"],
    ["a timeout", { hang: true }, "Sandbox.Timedout"],
  ])(
    "[SVC-228] %s loses the globals and keeps the files in /tmp for the next call there",
    async (_, event, errorType) => {
      const service = await start();
      await create(service, "keeps", { Timeout: 3 });
      expect(await invoke(service, "keeps", { write: "first" })).toMatchObject({ count: 1, files: ["first"] });
      expect(await invoke(service, "keeps", { write: "second", ...event })).toMatchObject({ errorType });
      await idle(service);
      expect(await invoke(service, "keeps")).toMatchObject({ count: 1, files: ["first", "second"] });
      await service.end("SIGTERM");
    },
  );

  test.each([
    [
      "an update of the configuration",
      (service: ServiceProcess) =>
        call(service, "PUT /2015-03-31/functions/ends/configuration", { Description: "new" }),
    ],
    [
      "an update of the code",
      async (service: ServiceProcess) =>
        call(service, "PUT /2015-03-31/functions/ends/code", { ZipFile: await zip({ "index.mjs": handler, x: "1" }) }),
    ],
    ["a shutdown", (service: ServiceProcess) => call(service, "POST /_local/environments/1/spin-down")],
  ])(
    "[SVC-228] [LIFE-76] %s ends the environment: neither its memory nor its /tmp is seen again",
    async (_, change) => {
      const service = await start();
      await create(service, "ends");
      const before = await invoke(service, "ends", { write: "file" });
      await idle(service);
      const [old] = await environments(service);
      await change(service);
      const after = await invoke(service, "ends");
      expect(after).toMatchObject({ count: 1, files: [] });
      expect(after.stream).not.toBe(before.stream);
      await eventually(async () =>
        expect((await environments(service)).map(({ id, generation }) => [id === old?.id, generation])).toEqual([
          [false, old?.generation],
        ]),
      );
      await service.end("SIGTERM");
    },
  );

  test("[SVC-229] two environments, of one function or of two, share neither /tmp nor variables nor the Runtime API", async () => {
    const service = await start();
    await create(service, "one", { Environment: { Variables: { OWN: "of one" } } });
    await create(service, "two", { Environment: { Variables: { OTHER: "of two" } } });
    const calls = [
      ["one", "a"],
      ["one", "b"],
      ["two", "c"],
    ] as const;
    const found = await Promise.all(calls.map(([name, write]) => invoke(service, name, { write, waitMs: 2000 })));
    expect(found.map(({ files, count, OWN }) => ({ files, count, OWN }))).toEqual([
      { files: ["a"], count: 1, OWN: "of one" },
      { files: ["b"], count: 1, OWN: "of one" },
      { files: ["c"], count: 1, OWN: undefined },
    ]);
    expect(new Set(found.map(({ stream }) => stream)).size).toBe(3);
    await service.end("SIGTERM");
  });
});

/** Whatever on this machine is named after the sandboxes of a process: directories, control groups, mounts. */
function tracesOf({ pid }: ServiceProcess): readonly string[] {
  const mark = new RegExp(`/\\d+-${pid}-\\d+(?:/|$)`, "u");
  const places = ["/var/tmp", "/sys/fs/cgroup", temporary];
  const found = execFileSync("find", [...places, "-maxdepth", "7", "-type", "d"], {
    encoding: "utf8",
    // What vanishes while it is looked for is no error here.
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 1 << 26,
  });
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  return `${found}\n${mounts}`.split("\n").filter((line) => mark.test(line));
}

/** The shells that clear after a service when it is gone. */
const guardiansOf = ({ pid }: ServiceProcess): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((candidate) => {
      const line = commandLineOf(candidate);
      return line.includes("lambdarium-sandbox-guardian") && new RegExp(`/\\d+-${pid}-\\d+\\0`, "u").test(line);
    });

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** A service with an environment that is idle and one that is at work. */
async function busyService(directory: string): Promise<{ service: ServiceProcess; pids: readonly number[] }> {
  const service = await start(directory);
  await create(service, "kept");
  await Promise.all([invoke(service, "kept", { waitMs: 500 }), invoke(service, "kept", { waitMs: 500 })]);
  invoke(service, "kept", { hang: true }).catch(() => undefined);
  await eventually(async () =>
    expect((await environments(service)).map(({ state }) => state).toSorted()).toEqual(["busy", "idle"]),
  );
  return { service, pids: (await environments(service)).flatMap(({ processIds }) => processIds) };
}

const alive = (pids: readonly number[]): readonly number[] =>
  pids.filter((pid) => readdirSync("/proc").includes(String(pid)));

describe.skipIf(obstacle)(`a service that is killed${whySkipped}`, () => {
  test("leaves no process, directory, control group or mount", async () => {
    const { service, pids } = await busyService(newDirectory());
    expect([tracesOf(service).length > 0, pids.length]).toEqual([true, 2]);
    await service.end("SIGKILL");
    await eventually(() => expect([alive(pids), tracesOf(service)]).toEqual([[], []]));
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("is cleared after by the next start when nobody else was left to do it", async () => {
    const directory = newDirectory();
    const { service, pids } = await busyService(directory);
    const guardians = guardiansOf(service);
    expect(guardians).toHaveLength(1);
    for (const pid of guardians) process.kill(pid, "SIGKILL");
    await service.end("SIGKILL");
    expect(tracesOf(service).length).toBeGreaterThan(0);
    const next = await start(directory);
    expect((await invoke(next, "kept")).count).toBe(1);
    await eventually(() => expect([alive(pids), tracesOf(service)]).toEqual([[], []]));
    await next.end("SIGTERM");
    await eventually(() => expect([tracesOf(next), processesOf(next.endpoint)]).toEqual([[], []]));
  });
});
