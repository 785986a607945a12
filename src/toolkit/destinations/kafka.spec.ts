import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { line, origin } from "../delivery/simulated-destination.spec-support.ts";
import type { Destination, Item, SendResult } from "./destination.ts";
import { kafka } from "./kafka.ts";
import { ScriptedBroker } from "./kafka/scripted-broker.spec-support.ts";

let broker: ScriptedBroker;
let other: ScriptedBroker;
let to: Destination;
beforeEach(async () => {
  broker = await new ScriptedBroker().open();
  other = await new ScriptedBroker().open();
  to = kafka({ brokers: `127.0.0.1:${broker.port}`, topic: "logs" });
});
afterEach(() => {
  to.close?.();
  broker.close();
  other.close();
});

const encoded = (...texts: readonly string[]): readonly Item[] =>
  texts.flatMap((text) => to.encode(line(text), origin, text));
const send = (items: readonly Item[], signal = new AbortController().signal): Promise<SendResult> =>
  to.send({ items, route: "logs", signal, origin });

const metadataKey = 3;
const timesAsked = (key: number): number => broker.asked.filter((asked) => asked === key).length;

test("numbers batches one after the other, and asks for metadata and a producer id once", async () => {
  expect(await send(encoded("a", "b"))).toEqual({ kind: "delivered" });
  expect(await send(encoded("c"))).toEqual({ kind: "delivered" });
  expect(broker.seen).toEqual([
    { producerId: 1n, baseSequence: 0, records: 2 },
    { producerId: 1n, baseSequence: 2, records: 1 },
  ]);
  expect(broker.asked).toEqual([18, 3, 22, 0, 0]);
});

test("sends a batch whose answer was lost again under its numbers, and takes its being there for delivered", async () => {
  const items = encoded("a", "b");
  broker.answers = ["lost", 46];
  expect(await send(items)).toMatchObject({ kind: "try later", reason: expect.stringContaining("closed") });
  expect(await send(items)).toEqual({ kind: "delivered" });
  await send(encoded("c"));
  expect(broker.seen.map(({ baseSequence }) => baseSequence)).toEqual([0, 0, 2]);
});

test("asks who leads when the leader has changed, and sends there", async () => {
  const items = encoded("a");
  broker.answers = [6];
  expect(await send(items)).toEqual({ kind: "try later", reason: "NOT_LEADER_OR_FOLLOWER: topic logs" });
  broker.leaders = [other];
  expect(await send(items)).toEqual({ kind: "delivered" });
  expect(timesAsked(metadataKey)).toBe(2);
  expect(other.seen).toEqual([{ producerId: 1n, baseSequence: 0, records: 1 }]);
});

test("takes another producer id when the brokers have forgotten its own", async () => {
  const items = encoded("a");
  broker.answers = [59];
  expect(await send(items)).toMatchObject({ kind: "try later", reason: "UNKNOWN_PRODUCER_ID: topic logs" });
  expect(await send(items)).toEqual({ kind: "delivered" });
  expect(broker.seen.map(({ producerId }) => producerId)).toEqual([1n, 2n]);
});

test("takes another producer id when other records come in the place of those in doubt", async () => {
  const items = encoded("a", "b");
  broker.answers = ["lost"];
  await send(items);
  expect(await send(items.slice(1))).toMatchObject({ kind: "try later" });
  expect(await send(items.slice(1))).toEqual({ kind: "delivered" });
  expect(broker.seen.at(-1)).toEqual({ producerId: 2n, baseSequence: 0, records: 1 });
});

test("sends each partition to its leader, and only what one of them did not take again", async () => {
  broker.leaders = [broker, other];
  broker.partitions = 2;
  to.close?.();
  to = kafka({ brokers: `127.0.0.1:${broker.port}`, topic: "logs", key: ({ record }) => String(record) });
  // Of these keys, one belongs to each partition.
  const items = encoded("a", "d");
  other.answers = [19];
  const result = await send(items);
  const [failed] = (result as Extract<SendResult, { kind: "partly" }>).failed;
  expect(result).toMatchObject({ kind: "partly", failed: [{ retry: true }] });
  expect(await send([items[failed!.index]!])).toEqual({ kind: "delivered" });
  expect(broker.seen).toHaveLength(1);
  expect(other.seen.map(({ baseSequence }) => baseSequence)).toEqual([0, 0]);
});

test.each([
  [10, { kind: "too large" }],
  [18, { kind: "too large" }],
  [87, { kind: "refused", reason: "INVALID_RECORD: topic logs" }],
  [29, { kind: "closed", reason: "TOPIC_AUTHORIZATION_FAILED: topic logs" }],
  [19, { kind: "try later", reason: "Kafka error 19: topic logs" }],
  [7, { kind: "try later", reason: "Kafka error 7: topic logs" }],
])("takes error %i for %o", async (code, result) => {
  broker.answers = [code];
  expect(await send(encoded("a"))).toEqual(result);
});

test("uses the numbers of a batch that was too large for its halves", async () => {
  const items = encoded("a", "b");
  broker.answers = [10];
  await send(items);
  expect(await send(items.slice(0, 1))).toEqual({ kind: "delivered" });
  expect(await send(items.slice(1))).toEqual({ kind: "delivered" });
  expect(broker.seen.map(({ baseSequence }) => baseSequence)).toEqual([0, 0, 1]);
});

describe("gives up at once when its time is over, and sends the same under the same numbers", () => {
  test("while it waits for an answer", async () => {
    const items = encoded("a");
    const controller = new AbortController();
    broker.answers = ["none"];
    const sent = send(items, controller.signal);
    await vi.waitFor(() => expect(broker.seen).toHaveLength(1), { timeout: 20_000 });
    controller.abort();
    expect(await sent).toMatchObject({ kind: "try later", reason: expect.stringContaining("given up") });
    expect(await send(items)).toEqual({ kind: "delivered" });
    expect(broker.seen.map(({ baseSequence }) => baseSequence)).toEqual([0, 0]);
  });

  test("before it has begun to connect", async () => {
    const controller = new AbortController();
    const sent = send(encoded("a"), controller.signal);
    controller.abort();
    await expect(sent).rejects.toThrow("aborted");
    expect(broker.seen).toEqual([]);
    expect(await send(encoded("a"))).toEqual({ kind: "delivered" });
  });
});

test("does not trust its connections after a freeze", async () => {
  await send(encoded("a"));
  to.thawed?.();
  await send(encoded("b"));
  expect(timesAsked(18)).toBe(2);
  expect(timesAsked(metadataKey)).toBe(1);
});
