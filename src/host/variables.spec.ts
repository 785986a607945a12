import { describe, expect, test } from "vitest";
import { hostedFunction } from "../../test/fixtures/hosted-function.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { extensionVariables, runtimeVariables, type VariableFacts } from "./variables.ts";

const factsOf = (changes: Partial<HostedFunction> = {}): VariableFacts => ({
  function: hostedFunction(changes),
  paths: { task: "/var/task", opt: "/opt", runtime: "/var/runtime", lang: "/var/lang", tmp: "/tmp" },
  endpoint: "169.254.100.1:9001",
  address: "169.254.100.1",
  logGroupName: "/aws/lambda/tested",
  logStreamName: "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
  metadataToken: "metadata-token",
});

/** What the runtime's language brings (ENV-49). */
const nodePath = { NODE_PATH: "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules" };

const shared = [
  ["ENV-31", "AWS_REGION", "us-east-1"],
  ["ENV-31", "AWS_DEFAULT_REGION", "us-east-1"],
  ["ENV-32", "AWS_ACCESS_KEY_ID", "AKIA1"],
  ["ENV-32", "AWS_SECRET_ACCESS_KEY", "secret"],
  ["ENV-32", "AWS_SESSION_TOKEN", "token"],
  ["ENV-33", "AWS_LAMBDA_FUNCTION_NAME", "tested"],
  ["ENV-33", "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"],
  ["ENV-33", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"],
  ["ENV-34", "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"],
  ["ENV-35", "AWS_LAMBDA_RUNTIME_API", "169.254.100.1:9001"],
  ["ENV-36", "LANG", "en_US.UTF-8"],
  ["ENV-36", "TZ", ":UTC"],
  ["ENV-37", "PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"],
  [
    "ENV-38",
    "LD_LIBRARY_PATH",
    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
  ],
  ["ENV-59", "AWS_LAMBDA_METADATA_API", "169.254.100.1:9001"],
  ["ENV-59", "AWS_LAMBDA_METADATA_TOKEN", "metadata-token"],
] as const;

const runtimesOnly = [
  ["ENV-41", "_HANDLER", "index.handler"],
  ["ENV-42", "LAMBDA_TASK_ROOT", "/var/task"],
  ["ENV-42", "LAMBDA_RUNTIME_DIR", "/var/runtime"],
  ["ENV-43", "AWS_EXECUTION_ENV", "AWS_Lambda_nodejs22.x"],
  ["ENV-44", "AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/tested"],
  ["ENV-44", "AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef"],
  ["ENV-45", "AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"],
  ["ENV-45", "AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000"],
  ["ENV-45", "_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1"],
  ["ENV-45", "_AWS_XRAY_DAEMON_PORT", "2000"],
] as const;

const names = (variables: Readonly<Record<string, string>>): readonly string[] => Object.keys(variables).sort();

describe("on Lambda's own directories", () => {
  test.each([...shared, ...runtimesOnly])("[%s] a runtime has %s=%s", (_, name, value) => {
    expect(runtimeVariables(factsOf(), nodePath)[name]).toBe(value);
  });

  test.each(shared)("[%s] an extension has %s=%s", (_, name, value) => {
    expect(extensionVariables(factsOf())[name]).toBe(value);
  });

  test("[ENV-29, ENV-40, ENV-46, ENV-101] a runtime has nothing else", () => {
    const expected = [...shared, ...runtimesOnly].map(([, name]) => name);
    expect(names(runtimeVariables(factsOf(), nodePath))).toEqual([...expected, "NODE_PATH"].sort());
  });

  test("[ENV-51, ENV-52] an extension lacks exactly what is the runtime's, and what is its language's", () => {
    const facts = factsOf({ logFormat: "JSON" });
    const ofExtension = names(extensionVariables(facts));
    const missing = names(runtimeVariables(facts, nodePath)).filter((name) => !ofExtension.includes(name));
    expect(missing).toEqual(
      [
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_AWS_XRAY_DAEMON_ADDRESS",
        "_AWS_XRAY_DAEMON_PORT",
        "_HANDLER",
        "NODE_PATH",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_LEVEL",
      ].sort(),
    );
  });
});

test("[ENV-43] there is no AWS_EXECUTION_ENV with provided runtimes", () => {
  const { runtime } = hostedFunction();
  const provided = factsOf({ runtime: { ...runtime, language: "provided", executionEnvironment: undefined } });
  expect(runtimeVariables(provided, {})).not.toHaveProperty("AWS_EXECUTION_ENV");
});

test("[ENV-44, OBS-08] there is no log stream where there is a snapshot", () => {
  const variables = runtimeVariables(factsOf({ initializationType: "snap-start" }), {});
  expect(names(variables).filter((name) => name.startsWith("AWS_LAMBDA_LOG"))).toEqual([]);
});

test("[ENV-47, CAP-38] format and level of the log are set with JSON only", () => {
  const json = runtimeVariables(factsOf({ logFormat: "JSON", applicationLogLevel: "WARN" }), {});
  expect(json).toMatchObject({ AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "WARN" });
  expect(names(runtimeVariables(factsOf(), {})).filter((name) => /LOG_(FORMAT|LEVEL)$/.test(name))).toEqual([]);
});

const replaceable = [
  "LANG",
  "PATH",
  "LD_LIBRARY_PATH",
  "NODE_PATH",
  "NODE_OPTIONS",
  "PYTHONPATH",
  "GEM_PATH",
  "TZ",
  "AWS_XRAY_CONTEXT_MISSING",
  "AWS_XRAY_DAEMON_ADDRESS",
];

test.each(replaceable)("[ENV-39, ENV-57] the customer's %s replaces the default, for both", (name) => {
  const facts = factsOf({ environmentVariables: { [name]: "$MINE" } });
  expect(runtimeVariables(facts, nodePath)[name]).toBe("$MINE");
  expect(extensionVariables(facts)[name]).toBe("$MINE");
});

test.each([...shared.slice(0, 10), ...runtimesOnly.slice(0, 6)])(
  "[%s] nothing the customer sets replaces %s",
  (_, name, value) => {
    expect(runtimeVariables(factsOf({ environmentVariables: { [name]: "mine" } }), nodePath)[name]).toBe(value);
  },
);

test("[RT-91] an address for credentials takes the place of the keys", () => {
  const facts = { ...factsOf(), containerCredentials: { path: "/credentials", token: "container-token" } };
  const variables = extensionVariables(facts);
  expect(variables).toMatchObject({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.100.1:9001/credentials",
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-token",
  });
  expect(variables).not.toHaveProperty("AWS_ACCESS_KEY_ID");
});

test("says where /opt is when the sandbox cannot show it there", () => {
  const facts = factsOf();
  const elsewhere = { ...facts, paths: { ...facts.paths, opt: "/tmp/x/opt" } };
  expect(extensionVariables(elsewhere)["LAMBDARIUM_OPT"]).toBe("/tmp/x/opt");
  expect(extensionVariables(facts)).not.toHaveProperty("LAMBDARIUM_OPT");
});
