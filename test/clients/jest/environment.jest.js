import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { fileURLToPath } from "node:url";
import { createEnvironment } from "lambdarium";

let environment;

beforeAll(async () => {
  environment = await createEnvironment({
    function: fileURLToPath(new URL("function", import.meta.url)),
    handler: "index.handler",
    extensions: [process.env.EXTENSION],
  });
});

afterAll(() => environment.shutdown());

test("invokes a function that carries an extension", async () => {
  const result = await environment.invoke({ name: "Ada" });
  expect(result.payload).toEqual({ hello: "Ada" });
  expect(environment.snapshot.extensions).toHaveLength(1);
});

test("sees its telemetry", () => {
  expect(environment.telemetry.ofType("platform.report")).toHaveLength(1);
});
