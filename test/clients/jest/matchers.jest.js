import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { fileURLToPath } from "node:url";
import { createDestination, createEnvironment, formatTimeline } from "lambdarium";

let backend;
let environment;

beforeAll(async () => {
  backend = await createDestination("webhook", { variable: "SHIP_TO" });
  environment = await createEnvironment({
    function: fileURLToPath(new URL("function", import.meta.url)),
    handler: "index.handler",
    extensions: [process.env.SHIPPER],
    destinations: [backend],
    environmentVariables: { LISTEN_PORT: "14245" },
  });
});

afterAll(() => backend.close());

test("claims what was delivered, by matchers that a set-up file has added", async () => {
  await environment.invoke({ name: "Ada" });
  await environment.freezeFor("5m");
  await environment.invoke({ name: "Bob" });
  await environment.shutdown();
  expect(environment).toHaveRegistered("shipper.mjs", { exit: { code: 0 } });
  expect(environment).toHaveSubscribed("shipper.mjs", { types: ["platform"] });
  expect(environment).toHaveDelivered(
    { type: "platform.report", record: { metrics: expect.objectContaining({ durationMs: expect.any(Number) }) } },
    { times: 2 },
  );
  expect(environment).toHaveReported({ status: "success" });
  expect(environment).toHavePhase("shutdown", { atMost: "2s" });
  expect(environment).not.toHaveDelivered("a line nobody wrote");
  expect(() => expect(environment).toHaveDelivered({ type: "platform.fault" })).toThrow(/webhook received \d+ records/);
});

test("has a timeline for snapshots", () => {
  expect(formatTimeline(environment, { who: ["shipper.mjs"] })).toMatchSnapshot();
});
