import { describe, expect, test } from "vitest";
import { readSettings } from "./read-settings.ts";
import { defaultServiceSettings } from "./settings.ts";

const read = (flags: Record<string, string>, environment: Record<string, string> = {}) =>
  readSettings({ flags, environment });

describe("[SVC-01] settings of the service", () => {
  test("have their defaults when nothing is said", () => {
    expect(read({})).toEqual(defaultServiceSettings);
  });

  test.each([
    [{ keepAliveMs: "5000" }, { keepAliveMs: 5000 }],
    [{ accountId: "123456789012" }, { accountId: "123456789012" }],
    [{ asyncRetryDelaysMs: "[10, 20]" }, { asyncRetryDelaysMs: [10, 20] }],
    [{ enforcePolicies: "true" }, { enforcePolicies: true }],
    [{ serviceEndpoints: '{"sqs":"http://127.0.0.1:9324"}' }, { serviceEndpoints: { sqs: "http://127.0.0.1:9324" } }],
    [{ forward: '["xray","otlp=http://127.0.0.1:4318"]' }, { forward: ["xray", "otlp=http://127.0.0.1:4318"] }],
    [{ forward: "cloudwatch, otlp" }, { forward: ["cloudwatch", "otlp"] }],
    [{ s3Endpoint: "http://127.0.0.1:9000" }, { s3Endpoint: "http://127.0.0.1:9000" }],
  ])("come from an option: %j", (flags, expected) => {
    expect(read(flags)).toEqual({ ...defaultServiceSettings, ...expected });
  });

  test("come from an environment variable, and from the option first", () => {
    const environment = { LAMBDARIUM_KEEP_ALIVE_MS: "1", LAMBDARIUM_S3_ENDPOINT: "http://s3" };
    expect(read({}, environment)).toMatchObject({ keepAliveMs: 1, s3Endpoint: "http://s3" });
    expect(read({ keepAliveMs: "2" }, environment)).toMatchObject({ keepAliveMs: 2 });
  });

  test.each([
    [{ keepAlive: "1" }, `--setting cannot be "keepAlive": there are accountId, `],
    [{ keepAliveMs: "soon" }, `keepAliveMs cannot be "soon": it is a whole number, 0 or more.`],
    [{ maxEnvironments: "0" }, `it is a whole number, 1 or more.`],
    [{ asyncRetryDelaysMs: "10" }, "it is a list of milliseconds"],
    [{ enforcePolicies: "yes" }, "it is true or false."],
    [{ forward: "cloud" }, "it is one or more of cloudwatch, cloudwatch-logs, "],
    [{ serviceEndpoints: '{"sqss":"http://127.0.0.1:1"}' }, "it is an object of addresses"],
    [{ serviceEndpoints: '{"sqs":"127.0.0.1:1"}' }, "it is an object of addresses"],
    [{ layerSources: "[" }, "it is an object of paths"],
    [{ accountId: "1" }, "it is 12 digits."],
  ])("are refused when they cannot be: %j", (flags, message) => {
    expect(() => read(flags)).toThrow(message);
  });
});
