import { afterEach, describe, expect, test, vi } from "vitest";
import { cloudWatchLogs } from "./cloudwatch-logs.ts";
import { datadog } from "./datadog.ts";
import { elasticsearch } from "./elasticsearch.ts";
import { firehose } from "./firehose.ts";
import { connectionProblem } from "./http/connection-problems.ts";
import { kafka } from "./kafka.ts";
import { kinesis } from "./kinesis.ts";
import { loki } from "./loki.ts";
import { nats } from "./nats.ts";
import { newRelic } from "./new-relic.ts";
import { openSearch } from "./opensearch.ts";
import { otlp } from "./otlp.ts";
import { s3 } from "./s3.ts";
import { splunkHec } from "./splunk-hec.ts";
import { sqs } from "./sqs.ts";
import { webhook } from "./webhook.ts";

afterEach(() => vi.unstubAllEnvs());

const badUrl = "someone:hunter2@back-end";
const key = "a-key";
const sasl = { mechanism: "plain", username: "ada", password: undefined } as const;

describe("says at once what is missing", () => {
  test.each([
    [() => webhook({ url: undefined }), "no address: set url"],
    [() => webhook({ url: " " }), "no address: set url"],
    [() => splunkHec(), "no address: set SPLUNK_HEC_URL, or url"],
    [() => splunkHec({ url: "https://s" }), "no token: set SPLUNK_HEC_TOKEN, or token"],
    [() => loki({ username: "u" }), "no password: set LOKI_PASSWORD, or password"],
    [() => elasticsearch(), "no address: set ELASTICSEARCH_URL, or url"],
    [() => openSearch(), "no address: set OPENSEARCH_URL, or url"],
    [() => datadog(), "no API key: set DD_API_KEY, or apiKey"],
    [() => datadog({ apiKey: "" }), "no API key: set DD_API_KEY, or apiKey"],
    [() => newRelic(), "no license key: set NEW_RELIC_LICENSE_KEY, or licenseKey"],
    [() => sqs({ queueUrl: undefined }), "no queue: set queueUrl"],
    [() => s3({ bucket: "" }), "no bucket: set bucket"],
    [() => kinesis({ stream: undefined }), "no stream: set stream"],
    [() => firehose({ stream: "" }), "no stream: set stream"],
    [() => cloudWatchLogs({ logGroup: undefined }), "no log group: set logGroup"],
    [() => kafka({ brokers: [], topic: "t" }), "no broker: set brokers"],
    [() => kafka({ brokers: "b:9092", topic: undefined }), "no topic: set topic"],
    [() => kafka({ brokers: "b:9092", topic: "t", sasl }), "no password for ada: set sasl.password"],
    [() => nats({ servers: "", subject: "s" }), "no server: set servers"],
    [() => nats({ servers: "n", subject: undefined }), "no subject: set subject"],
  ])("%s", (made, problem) => {
    expect(made().problem).toBe(problem);
  });
});

describe("takes no address that is none, and repeats no part of it", () => {
  test.each([
    [() => webhook({ url: badUrl })],
    [() => webhook({ url: "ftp://hunter2/" })],
    [() => splunkHec({ url: badUrl, token: key })],
    [() => loki({ url: badUrl })],
    [() => elasticsearch({ url: badUrl })],
    [() => openSearch({ url: badUrl })],
    [() => datadog({ url: "https://someone:hunter2@", apiKey: key })],
    [() => newRelic({ url: badUrl, licenseKey: key })],
    [() => otlp({ endpoint: badUrl })],
    [() => otlp({ endpoints: { logs: badUrl } })],
    [() => sqs({ queueUrl: badUrl })],
  ])("%s", (made) => {
    const { name, problem } = made();
    expect(problem).toMatch(/is no address: it begins with https:\/\/ or http:\/\//u);
    expect(`${name} ${problem}`).not.toContain("hunter2");
  });
});

test("keeps every record, and sends none", async () => {
  const destination = webhook({ url: undefined });
  const record = { time: "2026-11-23T12:00:00.000Z", type: "function", record: "a line" } as const;
  const origin = {} as Parameters<typeof destination.encode>[1];
  expect(destination.encode(record, origin, "1")).toHaveLength(1);
  const request = { items: [], route: undefined, origin, signal: new AbortController().signal };
  expect(await destination.send(request)).toEqual({ kind: "closed", reason: "no address: set url" });
});

test.each([
  ["variables", () => elasticsearch()],
  ["settings", () => elasticsearch({ url: "https://e.example.com", apiKey: key })],
])("has nothing to say about good %s", (_, made) => {
  vi.stubEnv("ELASTICSEARCH_URL", "https://ada:secret@e.example.com");
  expect(made()).toMatchObject({ name: "elasticsearch e.example.com" });
  expect(made().problem).toBeUndefined();
});

test.each([
  [() => otlp({ endpoint: "https://ada:hunter2@o.example.com" }), "otlp https://o.example.com"],
  [() => nats({ servers: "nats://ada:hunter2@n.example.com", subject: "s" }), "nats nats://n.example.com"],
  [() => nats({ servers: ["ada:hunter2@n", "m"], subject: "s" }), "nats n,m"],
])("a name in messages has no password: %s", (made, name) => {
  expect(made().name).toBe(name);
});

test.each([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", /^DEPTH_ZERO_SELF_SIGNED_CERT \(.*not trusted.*NODE_EXTRA_CA_CERTS\)$/u],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", /NODE_EXTRA_CA_CERTS/u],
  ["ENOTFOUND", /^ENOTFOUND \(there is no such host\)$/u],
  ["ESOMETHING", /^ESOMETHING$/u],
])("the code of a connection that failed is put into words: %s", (code, words) => {
  expect(connectionProblem(code)).toMatch(words);
});
