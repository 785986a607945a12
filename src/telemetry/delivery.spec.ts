import { describe, expect, test } from "vitest";
import { SimulatedHost, type SubscribeWish } from "../../test/conformance/simulated-host.ts";
import { examples } from "../../test/conformance/telemetry-examples.ts";

const linesOnly: SubscribeWish = { types: ["function"], buffering: { timeoutMs: 1000 } };

/** A host with one subscription to lines, so that every event is one the test wrote. */
function subscribed(wish: SubscribeWish = {}, backlogFactor = 4): SimulatedHost {
  const host = new SimulatedHost({ backlogFactor });
  host.subscribe({ ...linesOnly, ...wish });
  host.tell({ event: "window closed" });
  host.advance(30_000);
  host.attempts.length = 0;
  host.otherEffects.length = 0;
  return host;
}

const write = (host: SimulatedHost, lines: number): void => {
  for (let i = 0; i < lines; i++) host.write(String(i));
};
const sizes = (host: SimulatedHost, subscription = 1): readonly number[] =>
  host.batches(subscription).map((batch) => batch.length);
const texts = (host: SimulatedHost): readonly unknown[] => host.delivered(1).map(({ record }) => record);
const times = (host: SimulatedHost, since: number): readonly number[] => host.attempts.map(({ at }) => at - since);

describe("bodies", () => {
  test("[DLV-09] an HTTP body is one JSON array without white space", () => {
    const host = subscribed({ types: ["function", "extension"] });
    host.accept(examples.functionLine.record);
    host.accept(examples.extensionLine.record);
    host.advance(1000);
    const expected = [examples.functionLine, examples.extensionLine].map(({ events }) => events["2025-01-29"]?.[0]);
    expect(host.attempts.map(({ batch }) => batch.body)).toEqual([`[${expected.join(",")}]`]);
  });

  test("[DLV-14, LGS-10] TCP gets a line for each event", () => {
    const host = subscribed({ types: ["function", "extension"], destination: { protocol: "TCP", port: 5 } });
    host.accept(examples.functionLine.record);
    host.accept(examples.extensionLine.record);
    host.advance(1000);
    const expected = [examples.functionLine, examples.extensionLine].map(({ events }) => events["2025-01-29"]?.[0]);
    expect(host.attempts.map(({ batch }) => batch.body)).toEqual([`${expected.join("\n")}\n`]);
  });

  test("[DLV-14] a JSON object written over several lines is one line for TCP", () => {
    const host = new SimulatedHost({ logFormat: "JSON" });
    host.subscribe({ ...linesOnly, destination: { protocol: "TCP", port: 5 } });
    host.accept({ time: 0, type: "function", stream: "log", text: '{\n  "a": "b\\n"\n}' });
    host.advance(1000);
    expect(host.attempts[0]?.batch.body).toBe(
      '{"time":"1970-01-01T00:00:00.000Z","type":"function","record":{"a":"b\\n"}}\n',
    );
  });
});

describe("batching", () => {
  test("[DLV-20, DLV-22] the first event of a batch starts the timer, and one event is enough", () => {
    const host = subscribed();
    const since = host.now;
    host.write("first");
    host.advance(900);
    host.write("second");
    host.advance(99);
    expect(host.attempts).toEqual([]);
    host.advance(1);
    host.advance(5000);
    expect([times(host, since), sizes(host)]).toEqual([[1000], [2]]);
  });

  test("[DLV-21, DLV-23] a batch of maxItems is sent at once", () => {
    const host = subscribed({ buffering: { maxItems: 1000 } });
    write(host, 999);
    expect(host.attempts).toEqual([]);
    host.write("the last");
    expect(sizes(host)).toEqual([1000]);
  });

  test("[DLV-21, DLV-23] a batch of maxBytes is sent at once, the event that filled it included", () => {
    const host = subscribed({ buffering: { maxBytes: 262_144 } });
    host.write("x".repeat(200_000));
    expect(host.attempts).toEqual([]);
    host.write("x".repeat(200_000));
    expect(sizes(host)).toEqual([2]);
  });

  test("[DLV-15, DLV-21] TCP has the same limits", () => {
    const host = subscribed({ buffering: { maxItems: 1000 }, destination: { protocol: "TCP", port: 5 } });
    write(host, 1500);
    expect(sizes(host)).toEqual([1000]);
    host.advance(1000);
    expect(sizes(host)).toEqual([1000, 500]);
  });

  test("[DLV-26] the end of a stream sends what gathers", () => {
    const host = subscribed({ buffering: { timeoutMs: 30_000 } });
    host.write("last words");
    host.tell({ event: "stream ended" });
    expect(texts(host)).toEqual(["last words\n"]);
  });

  test("[DLV-26] also behind a batch that is under way, as soon as that is acknowledged", () => {
    const host = subscribed({ buffering: { timeoutMs: 30_000, maxItems: 1000 } });
    host.meetings.set(1, "stay silent");
    write(host, 1001);
    host.tell({ event: "stream ended" });
    host.conclude(1, "acknowledged");
    expect(sizes(host)).toEqual([1000, 1]);
  });

  test("[DLV-27, TEL-70] each subscription has its own limits, and a stuck one delays no other", () => {
    const host = new SimulatedHost();
    host.subscribe({ ...linesOnly, name: "fast", buffering: { timeoutMs: 25 } });
    host.subscribe({ ...linesOnly, name: "slow", buffering: { timeoutMs: 5000 } });
    host.subscribe({ ...linesOnly, name: "stuck" });
    host.meetings.set(3, "stay silent");
    const since = host.now;
    host.write("x");
    host.advance(10_000);
    const first = (id: number): number => Number(host.attempts.find(({ subscription }) => subscription === id)?.at);
    expect([first(1), first(2), first(3)].map((at) => at - since)).toEqual([25, 5000, 1000]);
  });

  test("a timer that fires a little early is set again", () => {
    const host = subscribed();
    host.write("x");
    host.advance(999);
    host.tell({ event: "timer fired", timer: 1 });
    expect(host.attempts).toEqual([]);
    host.advance(1);
    expect(sizes(host)).toEqual([1]);
  });
});

describe("acknowledgement and retry", () => {
  test("[DLV-30, DLV-32] nothing is sent while a batch is under way or waits, and that batch does not grow", () => {
    const host = subscribed({ buffering: { maxItems: 1000, timeoutMs: 25 } });
    host.meetings.set(1, "stay silent");
    write(host, 1000);
    write(host, 2500);
    host.advance(2000);
    expect(sizes(host)).toEqual([1000]);
    host.conclude(1, "failed");
    write(host, 10);
    host.advance(25);
    host.conclude(1, "acknowledged");
    host.conclude(1, "acknowledged");
    host.conclude(1, "acknowledged");
    host.conclude(1, "acknowledged");
    expect(sizes(host)).toEqual([1000, 1000, 1000, 1000, 510]);
  });

  test("[DLV-12, DLV-31, DLV-78] an unacknowledged batch is sent again and again, the same to the byte", () => {
    const host = subscribed();
    host.meetings.set(1, "fail");
    host.write("stubborn");
    host.advance(600_000);
    const { attempts } = host;
    expect(attempts.length).toBeGreaterThan(500);
    expect(new Set(attempts.map(({ batch }) => batch)).size).toBe(1);
    expect(host.status(1).counters.retries).toBe(attempts.length - 1);
    expect(host.status(1).counters).toMatchObject({ queued: { events: 1 }, dropped: { events: 0 } });
    host.meetings.set(1, "acknowledge");
    host.advance(2000);
    expect(host.status(1).counters).toMatchObject({ queued: { events: 0 }, acknowledged: { events: 1 } });
  });

  test("[DLV-33] the waits grow from 25 ms to 1 s", () => {
    const host = subscribed();
    host.meetings.set(1, "fail");
    host.write("x");
    host.advance(10_000);
    const at = host.attempts.map((attempt) => attempt.at);
    expect(at.slice(1, 9).map((time, i) => time - Number(at[i]))).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000]);
  });

  test.each([
    [0, [20, 40, 80]],
    [0.999_999, [30, 60, 120]],
  ])("[DLV-33] the waits are spread by a fifth: chance %d", (chance, expected) => {
    const host = new SimulatedHost({ random: () => chance });
    host.subscribe(linesOnly);
    host.meetings.set(1, "fail");
    host.write("x");
    host.advance(3000);
    const at = host.attempts.map((attempt) => attempt.at);
    expect(at.slice(1, 4).map((time, i) => Math.round(time - Number(at[i])))).toEqual(expected);
  });

  test("[DLV-34] after an acknowledgement the wait is 25 ms again", () => {
    const host = subscribed();
    host.meetings.set(1, "fail");
    host.write("x");
    host.advance(5000);
    host.meetings.set(1, "acknowledge");
    host.advance(1000);
    host.meetings.set(1, "fail");
    host.attempts.length = 0;
    host.write("y");
    host.advance(1030);
    const [first, second] = host.attempts.map(({ at }) => at);
    expect(Number(second) - Number(first)).toBe(25);
  });

  test("[DLV-29] no complete answer within 5,000 ms is a failure", () => {
    const host = subscribed();
    host.meetings.set(1, "stay silent");
    host.write("x");
    host.advance(1000 + 4999);
    expect([host.attempts.length, host.otherEffects]).toEqual([1, []]);
    host.advance(1);
    expect(host.otherEffects).toEqual([
      { effect: "abort attempt", subscription: 1, attempt: 1, why: "no answer in time" },
    ]);
    host.advance(25);
    expect(host.attempts).toHaveLength(2);
  });

  test("[DLV-18] a TCP listener may take as long as it likes", () => {
    const host = subscribed({ destination: { protocol: "TCP", port: 5 } });
    host.meetings.set(1, "stay silent");
    host.write("x");
    host.advance(100_000);
    expect([host.attempts.length, host.otherEffects]).toEqual([1, []]);
  });

  test("[DLV-59, DLV-76] an answer that comes after its attempt was given up does not count", () => {
    const host = subscribed();
    host.meetings.set(1, "stay silent");
    host.write("x");
    host.advance(6000);
    host.tell({ event: "batch acknowledged", subscription: 1, attempt: 1 });
    expect(host.status(1).counters).toMatchObject({ acknowledged: { events: 0 }, queued: { events: 1 } });
    host.advance(100);
    expect(host.attempts).toHaveLength(2);
  });

  test("[DLV-35, DLV-70] a listener that starts late gets everything in order", () => {
    const host = subscribed({ buffering: { timeoutMs: 25 } });
    host.meetings.set(1, "fail");
    for (let i = 0; i < 50; i++) {
      host.write(String(i));
      host.advance(100);
    }
    host.attempts.length = 0;
    host.meetings.set(1, "acknowledge");
    host.advance(2000);
    expect(texts(host)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}\n`));
  });

  test("[DLV-77] without a failed attempt nothing is sent twice", () => {
    const host = subscribed({ buffering: { timeoutMs: 25, maxItems: 1000 } });
    for (let i = 0; i < 30; i++) {
      write(host, 100);
      host.advance(7);
    }
    host.advance(100);
    expect(host.delivered(1)).toHaveLength(3000);
    expect(host.status(1).counters).toMatchObject({ retries: 0, acknowledged: { events: 3000 } });
  });
});

describe("freezing", () => {
  test("[DLV-60, DLV-64] nothing is sent while frozen; what ran out is sent at the thaw", () => {
    const host = subscribed();
    host.write("x");
    host.tell({ event: "frozen" });
    host.write("late");
    host.advance(3_600_000);
    expect(host.attempts).toEqual([]);
    const since = host.now;
    host.tell({ event: "thawed" });
    expect([times(host, since), sizes(host)]).toEqual([[0], [2]]);
  });

  test("[DLV-20, DLV-60] a timer that did not run out goes on after the thaw, in elapsed time", () => {
    const host = subscribed();
    const since = host.now;
    host.write("x");
    host.tell({ event: "frozen" });
    host.advance(300);
    host.tell({ event: "thawed" });
    host.advance(10_000);
    expect(times(host, since)).toEqual([1000]);
  });

  test("[DLV-64] a freeze that counts as longer than it was lets a batch run out, and no more than that", () => {
    const host = subscribed();
    host.write("x");
    host.tell({ event: "frozen" });
    host.tell({ event: "freeze lengthened", byMs: 999 });
    host.tell({ event: "thawed" });
    expect(host.attempts).toEqual([]);
    host.tell({ event: "frozen" });
    host.tell({ event: "freeze lengthened", byMs: 1 });
    expect(host.attempts).toEqual([]);
    host.tell({ event: "thawed" });
    expect(sizes(host)).toEqual([1]);
  });

  test("[DLV-60] a full batch waits for the thaw too", () => {
    const host = subscribed({ buffering: { maxItems: 1000 } });
    host.tell({ event: "frozen" });
    write(host, 1500);
    expect(host.attempts).toEqual([]);
    host.tell({ event: "thawed" });
    expect(sizes(host)).toEqual([1000]);
  });

  test("[DLV-34, DLV-60] no retry is started while frozen; at the thaw the head is tried at once, from 25 ms on", () => {
    const host = subscribed();
    host.meetings.set(1, "fail");
    host.write("x");
    host.advance(5000);
    host.tell({ event: "frozen" });
    host.attempts.length = 0;
    host.advance(60_000);
    expect(host.attempts).toEqual([]);
    const since = host.now;
    host.tell({ event: "thawed" });
    host.advance(100);
    expect(times(host, since)).toEqual([0, 25, 75]);
  });

  test("[DLV-81] the limit of an attempt does not run while frozen", () => {
    const host = subscribed();
    host.meetings.set(1, "stay silent");
    host.write("x");
    host.advance(1000 + 3000);
    host.tell({ event: "frozen" });
    host.advance(60_000);
    host.tell({ event: "thawed" });
    host.advance(1999);
    expect(host.otherEffects).toEqual([]);
    host.advance(1);
    expect(host.otherEffects).toMatchObject([{ effect: "abort attempt" }]);
  });

  test("[DLV-81] an answer that arrives while frozen counts, and what follows waits for the thaw", () => {
    const host = subscribed({ buffering: { maxItems: 1000 } });
    host.meetings.set(1, "stay silent");
    write(host, 2000);
    host.tell({ event: "frozen" });
    host.conclude(1, "acknowledged");
    expect([host.status(1).counters.acknowledged.events, host.attempts.length]).toEqual([1000, 1]);
    host.tell({ event: "thawed" });
    expect(sizes(host)).toEqual([1000, 1000]);
  });

  test("[DLV-61, DLV-63] the report of an invoke that froze at once arrives after the thaw for the next", () => {
    const host = subscribed({ types: ["platform"], buffering: { timeoutMs: 25 } });
    host.accept(examples.runtimeDone.record);
    host.accept(examples.report.record);
    host.tell({ event: "frozen" });
    host.advance(1000);
    expect(host.attempts).toEqual([]);
    host.tell({ event: "thawed" });
    expect(host.delivered(1).map(({ type }) => type)).toEqual(["platform.runtimeDone", "platform.report"]);
  });

  test("[DLV-65] without being told of freezes it delivers all the time", () => {
    const host = subscribed({ types: ["platform"], buffering: { timeoutMs: 25 } });
    host.accept(examples.report.record);
    host.advance(25);
    expect(host.delivered(1).map(({ type }) => type)).toEqual(["platform.report"]);
  });
});

describe("resets", () => {
  test("[DLV-67, DLV-68, DLV-69, TEL-77, LGS-14] what the reset interrupted reaches the next generation on the old destination", () => {
    const host = subscribed({ api: "logs", types: ["platform", "function"], buffering: { timeoutMs: 25 } });
    host.meetings.set(1, "stay silent");
    host.write("interrupted");
    host.advance(30);
    host.tell({ event: "generation ended" });
    host.accept(examples.timedOutReport.record);
    host.advance(60_000);
    expect(host.otherEffects).toMatchObject([
      { effect: "abort attempt", why: "generation ended" },
      { effect: "close connection", subscription: 1 },
    ]);
    expect(host.attempts).toHaveLength(1);
    host.meetings.set(1, "acknowledge");
    host.tell({ event: "init began" });
    const [first, again, rest] = host.attempts;
    expect([again?.batch, again?.at]).toEqual([first?.batch, host.now]);
    expect(rest?.batch.destination).toBe(first?.batch.destination);
    expect(host.batches(1)[2]?.map(({ type }) => type)).toEqual(["platform.fault", "platform.end", "platform.report"]);
  });

  test("[DLV-69] a generation that ended frozen leaves the next one free to receive", () => {
    const host = subscribed();
    host.tell({ event: "frozen" });
    host.write("x");
    host.tell({ event: "generation ended" });
    host.tell({ event: "init began" });
    host.advance(1000);
    expect(texts(host)).toEqual(["x\n"]);
  });

  test("[DLV-68] counters and the sequence-id go on", () => {
    const [reset, straight] = [subscribed(), subscribed()];
    for (const host of [reset, straight]) host.write("before");
    for (const host of [reset, straight]) host.advance(1000);
    reset.tell({ event: "generation ended" });
    reset.tell({ event: "init began" });
    for (const host of [reset, straight]) host.write("after");
    for (const host of [reset, straight]) host.advance(1000);
    expect(reset.attempts.at(-1)?.batch.sequenceId).toBe(straight.attempts.at(-1)?.batch.sequenceId);
    expect(reset.status(1).counters.acknowledged.events).toBe(2);
  });

  test("[TEL-67, TEL-77, TEL-78, TEL-79, TEL-84] subscriptions survive by name: repeated, added, left alone, or exclusive as before", () => {
    const host = new SimulatedHost();
    host.subscribe({ ...linesOnly, name: "keeps" });
    host.subscribe({ ...linesOnly, name: "gone" });
    host.tell({ event: "generation ended" });
    host.tell({ event: "init began" });
    expect(host.subscribe({ ...linesOnly, name: "keeps" })).toBe('"AlreadySubscribed"');
    expect(host.subscribe({ name: "keeps" })).toBe('"OK"');
    expect(host.subscribe({ name: "keeps", api: "logs" })).toContain("Logs.AccessDenied");
    host.attempts.length = 0;
    host.write("x");
    host.advance(1000);
    expect(new Set(host.attempts.map(({ subscription }) => subscription))).toEqual(new Set([1, 2, 3]));
  });
});

describe("shutdown", () => {
  const flushed = (complete: boolean): object => ({ effect: "telemetry flushed", complete });

  test("[DLV-71] a flush sends everything at once and is over when all is acknowledged", () => {
    const host = subscribed({ buffering: { timeoutMs: 30_000, maxItems: 1000 } });
    host.meetings.set(1, "stay silent");
    write(host, 1500);
    host.tell({ event: "flush requested", withinMs: 1000 });
    host.conclude(1, "acknowledged");
    expect(host.otherEffects).toEqual([]);
    host.conclude(1, "acknowledged");
    expect(host.otherEffects).toEqual([flushed(true)]);
    expect([sizes(host), host.timers.has("flush")]).toEqual([[1000, 500], false]);
  });

  test("[DLV-71] a flush takes no more than its time", () => {
    const host = subscribed();
    host.meetings.set(1, "stay silent");
    host.write("x");
    host.tell({ event: "flush requested", withinMs: 1000 });
    host.advance(999);
    expect(host.otherEffects).toEqual([]);
    host.advance(1);
    expect(host.otherEffects).toEqual([flushed(false)]);
  });

  test("[DLV-60, DLV-71] a flush of a frozen environment sends nothing and is over at once", () => {
    const host = subscribed();
    host.tell({ event: "frozen" });
    host.write("x");
    host.tell({ event: "flush requested", withinMs: 1000 });
    expect([host.attempts, host.otherEffects]).toEqual([[], [flushed(false)]]);
  });

  test("[DLV-71] a flush of nothing is over at once", () => {
    const host = subscribed();
    host.tell({ event: "flush requested", withinMs: 1000 });
    expect(host.otherEffects).toEqual([flushed(true)]);
  });

  test("[DLV-34] a flush tries the head at once, from 25 ms on", () => {
    const host = subscribed();
    host.meetings.set(1, "fail");
    host.write("x");
    host.advance(5100);
    host.attempts.length = 0;
    const since = host.now;
    host.tell({ event: "flush requested", withinMs: 1000 });
    host.advance(80);
    expect(times(host, since)).toEqual([0, 25, 75]);
  });

  test("[DLV-73] what the last freeze held back is delivered by the flush, before SHUTDOWN", () => {
    const host = subscribed({ types: ["platform"], buffering: { timeoutMs: 30_000 } });
    host.accept(examples.runtimeDone.record);
    host.accept(examples.report.record);
    host.tell({ event: "frozen" });
    host.advance(60_000);
    host.tell({ event: "thawed" });
    host.tell({ event: "flush requested", withinMs: 1000 });
    expect(host.delivered(1).map(({ type }) => type)).toEqual(["platform.runtimeDone", "platform.report"]);
    expect(host.otherEffects).toEqual([flushed(true)]);
  });

  test("connections end with the generation and with the environment, not with a freeze", () => {
    const host = subscribed();
    host.tell({ event: "frozen" });
    host.tell({ event: "thawed" });
    expect(host.otherEffects).toEqual([]);
    host.tell({ event: "generation ended" });
    host.tell({ event: "init began" });
    host.tell({ event: "destroyed" });
    const closing = { effect: "close connection", subscription: 1 };
    expect(host.otherEffects).toEqual([closing, closing]);
  });

  test("[DLV-72] while extensions shut down events are sent at once, and 100 ms later all is tried again", () => {
    const host = subscribed({ buffering: { timeoutMs: 30_000 } });
    host.tell({ event: "shutdown delivered" });
    host.write("a");
    host.write("b");
    expect(sizes(host)).toEqual([1, 1]);
    host.meetings.set(1, "fail");
    host.write("c");
    host.attempts.length = 0;
    const since = host.now;
    host.advance(99);
    expect(times(host, since)).toEqual([25, 75]);
    host.advance(1);
    expect(times(host, since).at(-1)).toBe(100);
  });

  test("[DLV-72] the next generation batches as before", () => {
    const host = subscribed();
    host.tell({ event: "shutdown delivered" });
    host.tell({ event: "generation ended" });
    host.tell({ event: "init began" });
    host.write("x");
    host.advance(999);
    expect(host.attempts).toEqual([]);
  });

  test("[DLV-56, DLV-57, DLV-74] when the environment is gone nothing is sent, and what was left stays counted as queued", () => {
    const host = subscribed();
    host.meetings.set(1, "stay silent");
    host.write("under way");
    host.advance(1000);
    host.write("waiting");
    host.tell({ event: "destroyed" });
    host.write("too late");
    host.tell({ event: "init began" });
    host.tell({ event: "thawed" });
    host.advance(60_000);
    expect(host.attempts).toHaveLength(1);
    expect([host.timers.size, host.underWay.size]).toEqual([0, 0]);
    expect(host.status(1)).toMatchObject({
      extensionName: "forwarder",
      api: "telemetry",
      destination: { protocol: "HTTP", port: 4243 },
      counters: { produced: { events: 2 }, acknowledged: { events: 0 }, dropped: { events: 0 }, queued: { events: 2 } },
    });
  });
});
