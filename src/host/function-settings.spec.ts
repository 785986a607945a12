import { expect, test } from "vitest";
import { checkSettings, type FunctionSettings } from "./function-settings.ts";

type Some = Omit<FunctionSettings, "function">;
const check = (settings: Some) => () => checkSettings({ function: ".", ...settings });
const variables = (environmentVariables: Record<string, string>): Some => ({ environmentVariables });

const refusal = (named: string) =>
  expect.objectContaining({ code: "invalid-setting", message: expect.stringContaining(named) });

test.each([128, 129, 10_240])("[ENV-78] accepts %d MB of memory", (memorySizeMb) => {
  expect(check({ memorySizeMb })).not.toThrow();
});

test.each([127, 10_241, 128.5, Number.NaN, -1])("[ENV-78] refuses %d MB of memory", (memorySizeMb) => {
  expect(check({ memorySizeMb })).toThrow(refusal("memorySizeMb"));
});

test.each([512, 10_240])("[ENV-12] accepts %d MB of /tmp", (ephemeralStorageMb) => {
  expect(check({ ephemeralStorageMb })).not.toThrow();
});

test.each([511, 10_241, 600.5])("[ENV-12] refuses %d MB of /tmp", (ephemeralStorageMb) => {
  expect(check({ ephemeralStorageMb })).toThrow(refusal("ephemeralStorageMb"));
});

test.each([1000, 3000, 900_000])("[LIFE-52] accepts a timeout of %d ms", (timeoutMs) => {
  expect(check({ timeoutMs })).not.toThrow();
});

test.each([0, 999, 1500, 901_000])("[LIFE-52] refuses a timeout of %d ms", (timeoutMs) => {
  expect(check({ timeoutMs })).toThrow(refusal("timeoutMs"));
});

test.each(["Ab", "a_9", "LONG_NAME_1"])("[ENV-54] accepts the key %j", (name) => {
  expect(check(variables({ [name]: "" }))).not.toThrow();
});

test.each(["A", "9A", "_A", "A-B", "A B", "Ü1", ""])("[ENV-54] refuses the key %j", (name) => {
  expect(check(variables({ [name]: "" }))).toThrow(refusal("environment variable"));
});

test("[ENV-55] accepts 4,096 bytes of keys and values together, and no more", () => {
  expect(check(variables({ AB: "x".repeat(2046), CD: "x".repeat(2046) }))).not.toThrow();
  expect(check(variables({ AB: "x".repeat(2046), CD: "x".repeat(2047) }))).toThrow(refusal("environmentVariables"));
});

test("[ENV-55] counts bytes, not characters", () => {
  expect(check(variables({ AB: "ü".repeat(2047) }))).not.toThrow();
  expect(check(variables({ AB: "ü".repeat(2048) }))).toThrow(refusal("environmentVariables"));
});

test.each(["PATH", "TZ", "NODE_OPTIONS", "LD_LIBRARY_PATH", "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS"])(
  "[ENV-57] lets %s be set",
  (name) => {
    expect(check(variables({ [name]: "mine" }))).not.toThrow();
  },
);

test("[ENV-19] accepts five layers, and no more", () => {
  expect(check({ layers: ["1", "2", "3", "4", "5"] })).not.toThrow();
  expect(check({ layers: ["1", "2", "3", "4", "5", "6"] })).toThrow(refusal("layers"));
});

test("[CAP-49] takes a log level with log format JSON only", () => {
  expect(check({ logFormat: "JSON", applicationLogLevel: "DEBUG" })).not.toThrow();
  expect(check({ applicationLogLevel: "DEBUG" })).toThrow(refusal("applicationLogLevel"));
});

const reserved = [
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_RUNTIME_API",
  "_HANDLER",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "_X_AMZN_TRACE_ID",
];

test.each(reserved)("[ENV-56] refuses the reserved name %s", (name) => {
  expect(check(variables({ [name]: "mine" }))).toThrow(/Lambda reserves this name/);
});

test.each([
  { functionName: "no spaces" },
  { functionName: "x".repeat(65) },
  { functionVersion: "latest" },
  { accountId: "123" },
  { region: "Virginia" },
])("refuses %j", (settings) => {
  expect(check(settings)).toThrow(expect.objectContaining({ code: "invalid-setting", mendedBy: "user" }));
});

test("[EXT-100] refuses managed instances with a clear message", () => {
  const managed = { initializationType: "lambda-managed-instances" } as unknown as Some;
  expect(check(managed)).toThrow(refusal("managed instances, which run several invocations at once, are not offered"));
});

test.each(["on-demand", "provisioned-concurrency", "snap-start"] as const)(
  "takes the initialization type %s",
  (initializationType) => {
    expect(check({ initializationType })).not.toThrow();
  },
);
