import { expect, test } from "vitest";
import { logGroupName, logStreamName } from "./log-stream.ts";

const hex = "0123456789abcdef0123456789abcdef";

test("[OBS-04] names the log group after the function", () => {
  expect(logGroupName("my-function")).toBe("/aws/lambda/my-function");
});

test.each([
  ["$LATEST", "2026-11-23T00:00:00.000Z", `2026/11/23/[$LATEST]${hex}`],
  ["7", "2026-01-02T23:59:59.999Z", `2026/01/02/[7]${hex}`],
])("[OBS-05] names the log stream of version %s after the day in UTC: %s", (version, time, name) => {
  const owner = { functionName: "my-function", functionVersion: version, logGroup: "/aws/lambda/my-function" };
  expect(logStreamName(owner, Date.parse(time) + 0.25, hex)).toBe(name);
});

test("[OBS-07] names the function in streams of a custom group", () => {
  const owner = { functionName: "my-function", functionVersion: "7", logGroup: "shared/group" };
  expect(logStreamName(owner, Date.parse("2026-01-02T03:04:05Z"), hex)).toBe(`2026/01/02/my-function[7]${hex}`);
});
