import { expect, test } from "vitest";
import { openStore } from "./open-store.ts";

test("a query sees what was inserted before it", async () => {
  const store = await openStore({ runs: "here" });
  const to = { region: "eu-west-1", accountId: "123456789012", logGroup: "/aws/lambda/tested", logStream: "one" };
  store.insert("logs", [{ to, timestamp: 1, ingestionTime: 2, message: "hello\n" }], 6);
  expect(await store.query("logs", "groupNames", { region: "eu-west-1" })).toEqual(["/aws/lambda/tested"]);
  expect(await store.query("logs", "groupNames", { region: "us-east-1" })).toEqual([]);
  await store.close();
});
