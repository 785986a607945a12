// With Node.js's own test runner: node --test examples/tests/shipper.node-test.mjs
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  assertDelivered,
  assertPhase,
  assertRegistered,
  assertSubscribed,
  createDestination,
  createEnvironment,
  formatTimeline,
} from "lambdarium";

const example = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const backend = await createDestination("webhook", { variable: "SHIP_TO" });
after(() => backend.close());

void test("delivers the report of each invocation, once, through a back end that is down meanwhile", async () => {
  const env = await createEnvironment({
    function: example("functions/hello-node"),
    extensions: [example("tests/shipper.mjs")],
    destinations: [backend],
    environmentVariables: { LISTEN_PORT: "14244" },
  });
  try {
    await env.invoke({ name: "Ada" });
    await backend.refuse();
    await env.invoke();
    await backend.recover();
  } finally {
    await env.shutdown();
  }
  assertRegistered(env, "shipper.mjs", { state: "Exited", exit: { code: 0 } });
  assertSubscribed(env, "shipper.mjs", { types: ["platform", "function"] });
  assertPhase(env, "shutdown", { atMost: "2s" });
  assertDelivered(env, { type: "platform.report", record: { status: "success" } }, { times: 2 });
  assertDelivered(env, { type: "platform.report", record: { status: "timeout" } }, { times: 0 });
  assert.throws(() => assertDelivered(env, "a line nobody wrote"), /did not come/);
  assert.match(formatTimeline(env), /^Init\n[^]*\nShutdown ended$/);
});
