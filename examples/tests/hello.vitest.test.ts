// With vitest; jest is the same but for the first line.
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEnvironment, type Environment } from "lambdarium";

const example = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

let environment: Environment;

beforeAll(async () => {
  environment = await createEnvironment({
    function: example("functions/hello-node"),
    extensions: [example("extensions/node/node-extension.ts")],
  });
});

afterAll(() => environment.shutdown());

test("the function greets", async () => {
  const { payload } = await environment.invoke({ name: "Ada" });
  expect(payload).toMatchObject({ message: "Hello, Ada!" });
});

test("the extension hears of every invocation", async () => {
  const { requestId } = await environment.invoke();
  const lines = environment.telemetry.filter(({ type }) => type === "extension").map(({ record }) => record);
  expect(lines).toContain(`invocation ${requestId}\n`);
});
