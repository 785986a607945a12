/** SnapStart and provisioned environments, with real processes that are kept frozen in place of a snapshot. */
import { expect, test } from "vitest";
import { eventually, open, pidOf, records, said } from "../fixtures/environments.ts";
import { echo, follower } from "../fixtures/programs.ts";

const snapStart = { initializationType: "snap-start" } as const;
const restoreNext = 'await call("GET", "/2018-06-01/runtime/restore/next")';
const restoreError = (type: string): string =>
  `await call("POST", "/2018-06-01/runtime/restore/error", { body: "{}", headers: { "Lambda-Runtime-Function-Error-Type": ${JSON.stringify(type)} } })`;

test("[RT-84, RT-85, LIFE-120, LIFE-129] keeps a runtime in restore/next until an invocation comes, then lets it go on", async () => {
  const environment = await open({
    ...snapStart,
    bootstrap: `
      const { status, body } = ${restoreNext};
      say({ status, body });
      ${echo}
    `,
  });
  expect(await environment.init()).toEqual({ status: "success" });
  expect(environment.snapshot.phase).toBe("snapshotted");
  expect(said(environment, "function")).toEqual([]);
  expect((await environment.invoke("event")).payload).toBe("event");
  expect(said(environment, "function")).toEqual([{ status: 200, body: "" }]);
  expect(environment.snapshot.phases.map(({ phase }) => phase)).toEqual(["init", "restore", "invoke"]);
  expect(environment.notices.map(({ text }) => text).join("\n")).toContain("snapshot: emulated");
});

test("[RT-86] takes a runtime that never asks for restore/next as it is", async () => {
  const environment = await open(snapStart);
  await environment.init();
  expect(environment.snapshot.phase).toBe("snapshotted");
  expect((await environment.invoke("event")).payload).toBe("event");
});

test("[LIFE-122, OBS-15] shows the restore in log and REPORT of the first invocation, and no Init Duration", async () => {
  const environment = await open({ ...snapStart, bootstrap: `${restoreNext}; ${echo}` });
  const first = await environment.invoke();
  expect(first).not.toHaveProperty("initDurationMs");
  expect(first.logTail).toMatch(/^RESTORE_START Runtime Version: \S+\tRuntime Version ARN: \S+$/m);
  expect(first.logTail).toMatch(/^RESTORE_REPORT Restore Duration: \d+\.\d\d ms$/m);
  expect(first.logTail).toMatch(/\tRestore Duration: \d+\.\d\d ms\tBilled Restore Duration: \d+ ms\t\n$/);
  expect((await environment.invoke()).logTail).not.toContain("Restore Duration");
});

test("[LIFE-124] takes extensions through the snapshot with the ids they have", async () => {
  const environment = await open({
    ...snapStart,
    bootstrap: `${restoreNext}; ${echo}`,
    extensions: {
      remembering: `
        const { id } = await register(["INVOKE"]);
        for (;;) {
          const { status, eventType } = await event(id);
          say({ status, eventType });
        }
      `,
    },
  });
  await environment.init();
  await environment.invoke();
  expect(said(environment, "extension")).toEqual([{ status: 200, eventType: "INVOKE" }]);
});

test.each([
  { how: "posts restore/error", after: `say({ status: (${restoreError("Runtime.Sorry")}).status }); await forever();` },
  { how: "posts init/error", after: 'say({ status: (await initError("{}")).status }); await forever();' },
])(
  "[RT-87, RT-88, RT-90] fails the invocation and ends the environment when a restored runtime $how",
  async ({ after }) => {
    // With an extension the runtime has some time left, in which it can tell what it was answered.
    const bootstrap = `process.on("SIGTERM", () => {}); ${restoreNext}; ${after}`;
    const environment = await open({ ...snapStart, bootstrap, extensions: { follower } });
    await environment.init();
    await expect(environment.invoke()).rejects.toMatchObject({
      code: "service-exception",
      message: expect.stringContaining("SnapStartException"),
    });
    await environment.shutdown();
    expect(said(environment, "function")).toEqual([{ status: 202 }]);
    expect(environment.snapshot.phase).toBe("gone");
  },
);

test("[RT-88] fails the invocation when a restored runtime ends", async () => {
  const environment = await open({ ...snapStart, bootstrap: `${restoreNext}; process.exit(65);` });
  await expect(environment.invoke()).rejects.toMatchObject({ message: expect.stringContaining("SnapStartException") });
});

test.each(["runtime", "follower"])(
  "[RT-88] fails the invocation when the %s was killed in the snapshot",
  async (who) => {
    const environment = await open({ ...snapStart, bootstrap: `${restoreNext}; ${echo}`, extensions: { follower } });
    await environment.init();
    process.kill(pidOf(environment, who), "SIGKILL");
    await eventually(() => expect(environment.snapshot.processes.map(({ name }) => name)).not.toContain(who));
    await expect(environment.invoke()).rejects.toMatchObject({
      message: expect.stringContaining("SnapStartException"),
    });
  },
);

test("[RT-87] refuses restore/error before and after the restore", async () => {
  const environment = await open({
    ...snapStart,
    bootstrap: `
      const early = ${restoreError("Runtime.Early")};
      ${restoreNext};
      await serve(async () => JSON.stringify([early.status, (${restoreError("Runtime.Late")}).status]));
    `,
  });
  expect((await environment.invoke()).payload).toEqual([403, 403]);
});

test("[RT-83] does not know the restore routes in other environments", async () => {
  const environment = await open({
    bootstrap: `const asked = [${restoreNext}, ${restoreError("Runtime.No")}]; await serve(() => JSON.stringify(asked.map(({ status, body }) => ({ status, body }))));`,
  });
  const unknown = { status: 404, body: "404 page not found\n" };
  expect((await environment.invoke()).payload).toEqual([unknown, unknown]);
});

test("[RT-91] serves credentials to a SnapStart function by its container address, with its token only", async () => {
  const environment = await open({
    ...snapStart,
    credentials: { accessKeyId: "AKIA1", secretAccessKey: "secret", sessionToken: "token" },
    bootstrap: `
      const { AWS_CONTAINER_CREDENTIALS_FULL_URI: address, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = process.env;
      const ask = async (Authorization) => {
        const answer = await call("GET", new URL(address).pathname, { headers: { Authorization } });
        return { status: answer.status, body: answer.body };
      };
      const told = { own: await ask(token), other: await ask("wrong"), keys: process.env.AWS_ACCESS_KEY_ID };
      await serve(() => JSON.stringify(told));
    `,
  });
  const { payload } = await environment.invoke();
  const { own, other, keys } = payload as Record<string, { status: number; body: string }>;
  const { Expiration, ...rest } = JSON.parse(own!.body) as Record<string, string>;
  expect(own!.status).toBe(200);
  expect(rest).toEqual({ AccessKeyId: "AKIA1", SecretAccessKey: "secret", Token: "token" });
  expect(Date.parse(Expiration!)).toBeGreaterThan(Date.now());
  expect(other!.status).toBe(404);
  expect(keys).toBeUndefined();
});

test.each([
  { initializationType: "on-demand", timeoutMs: 3000, limitMs: 10_000 },
  { initializationType: "on-demand", timeoutMs: 900_000, limitMs: 10_000 },
  { initializationType: "provisioned-concurrency", timeoutMs: 3000, limitMs: 130_000 },
  { initializationType: "provisioned-concurrency", timeoutMs: 200_000, limitMs: 200_000 },
  { initializationType: "snap-start", timeoutMs: 3000, limitMs: 130_000 },
  { initializationType: "snap-start", timeoutMs: 900_000, limitMs: 900_000 },
] as const)(
  "[LIFE-17, LIFE-18, LIFE-20] gives Init $limitMs ms in an environment of type $initializationType with a timeout of $timeoutMs ms",
  async ({ initializationType, timeoutMs, limitMs }) => {
    const environment = await open({ initializationType, timeoutMs });
    await environment.init();
    const [requested] = environment.history;
    const timers = requested!.effects.filter(({ effect }) => effect === "set timer");
    expect(timers).toEqual([{ effect: "set timer", timer: "init limit", at: requested!.at + limitMs }]);
  },
);

test("[LIFE-110, ENV-34] tells processes and records the initialization type", async () => {
  const environment = await open({
    initializationType: "provisioned-concurrency",
    bootstrap: "await serve(() => JSON.stringify(process.env.AWS_LAMBDA_INITIALIZATION_TYPE));",
    extensions: { teller: `say({ type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE }); ${follower}` },
  });
  expect((await environment.invoke()).payload).toBe("provisioned-concurrency");
  expect(said(environment, "extension")).toEqual([{ type: "provisioned-concurrency" }]);
  expect(records(environment, "platform.initStart")).toMatchObject([{ initializationType: "provisioned-concurrency" }]);
});
