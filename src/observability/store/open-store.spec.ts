import { expect, test } from "vitest";
import { openStore } from "./open-store.ts";

test("a query sees what was inserted before it", async () => {
  const store = await openStore({ runs: "here" });
  const to = { region: "eu-west-1", accountId: "123456789012", logGroup: "/aws/lambda/tested", logStream: "one" };
  store.insert("logs", [{ to, timestamp: 1, ingestionTime: 2, message: "hello\n" }], 6);
  const key = { region: "eu-west-1", logGroup: to.logGroup };
  expect(await store.query("logs", "group", key)).toMatchObject({ name: to.logGroup, stored_bytes: 32 });
  expect(await store.query("logs", "group", { ...key, region: "us-east-1" })).toBeNull();
  await store.close();
});
