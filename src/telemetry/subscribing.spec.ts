import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { platformEventNames, telemetryVersions } from "../protocol/telemetry-api.ts";
import type { SubscriptionApi } from "../protocol/subscription-api.ts";
import { judgeSubscription, type SubscriptionJudgement } from "./subscribing.ts";
import type { Subscription } from "./subscription.ts";

const uri = "http://sandbox.localdomain:4243/in";
const valid = {
  schemaVersion: "2025-01-29",
  types: ["platform", "function"],
  destination: { protocol: "HTTP", URI: uri },
};
const oldApi = { types: ["platform"], destination: { protocol: "HTTP", URI: uri } };

interface Asking {
  readonly api?: SubscriptionApi;
  readonly name?: string;
  readonly existing?: readonly Subscription[];
}

function ask(
  body: unknown,
  { api = "telemetry", name = "forwarder", existing = [] }: Asking = {},
): SubscriptionJudgement {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return judgeSubscription({ api, extensionName: name, body: bytes }, existing);
}

function made(body: unknown, asking?: Asking): Subscription {
  const judgement = ask(body, asking);
  if (judgement.kind !== "subscribed") throw new Error(judgement.answer.body);
  return judgement.subscription;
}

const answer = (body: unknown, asking?: Asking): readonly [number, string] => {
  const { status, body: text } = ask(body, asking).answer;
  return [status, text];
};

const agent = (type: string, errorMessage: string): string => JSON.stringify({ errorType: type, errorMessage });
const invalid = (text: string): readonly [number, string] => [400, agent("Telemetry.ValidationError", text)];
const unreadable = (text: string): readonly [number, string] => [400, agent("Telemetry.DeserializationError", text)];
const denied = (text: string): readonly [number, string] => [403, agent("Telemetry.AccessDenied", text)];

describe("what is accepted", () => {
  test("[TEL-12, TEL-19, TEL-27, TEL-28, TEL-29, TEL-30, TEL-35] the least body gets every default", () => {
    expect(ask(valid)).toEqual({
      kind: "subscribed",
      answer: { status: 200, body: '"OK"' },
      subscription: {
        extensionName: "forwarder",
        api: "telemetry",
        schemaVersion: "2025-01-29",
        types: ["platform", "function"],
        destination: { protocol: "HTTP", uri, port: 4243, target: "/in", method: "POST" },
        buffering: { timeoutMs: 1000, maxBytes: 262_144, maxItems: 10_000 },
      },
    });
  });

  test.each(telemetryVersions)("[TEL-13] schema version %s", (schemaVersion) => {
    expect(made({ ...valid, schemaVersion }).schemaVersion).toBe(schemaVersion);
  });

  test("[TEL-12] unknown members at any level are ignored", () => {
    const more = { deep: [1, { x: null }], more: "yes" };
    const destination = { ...valid.destination, ...more };
    expect(made({ ...more, ...valid, destination, buffering: more })).toEqual(made(valid));
  });

  test("[TEL-15] repeated types count once", () => {
    expect(made({ ...valid, types: ["function", "platform", "function"] }).types).toEqual(["function", "platform"]);
  });

  test.each([
    ["http://sandbox.localdomain:4243/a/b?c=d&e=%20#f", "/a/b?c=d&e=%20", 4243],
    ["http://sandbox.localdomain:80", "/", 80],
    ["http://sandbox.localdomain:8080?x=1", "/?x=1", 8080],
    ["HTTP://SANDBOX.LocalDomain:1/", "/", 1],
    ["http://sandbox:65535/a//b/../c", "/a//b/../c", 65_535],
  ])("[TEL-17, TEL-24] %s delivers to %s", (URI, target, port) => {
    const { destination } = made({ ...valid, destination: { protocol: "HTTP", URI } });
    expect(destination).toEqual({ protocol: "HTTP", uri: URI, target, port, method: "POST" });
  });

  test.each([1, 4243, 65_535])("[TEL-18] TCP port %i", (port) => {
    expect(made({ ...valid, destination: { protocol: "TCP", port } }).destination).toEqual({ protocol: "TCP", port });
  });

  test.each(["POST", "PUT"])("[TEL-19] method %s", (method) => {
    const destination = { ...valid.destination, method };
    expect(made({ ...valid, destination }).destination).toMatchObject({ method });
  });

  test("[TEL-20] encoding JSON", () => {
    expect(made({ ...valid, destination: { ...valid.destination, encoding: "JSON" } })).toEqual(made(valid));
  });

  test("[TEL-21] what belongs to the other protocol is ignored, whatever it is", () => {
    expect(made({ ...valid, destination: { ...valid.destination, port: "x" } })).toEqual(made(valid));
    const destination = { protocol: "TCP", port: 5, URI: 17, method: "GET" };
    expect(made({ ...valid, destination }).destination).toEqual({ protocol: "TCP", port: 5 });
  });

  test("[TEL-22] null counts as omitted", () => {
    const destination = { ...valid.destination, method: null, encoding: null };
    expect(made({ ...valid, destination, buffering: null })).toEqual(made(valid));
    const buffering = { timeoutMs: null, maxBytes: null, maxItems: null };
    expect(made({ ...valid, buffering })).toEqual(made(valid));
  });

  test.each([
    [{ timeoutMs: 25 }, { timeoutMs: 25, maxBytes: 262_144, maxItems: 10_000 }],
    [{ timeoutMs: 30_000 }, { timeoutMs: 30_000, maxBytes: 262_144, maxItems: 10_000 }],
    [{ maxItems: 1000 }, { timeoutMs: 1000, maxBytes: 262_144, maxItems: 1000 }],
    [{ maxBytes: 1_048_576 }, { timeoutMs: 1000, maxBytes: 1_048_576, maxItems: 10_000 }],
  ])("[TEL-27, TEL-31] buffering %j keeps the other defaults", (buffering, expected) => {
    expect(made({ ...valid, buffering }).buffering).toEqual(expected);
  });

  test("[LGS-02, LGS-09, LGS-11] the Logs API needs no version and takes its own two", () => {
    expect(made(oldApi, { api: "logs" }).schemaVersion).toBe("2020-08-15");
    expect(made(oldApi, { api: "logs" }).buffering).toEqual({ timeoutMs: 1000, maxBytes: 262_144, maxItems: 10_000 });
    const newer = { ...oldApi, schemaVersion: "2021-03-18" };
    expect(made(newer, { api: "logs" }).schemaVersion).toBe("2021-03-18");
  });
});

describe("repetition", () => {
  const first = made(valid);
  const repeated = [200, '"AlreadySubscribed"'];

  test.each([
    ["the same again", valid],
    ["members in another order", Object.fromEntries(Object.entries(valid).reverse())],
    ["types in another order", { ...valid, types: ["function", "platform", "function"] }],
    [
      "defaults written out",
      { ...valid, destination: { ...valid.destination, method: "POST" }, buffering: { timeoutMs: 1000 } },
    ],
  ])("[TEL-36, TEL-37] %s", (_what, body) => {
    expect(answer(body, { existing: [first] })).toEqual(repeated);
  });

  test.each([
    ["another version", { ...valid, schemaVersion: "2022-12-13" }],
    ["other types", { ...valid, types: ["platform"] }],
    ["another path", { ...valid, destination: { protocol: "HTTP", URI: `${uri}/x` } }],
    ["another method", { ...valid, destination: { ...valid.destination, method: "PUT" } }],
    ["another protocol", { ...valid, destination: { protocol: "TCP", port: 4243 } }],
    ["another buffering", { ...valid, buffering: { timeoutMs: 25 } }],
  ])("[TEL-37, TEL-38] %s is another subscription", (_what, body) => {
    expect(answer(body, { existing: [first] })).toEqual([200, '"OK"']);
  });

  test("[TEL-67] another extension's subscription is not this one's", () => {
    expect(answer(valid, { name: "other", existing: [first] })).toEqual([200, '"OK"']);
  });

  test("[TEL-63, TEL-81, TEL-82] who has the Logs API cannot have Telemetry, others can", () => {
    const existing = [made(oldApi, { api: "logs" })];
    const text =
      "The extension forwarder is already subscribed to the LogsAPI. You must either subscribe to the LogsAPI or the TelemetryAPI";
    expect(answer(valid, { existing })).toEqual([400, agent("Telemetry.AccessDenied", text)]);
    expect(answer(valid, { name: "other", existing })).toEqual([200, '"OK"']);
  });

  test("[LGS-08] who has Telemetry cannot have the Logs API", () => {
    const text =
      "The extension forwarder is already subscribed to the TelemetryAPI. You must either subscribe to the LogsAPI or the TelemetryAPI";
    expect(answer(oldApi, { api: "logs", existing: [first] })).toEqual([400, agent("Logs.AccessDenied", text)]);
  });

  test("[TEL-68] the 129th subscription of an environment is refused, a repetition is not", () => {
    const existing = Array.from({ length: 128 }, (_, port) =>
      made({ ...valid, destination: { protocol: "TCP", port: port + 1 } }),
    );
    expect(answer(valid, { existing: existing.slice(1) })).toEqual([200, '"OK"']);
    expect(answer(valid, { existing })).toEqual(invalid("too many subscriptions"));
    expect(answer({ ...valid, destination: { protocol: "TCP", port: 7 } }, { existing })).toEqual(repeated);
  });
});

describe("[TEL-46] what cannot be read names its place", () => {
  const text = JSON.stringify(valid);
  const versions = "`2020-08-15`, `2021-03-18`, `2022-07-01`, `2022-12-13`, `2025-01-29`";

  test.each([
    ["[TEL-55] nothing", "", "EOF while parsing a value at line 1 column 0"],
    ["[TEL-46] no JSON", "hello", "expected value at line 1 column 1"],
    ["[TEL-46] an array", "[]", "invalid type: sequence, expected struct Subscription at line 1 column 2"],
    ["[TEL-46] an end too early", '{"types":["platform"', "EOF while parsing a list at line 1 column 20"],
    ["[TEL-46] more after the end", `${text} x`, `trailing characters at line 1 column ${text.length + 2}`],
    ["[TEL-46] a comma too many", '{"a":1,}', "trailing comma at line 1 column 8"],
    ["[TEL-46] no colon", '{"a" 1}', "expected `:` at line 1 column 6"],
    ["[TEL-46] lines are counted by LF", '{\n\n  "types": x', "expected value at line 3 column 12"],
    ["[TEL-46] columns are bytes", '{"é":x', "expected value at line 1 column 7"],
    ["[TEL-54] no types", "{}", "missing field `types` at line 1 column 2"],
    [
      "[TEL-47] an unknown version",
      '{"schemaVersion":"2099-01-01","types":[]}',
      `unknown variant \`2099-01-01\`, expected one of ${versions} at line 1 column 29`,
    ],
    [
      "[TEL-50] an unknown type",
      '{"types":["platform","bogus"]}',
      `unknown variant \`bogus\`, expected one of ${[...platformEventNames, "platform", "function", "extension"].map((name) => `\`${name}\``).join(", ")} at line 1 column 28`,
    ],
    [
      "[TEL-14] a type in capitals",
      '{"types":["Platform"]}',
      `unknown variant \`Platform\`, expected one of ${[...platformEventNames, "platform", "function", "extension"].map((name) => `\`${name}\``).join(", ")} at line 1 column 20`,
    ],
    [
      "[TEL-52] an unknown method, at the brace of destination",
      `{"destination":{"protocol":"HTTP","method":"GET","URI":"${uri}"},"types":[]}`,
      "unknown variant `GET`, expected `POST` or `PUT` at line 1 column 92",
    ],
    [
      "[TEL-16, TEL-53] an unknown protocol",
      '{"destination":{"protocol":"UDP"},"types":[]}',
      "unknown variant `UDP`, expected `HTTP` or `TCP` at line 1 column 33",
    ],
    [
      "[TEL-16] a protocol in small letters",
      '{"destination":{"protocol":"http"},"types":[]}',
      "unknown variant `http`, expected `HTTP` or `TCP` at line 1 column 34",
    ],
    [
      "[TEL-53] an unknown encoding",
      '{"destination":{"protocol":"TCP","port":1,"encoding":"XML"},"types":[]}',
      "unknown variant `XML`, expected `JSON` at line 1 column 59",
    ],
    ["[TEL-61] no protocol", '{"types":[],"destination":{}}', "missing field `protocol` at line 1 column 28"],
    ["[TEL-61] no URI", '{"types":[],"destination":{"protocol":"HTTP"}}', "missing field `URI` at line 1 column 45"],
    ["[TEL-61] no port", '{"types":[],"destination":{"protocol":"TCP"}}', "missing field `port` at line 1 column 44"],
  ])("%s", (_claim, body, message) => {
    expect(answer(body)).toEqual(unreadable(message));
  });

  test.each([
    ['{"types":[],"buffering":{"timeoutMs":1.5}}', 40],
    ['{"types":[],"buffering":{"timeoutMs":-1}}', 39],
    ['{"types":[],"buffering":{"maxItems":"9"}}', 39],
    ['{"types":[],"buffering":{"maxBytes":99999999999999999999}}', 56],
    ['{"types":[],"destination":{"protocol":"TCP","port":65536}}', 57],
    ['{"types":[],"destination":{"protocol":"TCP","port":-1}}', 54],
    ['{"types":[],"destination":{"protocol":"TCP","port":1e3}}', 55],
  ])("[TEL-18, TEL-56] no such number: %s", (body, column) => {
    const { status, body: text } = ask(body).answer;
    const { errorType, errorMessage } = JSON.parse(text) as { errorType: string; errorMessage: string };
    expect([status, errorType]).toEqual([400, "Telemetry.DeserializationError"]);
    expect(errorMessage.endsWith(` at line 1 column ${column}`)).toBe(true);
  });

  test("never fails otherwise, whatever the bytes", () => {
    const pieces = [
      '{"types":',
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      '"platform"',
      "null",
      "1",
      '"',
      "\\",
      "\n",
      "é",
      '"destination":',
    ];
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((all) => Buffer.from(all.join(""))),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        const { status } = judgeSubscription({ api: "telemetry", extensionName: "x", body: bytes }, []).answer;
        expect(status).toBe(400);
      }),
      { numRuns: 2000 },
    );
  });

  test("agrees with JSON.parse on what is JSON", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(made(`{"extra":${json},${text.slice(1)}`)).toEqual(made(valid));
      }),
    );
  });

  test("nesting without end is refused, not followed", () => {
    expect(answer(`{"types":[],"x":${"[".repeat(100_000)}`)[1]).toContain("recursion limit exceeded at line 1");
  });
});

describe("what can be read but not granted", () => {
  const http = (URI: string): object => ({ ...valid, destination: { protocol: "HTTP", URI } });

  test("[TEL-09] a body of more than 1 MiB", () => {
    const large = `${JSON.stringify(valid)}${" ".repeat(1_048_576)}`;
    expect(answer(large)).toEqual([413, agent("Telemetry.ValidationError", "Request body is too large")]);
  });

  test.each([undefined, null, "2020-08-15", "2021-03-18"])("[TEL-57] schema version %s", (schemaVersion) => {
    const text = "TelemetryAPI only supports the SchemaVersion released after 2021-03-18";
    expect(answer({ ...valid, schemaVersion })).toEqual(invalid(text));
  });

  test.each(telemetryVersions)("[LGS-03, LGS-05] the Logs API and schema version %s", (schemaVersion) => {
    const text = "LogsAPI only supports the following SchemaVersion: 2020-08-15, 2021-03-18";
    expect(answer({ ...oldApi, schemaVersion }, { api: "logs" })).toEqual([400, agent("Logs.ValidationError", text)]);
  });

  test("[LGS-04, LGS-05] the Logs API and an unknown version", () => {
    const [status, body] = answer({ ...oldApi, schemaVersion: "2099-01-01" }, { api: "logs" });
    expect(status).toBe(400);
    expect(body).toContain('{"errorType":"Logs.DeserializationError","errorMessage":"unknown variant `2099-01-01`');
  });

  test.each(platformEventNames)("[TEL-51] the single event %s, alone or among others", (name) => {
    expect(answer({ ...valid, types: [name] })).toEqual(invalid("Unrecognized enum variant"));
    expect(answer({ ...valid, types: ["platform", name] })).toEqual(invalid("Unrecognized enum variant"));
  });

  test.each([
    ["[TEL-58] no types", { ...valid, types: [] }, "types should not be empty"],
    ["[TEL-59] a URI without port", http("http://sandbox.localdomain/x"), "URI port is not provided"],
    [
      "[TEL-60] timeoutMs too low",
      { ...valid, buffering: { timeoutMs: 24 } },
      "timeoutMs should be between 25 and 30000",
    ],
    [
      "[TEL-60] timeoutMs too high",
      { ...valid, buffering: { timeoutMs: 30_001 } },
      "timeoutMs should be between 25 and 30000",
    ],
    [
      "[TEL-60] maxBytes too low",
      { ...valid, buffering: { maxBytes: 262_143 } },
      "maxBytes should be between 262144 and 1048576",
    ],
    [
      "[TEL-60] maxBytes too high",
      { ...valid, buffering: { maxBytes: 1_048_577 } },
      "maxBytes should be between 262144 and 1048576",
    ],
    [
      "[TEL-31, TEL-60] maxItems 0",
      { ...valid, buffering: { maxItems: 0 } },
      "maxItems should be between 1000 and 10000",
    ],
    [
      "[TEL-60] maxItems too high",
      { ...valid, buffering: { maxItems: 10_001 } },
      "maxItems should be between 1000 and 10000",
    ],
    ["[TEL-61] no destination", { ...valid, destination: undefined }, "destination is not provided"],
    ["[TEL-22, TEL-61] destination null", { ...valid, destination: null }, "destination is not provided"],
    ["[TEL-61] port 0", { ...valid, destination: { protocol: "TCP", port: 0 } }, "port is not provided"],
    ["[TEL-61] no URI at all", http("sandbox.localdomain:4243"), "URI is invalid"],
    ["[TEL-61] a URI with a space", http("http://sandbox.localdomain:4243/a b"), "URI is invalid"],
    ["[TEL-61] a URI that would split the request", http("http://sandbox:1/\r\nx: y"), "URI is invalid"],
    ["[TEL-61] a port beyond all", http("http://sandbox.localdomain:65536/"), "URI is invalid"],
    [
      "[TEL-62] two problems",
      { ...http("http://sandbox.localdomain/"), types: [] },
      "URI port is not provided; types should not be empty",
    ],
    [
      "[TEL-62] every problem in its order",
      {
        schemaVersion: "2025-01-29",
        buffering: { maxItems: 1, maxBytes: 1, timeoutMs: 1 },
        types: [],
      },
      "destination is not provided; types should not be empty; timeoutMs should be between 25 and 30000; maxBytes should be between 262144 and 1048576; maxItems should be between 1000 and 10000",
    ],
    ["[TEL-23] the reserved port in a URI", http("http://sandbox.localdomain:9001/"), "port 9001 is reserved"],
    ["[TEL-23] the reserved port", { ...valid, destination: { protocol: "TCP", port: 9001 } }, "port 9001 is reserved"],
  ])("%s", (_claim, body, text) => {
    expect(answer(body)).toEqual(invalid(text));
  });

  test.each([
    [{ timeoutMs: 24 }, "timeoutMs should be between 25 and 30000"],
    [{ maxBytes: 1 }, "maxBytes should be between 262144 and 1048576"],
    [{ maxItems: 999 }, "maxItems should be between 1000 and 10000"],
  ])("[LGS-05, LGS-09] the Logs API has the same limits: %j", (buffering, text) => {
    const refusal = [400, agent("Logs.ValidationError", text)];
    expect(answer({ ...oldApi, buffering }, { api: "logs" })).toEqual(refusal);
  });

  test.each(["https://sandbox.localdomain:4243", "ftp://elsewhere:4243/x"])("[TEL-48] %s", (URI) => {
    expect(answer(http(URI))).toEqual(denied("Only 'http' scheme is supported."));
  });

  test.each(["localhost", "127.0.0.1", "169.254.100.6", "[::1]", "sandbox.localdomain.example", "xsandbox"])(
    "[TEL-24, TEL-49] host %s",
    (host) => {
      expect(answer(http(`http://${host}:4243/`))).toEqual(denied("Only 'sandbox.localdomain' hostname is supported."));
    },
  );

  test.each([
    ["shape before version", { ...valid, schemaVersion: "2020-08-15", types: ["bogus"] }, "unknown variant `bogus`"],
    [
      "version before event names",
      { ...valid, schemaVersion: "2020-08-15", types: ["platform.end"] },
      "TelemetryAPI only",
    ],
    ["event names before validation", { ...http("x"), types: ["platform.end"] }, "Unrecognized enum variant"],
    ["validation before the reserved port", { ...http("http://x:9001"), types: [] }, "types should not be empty"],
    ["the reserved port before the scheme", http("https://x:9001"), "port 9001 is reserved"],
    ["the scheme before the host", http("https://x:4243"), "Only 'http' scheme"],
  ])("[TEL-64] %s", (_what, body, text) => {
    expect(answer(body)[1]).toContain(text);
  });

  test("[TEL-64] the host before the other API, the other API before repetition", () => {
    const existing = [made(oldApi, { api: "logs" })];
    expect(answer(http("http://x:4243"), { existing })[1]).toContain("hostname");
    const both = [...existing, made(valid)];
    expect(answer(valid, { existing: both })[1]).toContain("already subscribed to the LogsAPI");
  });
});
