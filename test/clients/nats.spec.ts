/** What the NATS destination publishes, as JetStream stores it, and what it makes of refusals. */
import { nats } from "lambdarium/extension/destinations/nats";
import type { Destination } from "lambdarium/extension";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeClient } from "./installed-client.ts";
import { type NatsBroker, natsBroker, reader, ship } from "./nats-broker.ts";
import { line, sendTo } from "./sent-records.ts";

describeClient("nats-server", (installed) => {
  let broker: NatsBroker;
  beforeAll(async () => {
    broker = await natsBroker(installed);
  });
  afterAll(async () => broker.close());

  const opened: Destination[] = [];
  afterEach(() => {
    for (const one of opened.splice(0)) one.close?.();
  });
  const make = (subject: string, more: Partial<Parameters<typeof nats>[0]> = {}): Destination => {
    const to = nats({ servers: broker.address, subject, ...ship, ...more });
    opened.push(to);
    return to;
  };

  test("stores each record as a message of its subject, with its id and the function's name", async () => {
    await broker.create("logs");
    const to = make("", { subject: ({ type }, { functionName }) => `logs.${functionName}.${type}` });
    expect(await sendTo(to, [line("one"), line("two")])).toEqual({ kind: "delivered" });
    expect(await broker.read("logs")).toMatchObject([
      { subject: "logs.orders.function", value: JSON.stringify(line("one")), id: "0" },
      { value: JSON.stringify(line("two")), headers: expect.stringContaining("Function-Name: orders\r\n") },
    ]);
  });

  test("is content with what the stream has already", async () => {
    await broker.create("twice");
    const to = make("twice.x");
    expect(await sendTo(to, [line("one"), line("two")])).toEqual({ kind: "delivered" });
    expect(await sendTo(to, [line("one"), line("two"), line("three")])).toEqual({ kind: "delivered" });
    expect(await broker.read("twice")).toHaveLength(3);
  });

  test("says that no stream takes the subject, and sends when one does", async () => {
    const to = make("later.x");
    const reason = "no stream takes the subject later.x, or JetStream is not there";
    expect(await sendTo(to, [line("one")])).toEqual({ kind: "try later", reason });
    await broker.create("later");
    expect(await sendTo(to, [line("one")])).toEqual({ kind: "delivered" });
  });

  test("tells the one message that is too large for the stream from the others", async () => {
    await broker.create("small", { max_msg_size: 1000 });
    expect(await sendTo(make("small.x"), [line("one"), line("x".repeat(2000)), line("two")])).toEqual({
      kind: "partly",
      failed: [{ index: 1, reason: "message size exceeds maximum allowed (10054)", retry: false }],
    });
    expect(await broker.read("small")).toHaveLength(2);
  });

  test("knows from the server what no message may be larger than", async () => {
    await broker.create("large");
    const to = make("large.x");
    expect(await sendTo(to, [line("x".repeat(1_100_000)), line("one")])).toMatchObject({
      kind: "partly",
      failed: [{ index: 0, reason: expect.stringContaining("of at most 1048576"), retry: false }],
    });
    expect(to.limits.maxItemBytes).toBe(1_048_576);
  });

  test("tries again later what a full stream refuses", async () => {
    await broker.create("full", { max_msgs: 1, discard: "new" });
    const to = make("full.x");
    expect(await sendTo(to, [line("one")])).toEqual({ kind: "delivered" });
    expect(await sendTo(to, [line("one"), line("two")])).toMatchObject({
      kind: "partly",
      failed: [{ index: 1, reason: expect.stringContaining("maximum messages exceeded"), retry: true }],
    });
  });

  test("keeps everything where another stream takes the subject than the one that was meant", async () => {
    await broker.create("other");
    const reason = "expected stream does not match (10060)";
    expect(await sendTo(make("other.x", { stream: "mine" }), [line("x")])).toEqual({ kind: "closed", reason });
  });

  test.each([
    ["a wrong password", { ...ship, password: "wrong" }, "Authorization Violation"],
    ["a user who may not publish there", reader, 'Permissions Violation for Publish to "logs.x"'],
  ])("keeps everything with %s", async (_, who, reason) => {
    expect(await sendTo(make("logs.x", who), [line("x")])).toEqual({ kind: "closed", reason });
  });

  test("does not trust a connection after a freeze", async () => {
    await broker.create("thawed");
    const to = make("thawed.x");
    await sendTo(to, [line("one")]);
    const before = broker.passage.connections;
    await sendTo(to, [line("one")]);
    expect(broker.passage.connections).toBe(before);
    to.thawed?.();
    await sendTo(to, [line("one")]);
    expect(broker.passage.connections).toBe(before + 1);
  });

  test("says where nobody listens", async () => {
    const to = make("x", { servers: "127.0.0.1:1" });
    expect(await sendTo(to, [line("x")])).toEqual({ kind: "try later", reason: "connection refused" });
  });
});
