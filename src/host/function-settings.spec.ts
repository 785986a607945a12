import { expect, test } from "vitest";
import { checkSettings, type FunctionSettings } from "./function-settings.ts";

type Some = Omit<FunctionSettings, "function">;
const check = (settings: Some) => () => checkSettings({ function: ".", ...settings });
const variables = (environmentVariables: Record<string, string>): Some => ({ environmentVariables });

const accepted: readonly (readonly [string, Some])[] = [
  ["ENV-78", { memorySizeMb: 128 }],
  ["ENV-78", { memorySizeMb: 129 }],
  ["ENV-78", { memorySizeMb: 10_240 }],
  ["ENV-12", { ephemeralStorageMb: 512 }],
  ["ENV-12", { ephemeralStorageMb: 10_240 }],
  ["LIFE-52", { timeoutMs: 1000 }],
  ["LIFE-52", { timeoutMs: 900_000 }],
  ["ENV-54", variables({ Ab: "1", a_9: "", LONG_NAME_1: "value" })],
  ["ENV-55", variables({ AB: "x".repeat(4094) })],
  ["ENV-57", variables({ PATH: "/x", TZ: "UTC", NODE_OPTIONS: "--x", AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR" })],
  ["ENV-19", { layers: ["1", "2", "3", "4", "5"] }],
  ["CAP-49", { logFormat: "JSON", applicationLogLevel: "DEBUG" }],
];

test.each(accepted)("[%s] accepts %j", (_, settings) => {
  expect(check(settings)).not.toThrow();
});

const refused: readonly (readonly [string, Some, string])[] = [
  ["ENV-78", { memorySizeMb: 127 }, "memorySizeMb"],
  ["ENV-78", { memorySizeMb: 10_241 }, "memorySizeMb"],
  ["ENV-78", { memorySizeMb: 128.5 }, "memorySizeMb"],
  ["ENV-78", { memorySizeMb: Number.NaN }, "memorySizeMb"],
  ["ENV-12", { ephemeralStorageMb: 511 }, "ephemeralStorageMb"],
  ["ENV-12", { ephemeralStorageMb: 10_241 }, "ephemeralStorageMb"],
  ["LIFE-52", { timeoutMs: 999 }, "timeoutMs"],
  ["LIFE-52", { timeoutMs: 1500 }, "timeoutMs"],
  ["LIFE-52", { timeoutMs: 901_000 }, "timeoutMs"],
  ["ENV-54", variables({ A: "one letter" }), "environment variable"],
  ["ENV-54", variables({ "9A": "" }), "environment variable"],
  ["ENV-54", variables({ _A: "" }), "environment variable"],
  ["ENV-54", variables({ "A-B": "" }), "environment variable"],
  ["ENV-54", variables({ "": "" }), "environment variable"],
  ["ENV-55", variables({ AB: "x".repeat(4095) }), "environmentVariables"],
  ["ENV-55", variables({ AB: "ü".repeat(2048) }), "environmentVariables"],
  ["ENV-19", { layers: ["1", "2", "3", "4", "5", "6"] }, "layers"],
  ["CAP-49", { applicationLogLevel: "DEBUG" }, "applicationLogLevel"],
];

test.each(refused)("[%s] refuses %j", (_, settings, named) => {
  expect(check(settings)).toThrow(
    expect.objectContaining({ code: "invalid-setting", message: expect.stringContaining(named) }),
  );
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
