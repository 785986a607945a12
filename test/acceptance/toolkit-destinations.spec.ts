/** What every destination keeps to, with real processes: nothing is lost, nothing doubled, and nobody waits for it. */
import { describe, expect, test } from "vitest";
import { hangUp, type Received, silence } from "../fixtures/http-sink.ts";
import { type Receiver, receivers } from "../fixtures/toolkit/receivers.ts";
import {
  type Delivered,
  exits,
  numbered,
  ownLines,
  recordsIn,
  shipperName,
  shipping,
  type Shipping,
} from "../fixtures/toolkit/shipping.ts";

const leftByItself = [{ name: shipperName, exit: { code: 0, signal: null } }];
const toldCounts = /of (\d+) records (\d+) delivered, (\d+) left in the spool/;

/** An environment whose extension ships to the receiver, and what that took, in order. */
async function shippingTo(receiver: Receiver): Promise<Shipping> {
  const it = await shipping(`to: ${receiver.to}`, { environmentVariables: receiver.variables ?? {} });
  const taken: Delivered[] = [];
  it.sink.answer = receiver.takes;
  it.sink.onTaken = (received) => void taken.push(...receiver.recordsIn(received));
  const lines = (): string[] =>
    taken.flatMap(({ type, record }) => (type === "function" && typeof record === "string" ? [record.trimEnd()] : []));
  return { ...it, delivered: () => taken, lines };
}

const reportsOf = (records: readonly Delivered[]): number =>
  records.filter(({ type }) => type === "platform.report").length;

describe.each(Object.keys(receivers))("%s", (name) => {
  const receiver = receivers[name]!;

  test("busy for ten invocations, then back: everything arrives once and in order", async () => {
    const it = await shippingTo(receiver);
    it.sink.answer = receiver.busy;
    for (let at = 0; at < 10; at += 1) await it.environment.invoke({ lines: 3 });
    expect(it.sink.received.length).toBeGreaterThan(0);
    expect(it.delivered()).toEqual([]);
    it.sink.answer = receiver.takes;
    await it.environment.invoke({ lines: 3 });
    await it.environment.shutdown();
    expect(it.lines()).toEqual(numbered(1, 33));
    expect(reportsOf(it.delivered())).toBe(11);
    expect(exits(it.environment)).toEqual(leftByItself);
  });

  test("silent at SHUTDOWN: the extension leaves by itself, the rest is in the spool and counted", async () => {
    const it = await shippingTo(receiver);
    await it.environment.invoke();
    const before = it.delivered().length;
    expect(before).toBeGreaterThan(0);
    it.sink.answer = silence;
    await it.environment.invoke({ lines: 5 });
    await it.environment.shutdown();
    expect(exits(it.environment)).toEqual(leftByItself);
    const told = ownLines(it.environment).find((line) => line.includes("left in the spool"));
    const [, accepted, delivered, left] = toldCounts.exec(told!)!.map(Number);
    expect({ delivered, accepted }).toEqual({ delivered: before, accepted: before + left! });
    expect(left).toBeGreaterThanOrEqual(7);
    expect(recordsIn(it.spool)).toBe(left);
  });
});

type Json = ReturnType<typeof JSON.parse>;

/** An object that is put again replaces the one that was there. */
const inBucket = (received: readonly Received[]): Delivered[] =>
  [...new Map(received.map((one) => [one.url, one])).values()].flatMap(receivers["s3"]!.recordsIn);

/** A message whose deduplication id the queue had is left out. */
const inFifoQueue = (received: readonly Received[]): Delivered[] => {
  const messages = received.flatMap(({ body }) => JSON.parse(body.toString()).Entries as Json[]);
  const known = new Map(messages.map((message) => [message.MessageDeduplicationId, message]));
  return [...known.values()].map(({ MessageBody }) => JSON.parse(MessageBody) as Delivered);
};

test.each([
  ["s3", inBucket],
  ["sqs", inFifoQueue],
])("%s: what was taken and not answered for is not there twice", async (name, stored) => {
  const it = await shippingTo(receivers[name]!);
  it.sink.answer = hangUp;
  await it.environment.invoke({ lines: 3 });
  expect(it.sink.received.length).toBeGreaterThan(1);
  it.sink.answer = receivers[name]!.takes;
  await it.environment.invoke({ lines: 3 });
  await it.environment.shutdown();
  const records = stored(it.sink.received);
  const lines = records.filter(({ type }) => type === "function").map(({ record }) => (record as string).trimEnd());
  expect(lines).toEqual(numbered(1, 6));
  expect(reportsOf(records)).toBe(2);
});
