/** What the library gives for an invocation, to those who wait for it and to those who do not. */
import { expect, test } from "vitest";
import { eventually, lines, newGate, open, openGate } from "../fixtures/environments.ts";

const never = 'await next(); console.log("invocation begins"); await forever();';

test("who asks only for the answer is told of a failure once, and by the answer", async () => {
  const environment = await open({ bootstrap: never });
  const answered = Promise.allSettled([environment.invoke().answered()]);
  await eventually(() => expect(lines(environment, "function")).toContain("invocation begins\n"));
  await environment.kill();
  // A rejection that nobody handles would fail this file.
  expect(await answered).toMatchObject([{ status: "rejected", reason: { code: "service-exception" } }]);
});

test("who reads only the stream sees it end", async () => {
  const environment = await open({ bootstrap: never });
  const { stream } = environment.invoke(undefined, { streaming: true });
  await eventually(() => expect(lines(environment, "function")).toContain("invocation begins\n"));
  await environment.kill();
  expect(await stream.toArray()).toEqual([]);
});

test("the timeline tells who did what, in order of time", async () => {
  const environment = await open({ extensions: { spy: 'await follow((await register(["INVOKE", "SHUTDOWN"])).id);' } });
  await environment.invoke();
  await environment.shutdown();
  const times = environment.timeline.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const spy = environment.timeline.filter(({ who }) => who === "spy").map(({ what }) => what);
  expect(spy).toEqual([
    "is launched",
    "registers for INVOKE, SHUTDOWN",
    "asks for its next event",
    "gets INVOKE",
    "asks for its next event",
    "gets SHUTDOWN, reason spindown",
    "exits with status 0",
  ]);
});

test("log lines, telemetry and notices are told while they happen", async () => {
  const gate = newGate();
  const environment = await open({
    bootstrap: `const { requestId } = await next(); console.log("half way"); await gate(${JSON.stringify(gate)}); await respond(requestId, "1"); await next();`,
  });
  const seen: string[] = [];
  environment.onLog(({ from, text }) => seen.push(`${from}: ${text}`));
  const stop = environment.onTelemetry((json) => seen.push((JSON.parse(json) as { type: string }).type));
  const invocation = environment.invoke();
  await eventually(() => expect(seen).toContain("function: half way"));
  expect(seen).toContain("platform.start");
  expect(seen).not.toContain("platform.report");
  stop();
  openGate(gate);
  await invocation;
  expect(seen).not.toContain("platform.report");
  expect(seen.at(-1)).toMatch(/^platform: REPORT RequestId: /u);
});
