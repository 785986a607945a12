/** Between phases nothing of the environment runs; what it left behind goes on with the next invocation. */
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually, newGate, open, openGate, pidOf, said } from "../fixtures/environments.ts";
import { echo, follower } from "../fixtures/programs.ts";
import { stateOf } from "../fixtures/traces.ts";

const stopped = "T";

test("[LIFE-96] stops all processes when Init is over, and again after each invocation", async () => {
  const environment = await open({ extensions: { follower } });
  const states = () => ["runtime", "follower"].map((name) => stateOf(pidOf(environment, name)));
  await environment.init();
  await eventually(() => expect(states()).toEqual([stopped, stopped]));
  await environment.invoke();
  await eventually(() => expect(states()).toEqual([stopped, stopped]));
});

test("[LIFE-95, LIFE-98, LIFE-99] lets nothing run in a pause while both clocks go on, and timers fire after it", async () => {
  const environment = await open({
    bootstrap: `
      let ticks = 0;
      const gaps = { wall: 0, monotonic: 0 };
      let last = { wall: Date.now(), monotonic: performance.now() };
      setInterval(() => {
        ticks++;
        const now = { wall: Date.now(), monotonic: performance.now() };
        for (const clock of ["wall", "monotonic"]) gaps[clock] = Math.max(gaps[clock], now[clock] - last[clock]);
        last = now;
      }, 10);
      let due = false;
      let timer;
      await serve(async () => {
        timer ??= setTimeout(() => (due = true), 900);
        const at = ticks;
        while (ticks < at + 2) await new Promise((resolve) => setTimeout(resolve, 5));
        return JSON.stringify({ due, ...gaps });
      });
    `,
  });
  interface Told {
    readonly due: boolean;
    readonly wall: number;
    readonly monotonic: number;
  }
  const before = (await environment.invoke()).payload as Told;
  expect(before.due).toBe(false);
  await pause(1000);
  const after = (await environment.invoke()).payload as Told;
  expect(after.wall).toBeGreaterThanOrEqual(900);
  expect(after.monotonic).toBeGreaterThanOrEqual(900);
  expect(after.due).toBe(true);
});

test("[LIFE-97] does not freeze while an extension is still at work, even when the runtime waits", async () => {
  const gate = newGate();
  const environment = await open({
    extensions: { slow: `await follow((await register(["INVOKE"])).id, () => gate(${JSON.stringify(gate)}));` },
    timeoutMs: 60_000,
  });
  const invocation = environment.invoke();
  await invocation.answered();
  await eventually(() => expect(environment.telemetry.at(-1)!.type).toBe("platform.runtimeDone"));
  expect(stateOf(pidOf(environment, "runtime"))).not.toBe(stopped);
  openGate(gate);
  await invocation;
  await eventually(() => expect(stateOf(pidOf(environment, "runtime"))).toBe(stopped));
});

test("[LIFE-100, RT-08, EXT-06] thaws before the release: a pause longer than the timeout costs nothing of it", async () => {
  const environment = await open({
    bootstrap: 'await serve(({ headers }) => String(headers["lambda-runtime-deadline-ms"] - Date.now()));',
    extensions: { follower },
    timeoutMs: 1000,
  });
  await environment.init();
  await pause(1100);
  const { payload, status } = await environment.invoke();
  expect(status).toBe("success");
  expect(payload).toBeGreaterThan(0);
});

test("[LIFE-101] keeps listening sockets over a freeze, and lets a caller wait for the thaw", async () => {
  const environment = await open({
    bootstrap: `
      const server = require("node:http").createServer((request, response) => response.end("answered"));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      say({ port: server.address().port });
      ${echo}
    `,
  });
  await environment.init();
  await eventually(() => expect(stateOf(pidOf(environment, "runtime"))).toBe(stopped));
  const [{ port }] = said<{ port: number }>(environment, "function") as [{ port: number }];
  let answered = false;
  const answer = fetch(`http://127.0.0.1:${port}`).then(async (response) => {
    answered = true;
    return response.text();
  });
  await pause(100);
  expect(answered).toBe(false);
  await environment.thaw();
  expect(await answer).toBe("answered");
});

test("[LIFE-102] keeps processes running between phases when freezing is switched off, and says so", async () => {
  const environment = await open({ bootstrap: `setInterval(() => say({ tick: true }), 5); ${echo}`, freeze: false });
  await environment.invoke();
  const before = said(environment, "function").length;
  await eventually(() => expect(said(environment, "function").length).toBeGreaterThan(before + 3));
  expect(environment.notices.map(({ text }) => text).join("\n")).toContain("freeze: off");
});

test("[LIFE-109] can be frozen and thawed by the developer while it is idle", async () => {
  const environment = await open({ freeze: false });
  await environment.init();
  const runtime = () => stateOf(pidOf(environment, "runtime"));
  expect(runtime()).not.toBe(stopped);
  await environment.freeze();
  await eventually(() => expect(runtime()).toBe(stopped));
  await environment.thaw();
  await eventually(() => expect(runtime()).not.toBe(stopped));
  expect((await environment.invoke("event")).payload).toBe("event");
});
