import { describe, expect, test } from "vitest";
import { SimulatedHost, type SubscribeWish } from "../../test/conformance/simulated-host.ts";

const reason = "Some logs were dropped because the downstream consumer is slower than the logs production rate";
const small = { timeoutMs: 25, maxItems: 1000 };

/** A host whose one subscriber, unless told otherwise, does not answer; its own subscription event is gone. */
function stuck(wish: SubscribeWish = {}, backlogFactor = 4): SimulatedHost {
  const host = new SimulatedHost({ backlogFactor });
  host.subscribe({ types: ["platform", "function"], buffering: small, ...wish });
  host.tell({ event: "window closed" });
  host.advance(5000);
  host.attempts.length = 0;
  host.otherEffects.length = 0;
  host.meetings.set(1, "stay silent");
  return host;
}

function write(host: SimulatedHost, from: number, to: number): void {
  for (let i = from; i < to; i++) host.write(String(i));
}

/** Lets the listener acknowledge everything from now on. */
function recover(host: SimulatedHost): void {
  host.meetings.set(1, "acknowledge");
  host.conclude(1, "acknowledged");
}

const records = (host: SimulatedHost): readonly unknown[] => host.delivered(1).map(({ record }) => record);
const lines = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}\n`);
const eventBytes = (host: SimulatedHost, line: number): number =>
  JSON.stringify({ time: new Date(host.now).toISOString(), type: "function", record: `${line}\n` }).length;

describe("the backlog is bounded", () => {
  test("[DLV-43, DLV-45] beside the batch in flight it holds 4 × maxItems events, the newest are dropped", () => {
    const host = stuck();
    write(host, 0, 7000);
    expect(host.status(1).counters).toMatchObject({
      inFlight: { events: 1000 },
      queued: { events: 5000 },
      dropped: { events: 2000 },
    });
    recover(host);
    host.advance(1000);
    expect(records(host)).toEqual(lines(0, 5000));
  });

  test("[DLV-45] it holds 4 × maxBytes bytes", () => {
    const host = stuck({ buffering: { timeoutMs: 25, maxBytes: 262_144 } });
    for (let i = 0; i < 20; i++) host.write("x".repeat(100_000));
    const { inFlight, queued, dropped } = host.status(1).counters;
    expect([inFlight.events, queued.events - inFlight.events, dropped.events]).toEqual([3, 10, 7]);
    expect(queued.bytes - inFlight.bytes).toBeLessThanOrEqual(4 * 262_144);
  });

  test("[DLV-45] the factor is one configuration value", () => {
    const host = stuck({}, 1);
    write(host, 0, 7000);
    expect(host.status(1).counters).toMatchObject({ queued: { events: 2000 }, dropped: { events: 5000 } });
  });

  test("[DLV-42] it does not grow with the length of an outage", () => {
    const host = stuck();
    for (let hour = 0; hour < 5; hour++) {
      write(host, 0, 10_000);
      host.advance(3_600_000);
    }
    expect(host.status(1).counters).toMatchObject({ queued: { events: 5000 }, dropped: { events: 45_000 } });
  });

  test("[DLV-44] nothing is dropped from what is in flight or in the middle", () => {
    const host = stuck();
    write(host, 0, 6000);
    host.conclude(1, "failed");
    host.advance(25);
    recover(host);
    expect(new Set(records(host)).size).toBe(5000);
    expect(records(host).slice(1000)).toEqual(lines(0, 5000));
  });

  test("[DLV-45] an event larger than the whole backlog passes when nothing is in its way, and is dropped otherwise", () => {
    const host = stuck({}, 1);
    host.meetings.set(1, "acknowledge");
    host.write("\u0000".repeat(100_000));
    expect(host.delivered(1)).toHaveLength(1);
    host.tell({ event: "frozen" });
    host.write("\u0000".repeat(100_000));
    host.write("small");
    host.tell({ event: "thawed" });
    host.advance(1000);
    expect(host.delivered(1).map(({ type }) => type)).toEqual(["function", "platform.logsDropped", "function"]);
  });
});

describe("platform.logsDropped", () => {
  test("[DLV-46, DLV-48, DLV-49, DLV-50] stands in the gap and counts what it swallowed", () => {
    const host = stuck();
    write(host, 0, 5003);
    const bytes = [5000, 5001, 5002].reduce((sum, line) => sum + eventBytes(host, line), 0);
    recover(host);
    write(host, 5003, 5005);
    host.advance(1000);
    expect(records(host)).toEqual([
      ...lines(0, 5000),
      { reason, droppedRecords: 3, droppedBytes: bytes },
      ...lines(5003, 5005),
    ]);
  });

  test("[DLV-46] dropping stops only when an acknowledgement has freed space", () => {
    const host = stuck({ buffering: { timeoutMs: 25, maxBytes: 262_144 } });
    for (let i = 0; i < 13; i++) host.write("x".repeat(100_000));
    host.write("x".repeat(100_000));
    host.write("small enough, but too late");
    expect(host.status(1).counters.dropped.events).toBe(2);
    host.conclude(1, "acknowledged");
    host.write("kept");
    expect(host.status(1).counters.dropped.events).toBe(2);
  });

  test("[DLV-48, DLV-52] each run of drops has one report of its own, never lost for want of room", () => {
    const host = stuck({}, 1);
    write(host, 0, 2010);
    host.conclude(1, "acknowledged");
    write(host, 2010, 3030);
    host.conclude(1, "acknowledged");
    write(host, 3030, 3040);
    recover(host);
    host.advance(1000);
    const reports = host.delivered(1).filter(({ type }) => type === "platform.logsDropped");
    expect(reports.map(({ record }) => (record as { droppedRecords: number }).droppedRecords)).toEqual([10, 20]);
    expect(records(host).slice(1999, 2002)).toMatchObject(["1999\n", { droppedRecords: 10 }, "2010\n"]);
  });

  test("[DLV-51, DLV-57] a subscription without platform gets none; the counters show the loss", () => {
    const host = stuck({ types: ["function"] });
    write(host, 0, 6000);
    recover(host);
    host.write("after");
    host.advance(1000);
    expect(host.delivered(1).filter(({ type }) => type !== "function")).toEqual([]);
    expect(host.status(1).counters).toMatchObject({
      produced: { events: 6001 },
      acknowledged: { events: 5001 },
      dropped: { events: 1000 },
    });
  });

  test("[DLV-47, DLV-51] goes to nobody who lost nothing, and the other subscription is unaffected", () => {
    const host = stuck();
    host.tell({ event: "init began" });
    host.subscribe({ name: "healthy", types: ["platform", "function"], buffering: small });
    host.advance(1000);
    host.attempts.length = 0;
    write(host, 0, 20_000);
    recover(host);
    host.write("after");
    host.advance(1000);
    expect(host.delivered(2)).toHaveLength(20_001);
    expect(host.delivered(2).every(({ type }) => type === "function")).toBe(true);
    expect(host.delivered(1).some(({ type }) => type === "platform.logsDropped")).toBe(true);
  });

  test("[DLV-53] a gap that is open when the flush begins is closed by it", () => {
    const host = stuck();
    write(host, 0, 5001);
    host.tell({ event: "flush requested", withinMs: 1000 });
    recover(host);
    expect(host.delivered(1).at(-1)).toMatchObject({ type: "platform.logsDropped", record: { droppedRecords: 1 } });
  });

  test.each([[["platform", "function"]], [["function"]]])(
    "[DLV-54] drops of a subscription with %j are told to the log",
    (types) => {
      const host = stuck({ types });
      write(host, 0, 5004);
      recover(host);
      host.write("after");
      expect(host.otherEffects).toMatchObject([
        { effect: "write system record", record: { type: "platform.logsDropped", reason, droppedRecords: 4 } },
      ]);
    },
  );

  test("[LGS-30] the Logs API has the same report", () => {
    const host = stuck({ api: "logs" });
    write(host, 0, 5001);
    recover(host);
    host.write("after");
    host.advance(1000);
    expect(host.delivered(1).at(-2)).toMatchObject({
      type: "platform.logsDropped",
      record: { reason, droppedRecords: 1 },
    });
  });
});
