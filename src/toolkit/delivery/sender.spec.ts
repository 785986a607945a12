import { describe, expect, test } from "vitest";
import { Backlog } from "../spool/backlog.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";
import { Sender } from "./sender.ts";
import { bodyOf, line, origin, SimulatedDestination } from "./simulated-destination.spec-support.ts";
import { type DestinationLimits, textItem } from "../destinations/destination.ts";

const never = new AbortController().signal;

function setUp(texts: readonly string[], limits: Partial<DestinationLimits> = {}) {
  const backlog = new Backlog({ directory: undefined, maxBytes: 0, maxAgeMs: 1e9, maxMemoryBytes: 1e9 });
  const add = (records: readonly TelemetryRecord[]): void => backlog.accept(records, bodyOf(records), "", 0);
  for (const text of texts) add([line(text)]);
  const to = new SimulatedDestination(limits);
  const drops: string[] = [];
  const sender = new Sender(backlog, to, { origin, requestTimeoutMs: 1000, onDrop: (why) => drops.push(why) });
  return { backlog, to, sender, drops, add, taken: () => to.taken.map((body) => JSON.parse(body) as string) };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at}`);

test("puts batches together up to the limits, and keeps their order", async () => {
  const { sender, to, taken, backlog } = setUp(numbered(25));
  expect(await sender.pass(never)).toEqual({ kind: "emptied", moved: true });
  expect(to.requests).toEqual([10, 10, 5]);
  expect(taken()).toEqual(numbered(25));
  expect(backlog.counts.read()).toMatchObject({ accepted: 25, delivered: 25, pending: 0 });
});

test("counts bytes with what each item and each request costs beside its body", async () => {
  // `"line 0"` is 8 bytes.
  const { sender, to } = setUp(numbered(10), { maxBytes: 33, itemOverheadBytes: 2, requestOverheadBytes: 3 });
  await sender.pass(never);
  expect(to.requests).toEqual([3, 3, 3, 1]);
});

test("splits by the time that one request may span, and sorts where the destination wants it", async () => {
  const { sender, to, add, taken } = setUp([], { maxSpanMs: 60_000, sorted: true });
  const at = (seconds: number): string => new Date(Date.UTC(2026, 3, 11) + seconds * 1000).toISOString();
  add([line("b", at(10)), line("a", at(5)), line("c", at(64)), line("d", at(66))]);
  await sender.pass(never);
  expect(to.requests).toEqual([3, 1]);
  expect(taken()).toEqual(["a", "b", "c", "d"]);
});

test.each(["down", "throws", "closed"] as const)(
  "keeps everything when the destination is in fault %s",
  async (fault) => {
    const { sender, to, backlog, taken } = setUp(numbered(15));
    to.fault = fault;
    expect(await sender.pass(never)).toMatchObject({ moved: false });
    expect(backlog.counts.read()).toMatchObject({ delivered: 0, pending: 15, dropped: 0 });
    to.fault = "none";
    await sender.pass(never);
    expect(taken()).toEqual(numbered(15));
  },
);

test("halves a request that is too large, and sends smaller ones until the larger pass again", async () => {
  const { sender, to, taken } = setUp(numbered(100));
  to.fault = "small";
  await sender.pass(never);
  expect(taken()).toEqual(numbered(100));
  expect(to.requests.filter((items) => items > 3).length).toBeLessThan(12);
});

test("drops the one record that no request is small enough for", async () => {
  const { sender, backlog, drops } = setUp(["x".repeat(200), "short"], { maxBytes: 100 });
  await sender.pass(never);
  expect(backlog.counts.read()).toMatchObject({ delivered: 1, droppedFor: { "too large": 1 } });
  expect(drops).toEqual(["202 bytes, of at most 100"]);
});

test("finds the poison record, drops it, reports it, and delivers all others in order", async () => {
  const texts = numbered(20).with(13, "poison");
  const { sender, to, backlog, taken, drops } = setUp(texts);
  to.fault = "picky";
  await sender.pass(never);
  expect(taken()).toEqual(texts.filter((text) => text !== "poison"));
  expect(drops).toEqual(["poison"]);
  backlog.tidy(0);
  const [report] = [...backlog.records()].map(({ record }) => record);
  expect(report).toMatchObject({
    type: "toolkit.recordsDropped",
    record: { reason: "refused", droppedRecords: 1, droppedBytes: expect.any(Number) },
  });
});

test("takes a destination that refuses everything for closed, and drops nothing for it", async () => {
  const { sender, to, backlog } = setUp(
    Array.from({ length: 400 }, () => "poison"),
    { maxItems: 400 },
  );
  to.fault = "picky";
  expect(await sender.pass(never)).toMatchObject({ kind: "closed", reason: "poison" });
  expect(to.requests.length).toBeLessThan(100);
  expect(backlog.counts.read().pending + backlog.counts.read().dropped).toBe(400);
});

test("sends only what was not taken again after a partial failure", async () => {
  const { sender, to, taken } = setUp(numbered(8));
  to.fault = "half";
  expect(await sender.pass(never)).toMatchObject({ kind: "stopped", reason: "busy" });
  to.fault = "none";
  await sender.pass(never);
  expect(taken().sort()).toEqual(numbered(8));
});

test("sends what failed again as it was, whatever was seen since", async () => {
  const { sender, to, taken, add } = setUp([]);
  let encoded = 0;
  to.encode = ({ record }) => [textItem(JSON.stringify(`${record as string}, number ${(encoded += 1)}`), 0)];
  add([line("a"), line("b")]);
  to.fault = "down";
  await sender.pass(never);
  add([line("c")]);
  to.fault = "none";
  await sender.pass(never);
  expect(taken()).toEqual(["a, number 1", "b, number 2", "c, number 3"]);
});

test("settles what was taken before a stop: not even another process sends it again", async () => {
  const { sender, to, backlog, taken } = setUp(numbered(8));
  const works = to.send.bind(to);
  const script: (typeof works)[] = [
    async () => ({ kind: "too large" }),
    works,
    async () => ({ kind: "try later", reason: "busy" }),
  ];
  to.send = (request) => script.shift()!(request);
  expect(await sender.pass(never)).toMatchObject({ kind: "stopped", moved: true });
  expect(taken()).toEqual(numbered(4));
  expect([...backlog.records()].map(({ record }) => record.record)).toEqual(numbered(8).slice(4));
  to.send = works;
  await sender.pass(never);
  expect(taken()).toEqual(numbered(8));
});

test("leaves out what is of no interest, and drops what cannot be encoded", async () => {
  const { sender, backlog, taken, drops } = setUp(["a", "of no interest", "cannot be encoded", "b"]);
  await sender.pass(never);
  expect(taken()).toEqual(["a", "b"]);
  expect(backlog.counts.read()).toMatchObject({ delivered: 2, leftOut: 1, droppedFor: { "cannot be encoded": 1 } });
  expect(drops).toEqual(["this record has no form here"]);
});

describe("a request that is not answered", () => {
  test("is given up when the time for it is over, and everything is kept", async () => {
    const { backlog } = setUp(numbered(3));
    const silent = new SimulatedDestination();
    let asked = 0;
    const to = Object.assign(silent, {
      send: ({ signal }: { readonly signal: AbortSignal }) => {
        asked += 1;
        return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("given up"))));
      },
    });
    const sender = new Sender(backlog, to, { origin, requestTimeoutMs: 20, onDrop: () => undefined });
    expect(await sender.pass(never)).toMatchObject({ kind: "stopped", reason: "no answer in 20 ms" });
    const ending = new AbortController();
    const pass = sender.pass(ending.signal);
    ending.abort();
    expect(await pass).toMatchObject({ kind: "stopped", reason: "out of time" });
    expect(asked).toBe(2);
    expect(backlog.counts.pending).toBe(3);
  });
});
