/** What the Kafka destination writes, as Kafka's own client reads it, and how it comes in. */
import { kafka } from "lambdarium/extension/destinations/kafka";
import type { Destination, TelemetryRecord } from "lambdarium/extension";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { alice, type KafkaBroker, kafkaBroker } from "./kafka-broker.ts";
import { line, origin, sendTo } from "./sent-records.ts";

type KafkaSettings = Parameters<typeof kafka>[0];

describeClient("kafka", (installed) => {
  let broker: KafkaBroker;
  beforeAll(async () => {
    broker = await kafkaBroker(installed);
  });
  afterAll(async () => broker.close());

  const opened: Destination[] = [];
  afterEach(() => {
    for (const one of opened.splice(0)) one.close?.();
  });
  let topics = 0;
  /** A destination with a topic of its own. */
  const make = async (
    more: Partial<KafkaSettings> = {},
    partitions = 1,
    configs: readonly string[] = [],
  ): Promise<{ readonly to: Destination; readonly topic: string }> => {
    const topic = `topic-${(topics += 1)}`;
    await broker.create(topic, partitions, configs);
    const to = kafka({ brokers: broker.address, topic, ...more });
    opened.push(to);
    return { to, topic };
  };

  test.each(["gzip", "none"] as const)("stores key, value, time and headers, compression %s", async (compression) => {
    const { to, topic } = await make({ compression });
    const long = line("é".repeat(3000), "2026-04-11T06:20:01.000Z");
    expect(await sendTo(to, [line("one"), long])).toEqual({ kind: "delivered" });
    const headers = { "function-name": "orders", "function-version": "$LATEST" };
    const key = origin.processId;
    expect(await broker.read(topic)).toMatchObject([
      { key, value: JSON.stringify(line("one")), timestamp: 1775888400540, headers: { "record-id": "0", ...headers } },
      { key, value: JSON.stringify(long), timestamp: 1775888401000, headers: { "record-id": "1", ...headers } },
    ]);
  });

  test("keeps the records of an invocation together, in order", async () => {
    const { to, topic } = await make({}, 8);
    const start = (requestId: string): TelemetryRecord => ({
      ...line(""),
      type: "platform.start",
      record: { requestId, version: "1" },
    });
    const ids = ["r-one", "r-two", "r-three", "r-four"];
    const records = ids.flatMap((id) => [start(id), line(`first of ${id}\n`), line(`second of ${id}\n`)]);
    expect(await sendTo(to, records)).toEqual({ kind: "delivered" });
    const stored = await broker.read(topic);
    const of = (id: string) => stored.filter(({ key }) => key === id);
    for (const id of ids) {
      expect(new Set(of(id).map(({ partition }) => partition)).size).toBe(1);
      expect(of(id).map(({ value }) => JSON.parse(value).record)).toMatchObject([
        { requestId: id },
        `first of ${id}\n`,
        `second of ${id}\n`,
      ]);
    }
    expect(new Set(stored.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test("finds out that a request is larger than the topic takes", async () => {
    const { to, topic } = await make({ compression: "none" }, 1, ["max.message.bytes=2000"]);
    expect(await sendTo(to, [line("x".repeat(1500)), line("y".repeat(1500))])).toEqual({ kind: "too large" });
    expect(await sendTo(to, [line("small enough")])).toEqual({ kind: "delivered" });
    expect(await broker.read(topic)).toHaveLength(1);
  });

  test("takes a request for too large again where only some partitions found it so", async () => {
    const { to } = await make({ compression: "none", key: ({ record }) => String(record)[0]! }, 8, [
      "max.message.bytes=2000",
    ]);
    const result = await sendTo(to, [line("a".repeat(3000)), line("c")]);
    expect(result).toMatchObject({ kind: "partly", failed: [{ index: 0, retry: true }] });
    expect(await sendTo(to, [line("a".repeat(3000))])).toEqual({ kind: "too large" });
  });

  test("says which topic is missing, and sends when it is there", async () => {
    const topic = "later";
    const to = kafka({ brokers: ["127.0.0.1:1", broker.address], topic });
    opened.push(to);
    const reason = "UNKNOWN_TOPIC_OR_PARTITION: topic later";
    expect(await sendTo(to, [line("x")])).toEqual({ kind: "try later", reason });
    await broker.create(topic);
    expect(await sendTo(to, [line("x")])).toEqual({ kind: "delivered" });
  });

  test.each([
    { mechanism: "plain", ...alice },
    { mechanism: "scram-sha-256", ...alice },
    { mechanism: "scram-sha-512", ...alice },
    { mechanism: "oauthbearer", token: () => unsignedToken("alice") },
  ] as const)("says who it is by SASL $mechanism", async (sasl) => {
    const { to, topic } = await make({ brokers: broker.saslAddress, sasl });
    expect(await sendTo(to, [line("x")])).toEqual({ kind: "delivered" });
    expect(await broker.read(topic)).toHaveLength(1);
  });

  test.each([
    [{ mechanism: "plain", ...alice, password: "wrong" }],
    [{ mechanism: "scram-sha-256", ...alice, password: "wrong" }],
    [{ mechanism: "scram-sha-512", username: "nobody", password: "x" }],
    [{ mechanism: "oauthbearer", token: () => "nonsense" }],
  ] as const)("keeps everything where it is not believed: %o", async (sasl) => {
    const { to } = await make({ brokers: broker.saslAddress, sasl });
    const reason = expect.stringContaining("SASL_AUTHENTICATION_FAILED");
    expect(await sendTo(to, [line("x")])).toMatchObject({ kind: "closed", reason });
  });

  test("speaks TLS, and trusts no certificate that it was not told of", async () => {
    const told = await make({ brokers: broker.tlsAddress, tls: { ca: broker.certificate } });
    expect(await sendTo(told.to, [line("x")])).toEqual({ kind: "delivered" });
    const untold = await make({ brokers: broker.tlsAddress, tls: true });
    await expect(sendTo(untold.to, [line("x")])).rejects.toThrow("DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  test("says what does not speak Kafka's protocol", async () => {
    const { to } = await make({ brokers: broker.tlsAddress });
    await expect(sendTo(to, [line("x")])).rejects.toThrow(/^localhost:\d+: /);
  });

  test("does without a producer id where that is wanted", async () => {
    const { to, topic } = await make({ idempotent: false });
    expect(await sendTo(to, [line("x")])).toEqual({ kind: "delivered" });
    expect(await broker.read(topic)).toHaveLength(1);
  });

  test("leaves a broker alone for as long as its quota asks", async () => {
    const { to } = await make({ compression: "none" });
    await broker.limitBytesPerSecond(1000);
    const many = Array.from({ length: 50 }, (_, at) => line(`${at}`.padEnd(1000, "x")));
    expect(await sendTo(to, many)).toEqual({ kind: "delivered" });
    const next = await sendTo(to, [line("x")]);
    await broker.limitBytesPerSecond(1e9);
    expect(next).toMatchObject({ kind: "try later", reason: "a quota of the broker's is used up" });
  });
});

/** What a broker believes whose verification is turned off. */
function unsignedToken(subject: string): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ sub: subject, iat: now, exp: now + 600 })}.`;
}
