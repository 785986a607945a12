/** What the service counts of invocations beside what environments write (OBS-45, OBS-48 to OBS-50). */
import { expect, test } from "vitest";
import type { InvocationMetrics } from "../../src/service/invoke/invocation-metrics.ts";
import { eventually, newGate, openGate, openService } from "../fixtures/services.ts";

/** Notes every call as its name and arguments but the time. */
function noted(): { readonly calls: unknown[][]; readonly metrics: InvocationMetrics } {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...given: readonly unknown[]): void =>
      void calls.push([name, ...given.slice(0, -1)]);
  const metrics: InvocationMetrics = {
    admitted: (target, at, throttled) => void calls.push(["admitted", target, throttled, typeof at]),
    spilledOver: note("spilledOver"),
    accountConcurrency: note("accountConcurrency"),
    functionConcurrency: note("functionConcurrency"),
    provisionedConcurrency: note("provisionedConcurrency"),
    asyncEventReceived: note("asyncEventReceived"),
    asyncEventAge: note("asyncEventAge"),
    asyncEventDropped: note("asyncEventDropped"),
    deadLetterFailed: note("deadLetterFailed"),
    destinationFailed: note("destinationFailed"),
  };
  return { calls, metrics };
}

const echo = { region: "us-east-1", functionName: "echo" };

test("[OBS-45] every request counts as throttled or not", async () => {
  const { calls, metrics } = noted();
  const service = await openService({ metrics });
  await service.create("echo");
  await service.invoke("echo");
  await service.call("PUT", "/2017-10-31/functions/echo/concurrency", '{"ReservedConcurrentExecutions":0}');
  await service.invoke("echo", "{}", {}, "?Qualifier=$LATEST");
  expect(calls.filter(([name]) => name === "admitted")).toEqual([
    ["admitted", echo, false, "number"],
    ["admitted", { ...echo, qualifier: "$LATEST" }, true, "number"],
  ]);
});

test("[OBS-48] the greatest number of environments at work in a second is the concurrency", async () => {
  const { calls, metrics } = noted();
  const service = await openService({ metrics });
  const gate = newGate();
  await service.create("echo", { bootstrap: `await serve(() => gate(${JSON.stringify(gate)}));`, Timeout: 60 });
  const running = [service.invoke("echo"), service.invoke("echo"), service.invoke("echo")];
  await eventually(() => expect(service.environments().filter(({ state }) => state === "busy")).toHaveLength(3));
  service.clock.advance(1000);
  expect(calls).toContainEqual(["functionConcurrency", echo, 3]);
  expect(calls).toContainEqual([
    "accountConcurrency",
    { region: "us-east-1", executions: 3, unreservedExecutions: 3, claimed: 3 },
  ]);
  openGate(gate);
  await Promise.all(running);
});

test("[OBS-50] events that come, start and are given up are counted", async () => {
  const { calls, metrics } = noted();
  const service = await openService({ metrics, asyncRetryDelaysMs: [0, 0] });
  await service.create("echo", {
    bootstrap: 'for (;;) { const { requestId } = await next(); await fail(requestId, "{}"); }',
  });
  await service.invoke("echo", "{}", { "x-amz-invocation-type": "Event" });
  await eventually(() => expect(calls).toContainEqual(["asyncEventDropped", echo]));
  expect(calls.filter(([name]) => name === "asyncEventReceived")).toEqual([["asyncEventReceived", echo]]);
  expect(calls.filter(([name]) => name === "asyncEventAge")).toEqual(
    [1, 2, 3].map(() => ["asyncEventAge", echo, expect.any(Number)]),
  );
});
