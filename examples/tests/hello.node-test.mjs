// With Node.js's own test runner: node --test examples/tests/hello.node-test.mjs
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createEnvironment } from "lambdarium";

const example = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

void test("the function keeps what it has from one invocation to the next", async () => {
  const environment = await createEnvironment({ function: example("functions/hello-node") });
  try {
    await environment.invoke();
    const { payload } = await environment.invoke();
    assert.equal(payload.invocations, 2);
  } finally {
    await environment.shutdown();
  }
});

void test("the extension leaves by itself when the environment ends", async () => {
  const environment = await createEnvironment({
    function: example("functions/hello-node"),
    extensions: [example("extensions/node/node-extension.ts")],
  });
  await environment.invoke();
  await environment.shutdown();
  const [extension] = environment.snapshot.extensions;
  assert.deepEqual(extension.exit, { code: 0, signal: null });
});
