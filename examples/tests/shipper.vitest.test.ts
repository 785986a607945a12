// With vitest. `lambdarium/vitest` may also stand in `setupFiles`.
import { fileURLToPath } from "node:url";
import { createDestination, createEnvironment, formatTimeline } from "lambdarium";
import "lambdarium/vitest";
import { expect, test } from "vitest";

const example = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const options = {
  function: example("functions/hello-node"),
  extensions: [example("tests/shipper.mjs")],
  // In the sandbox `process` ports are the machine's: tests that run at the same time need others.
  environmentVariables: { LISTEN_PORT: "14243" },
};

test("delivers the report of each invocation, once, through a back end that is down meanwhile", async () => {
  await using backend = await createDestination("webhook", { variable: "SHIP_TO" });
  await using env = await createEnvironment({ ...options, destinations: [backend] });
  await env.invoke({ name: "Ada" });
  backend.fail(503);
  await env.invoke();
  await env.invoke();
  await backend.recover();
  await env.shutdown();
  expect(env).toHaveDelivered({ type: "platform.report", record: { status: "success" } }, { times: 3 });
});

test("lives as Lambda wants it, and outlives a crash and a long freeze", async () => {
  await using backend = await createDestination("webhook", { variable: "SHIP_TO" });
  await using env = await createEnvironment({ ...options, destinations: [backend] });
  await env.invoke();
  expect(env).toHaveRegistered("shipper.mjs", { events: ["INVOKE", "SHUTDOWN"] });
  expect(env).toHaveSubscribed("shipper.mjs", { types: ["platform", "function"] });
  await env.crash("shipper.mjs");
  expect(await env.invoke()).toMatchObject({ errorType: "Extension.Crash" });
  await env.invoke();
  await env.freezeFor("5m");
  await env.invoke();
  await env.shutdown();
  expect(env).toHaveDelivered({ type: "platform.report", record: { errorType: "Extension.Crash" } });
  expect(env).toHavePhase("shutdown", { atMost: "2s" });
  expect(formatTimeline(env, { who: ["shipper.mjs"] })).toMatchInlineSnapshot(`
    "Init
      shipper.mjs: is launched
      shipper.mjs: registers for INVOKE, SHUTDOWN
      shipper.mjs: subscribes: platform, function to http://sandbox.localdomain:<port> (schema 2022-12-13)
      shipper.mjs: asks for its next event
    Init ended: success
    Invoke 1
      shipper.mjs: gets INVOKE
      shipper.mjs: asks for its next event
    Invoke 1 ended: success
    Freeze
      shipper.mjs: is ended by SIGKILL (!)
    Thaw
    Invoke 2
    Reset
    Reset ended
    Invoke 2 ended: error, Extension.Crash
    Init, once more inside the invocation
      shipper.mjs: is launched
      shipper.mjs: registers for INVOKE, SHUTDOWN
      shipper.mjs: subscribes again: platform, function
      shipper.mjs: asks for its next event
    Init ended: success
    Invoke 3
      shipper.mjs: gets INVOKE
      shipper.mjs: asks for its next event
    Invoke 3 ended: success
    Freeze
    Thaw
    Invoke 4
      shipper.mjs: gets INVOKE
      shipper.mjs: asks for its next event
    Invoke 4 ended: success
    Freeze
    Thaw
    Shutdown, reason spindown
      shipper.mjs: gets SHUTDOWN, reason spindown
      shipper.mjs: exits with status 0
    Shutdown ended"
  `);
});
