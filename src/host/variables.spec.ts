import { describe, expect, test } from "vitest";
import { hostedFunction } from "../../test/fixtures/hosted-function.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { extensionVariables, runtimeVariables, type VariableFacts } from "./variables.ts";

const factsOf = (changes: Partial<HostedFunction> = {}): VariableFacts => ({
  function: hostedFunction(changes),
  paths: { task: "/var/task", opt: "/opt", runtime: "/var/runtime", lang: "/var/lang", tmp: "/tmp" },
  endpoint: "169.254.100.1:9001",
  daemonEndpoint: "169.254.100.1:2000",
  logGroupName: "/aws/lambda/tested",
  logStreamName: "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
  metadataToken: "metadata-token",
});

/** What the runtime's language brings (ENV-49). */
const nodePath = { NODE_PATH: "/opt/nodejs/node22/node_modules:/opt/nodejs/node_modules" };

const facts = {
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIA1",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "token",
  AWS_LAMBDA_FUNCTION_NAME: "tested",
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_RUNTIME_API: "169.254.100.1:9001",
};
const language = { LANG: "en_US.UTF-8", TZ: ":UTC" };
const searchPaths = {
  PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
  LD_LIBRARY_PATH: "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
};
const metadata = {
  AWS_LAMBDA_METADATA_API: "169.254.100.1:9001",
  AWS_LAMBDA_METADATA_TOKEN: "metadata-token",
};
const shared = { ...facts, ...language, ...searchPaths, ...metadata };

const runtimesOnly = {
  _HANDLER: "index.handler",
  LAMBDA_TASK_ROOT: "/var/task",
  LAMBDA_RUNTIME_DIR: "/var/runtime",
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
  AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/tested",
  AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
  AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
  AWS_XRAY_DAEMON_ADDRESS: "169.254.100.1:2000",
  _AWS_XRAY_DAEMON_ADDRESS: "169.254.100.1",
  _AWS_XRAY_DAEMON_PORT: "2000",
};

const names = (variables: Readonly<Record<string, string>>): readonly string[] => Object.keys(variables).sort();

describe("on Lambda's own directories", () => {
  describe.each([
    ["a runtime", () => runtimeVariables(factsOf(), nodePath)],
    ["an extension", () => extensionVariables(factsOf())],
  ] as const)("%s", (_, variables) => {
    test("[ENV-31, ENV-32, ENV-33, ENV-34, ENV-35] has the function, its region, its credentials and its API", () => {
      expect(variables()).toMatchObject(facts);
    });

    test("[ENV-36] has Lambda's language and time zone", () => {
      expect(variables()).toMatchObject(language);
    });

    test("[ENV-37, ENV-38] has Lambda's search paths", () => {
      expect(variables()).toMatchObject(searchPaths);
    });

    test("[ENV-59] has the address of the metadata and their token", () => {
      expect(variables()).toMatchObject(metadata);
    });
  });

  test("[ENV-41, ENV-42, ENV-43, ENV-44, ENV-45] a runtime has what is its own, and nothing else but its language's", () => {
    expect(runtimeVariables(factsOf(), nodePath)).toEqual({ ...shared, ...runtimesOnly, ...nodePath });
  });

  test("[ENV-29, ENV-40, ENV-46, ENV-101] an extension has nothing else at all", () => {
    expect(extensionVariables(factsOf())).toEqual(shared);
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

test("[ENV-31, ENV-32, ENV-33, ENV-34, ENV-35, ENV-41, ENV-42, ENV-43, ENV-44] nothing the customer sets replaces what is reserved", () => {
  const notReserved = /XRAY/;
  const reserved = Object.fromEntries(
    Object.entries({ ...facts, ...runtimesOnly }).filter(([name]) => !notReserved.test(name)),
  );
  const environmentVariables = Object.fromEntries(Object.keys(reserved).map((name) => [name, "mine"]));
  expect(runtimeVariables(factsOf({ environmentVariables }), nodePath)).toMatchObject(reserved);
});

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
