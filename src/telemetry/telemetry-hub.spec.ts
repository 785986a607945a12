import { describe, expect, test } from "vitest";
import { SimulatedHost } from "../../test/conformance/simulated-host.ts";
import { examples } from "../../test/conformance/telemetry-examples.ts";

const linesOnly = { types: ["function"] };
const texts = (host: SimulatedHost, subscription: number): readonly unknown[] =>
  host.delivered(subscription).map(({ record }) => record);
const types = (host: SimulatedHost, subscription: number): readonly string[] =>
  host.delivered(subscription).map(({ type }) => type);

describe("who gets what", () => {
  test("[TEL-33, TEL-69, TEL-70] several subscriptions each get their own projection of the same events", () => {
    const host = new SimulatedHost();
    host.subscribe({ name: "new", types: ["platform"] });
    host.subscribe({ name: "middle", types: ["platform"], schemaVersion: "2022-12-13" });
    host.subscribe({ name: "old", types: ["platform"], schemaVersion: "2022-07-01" });
    host.subscribe({ name: "logs", types: ["platform"], api: "logs" });
    host.advance(1000);
    const before = host.attempts.length;
    host.accept(examples.start.record);
    host.advance(1000);
    const bodies = host.attempts.slice(before).map(({ batch }) => batch.body);
    const { events } = examples.start;
    expect(bodies).toEqual([
      `[${events["2025-01-29"]?.[0]}]`,
      `[${events["2022-12-13"]?.[0]}]`,
      `[${events["2022-07-01"]?.[0]}]`,
      `[${events["2021-03-18"]?.[0]}]`,
    ]);
  });

  test("[TEL-14] a subscription sees the types it asked for and no other", () => {
    const host = new SimulatedHost();
    for (const type of ["platform", "function", "extension"]) host.subscribe({ name: type, types: [type] });
    host.advance(1000);
    host.attempts.length = 0;
    host.accept(examples.start.record);
    host.accept(examples.functionLine.record);
    host.accept(examples.extensionLine.record);
    host.advance(1000);
    expect([1, 2, 3].map((id) => types(host, id))).toEqual([["platform.start"], ["function"], ["extension"]]);
  });

  test("[TEL-39, LGS-12, LGS-13, EVT-72] a subscription is told to those of its API that have platform, itself included", () => {
    const host = new SimulatedHost();
    host.subscribe({ name: "a", types: ["platform"] });
    host.subscribe({ name: "b", types: ["function"] });
    host.subscribe({ name: "c", types: ["platform"], api: "logs" });
    host.subscribe({ name: "a", types: ["platform"] });
    host.advance(1000);
    const told = (id: number): unknown[] =>
      host.delivered(id).map(({ type, record }) => {
        const { name, state } = record as { name: string; state: string };
        return [type, name, state];
      });
    expect(told(1)).toEqual([
      ["platform.telemetrySubscription", "a", "Subscribed"],
      ["platform.telemetrySubscription", "b", "Subscribed"],
      ["platform.telemetrySubscription", "a", "Already subscribed"],
    ]);
    expect(told(2)).toEqual([]);
    expect(told(3)).toEqual([["platform.logsSubscription", "c", "Subscribed"]]);
  });

  test("[EVT-70] the types are told in the order requested", () => {
    const host = new SimulatedHost();
    host.subscribe({ types: ["extension", "platform"] });
    host.advance(1000);
    expect(texts(host, 1)).toEqual([{ name: "forwarder", state: "Subscribed", types: ["extension", "platform"] }]);
  });

  test("[OBS-17] each answer 200 is one record for the log", () => {
    const host = new SimulatedHost();
    host.subscribe();
    host.subscribe({ name: "archiver", api: "logs" });
    host.subscribe();
    const written = (record: object): object => ({ effect: "write system record", record });
    expect(host.otherEffects).toMatchObject([
      written({ type: "platform.telemetrySubscription", name: "forwarder", state: "Subscribed" }),
      written({ type: "platform.logsSubscription", name: "archiver", state: "Subscribed" }),
      written({ type: "platform.telemetrySubscription", name: "forwarder", state: "Already subscribed" }),
    ]);
  });

  test("[TEL-40, TEL-83] a refusal creates nothing, tells nobody and does not bind the name to an API", () => {
    const host = new SimulatedHost();
    host.subscribe({ name: "watcher", types: ["platform"] });
    host.advance(1000);
    const before = host.attempts.length;
    expect(host.subscribe({ name: "late", types: [] })).toContain("types should not be empty");
    host.advance(1000);
    expect([host.attempts.length, host.hub.status().length]).toEqual([before, 1]);
    expect(host.subscribe({ name: "late", api: "logs" })).toBe('"OK"');
  });

  test("[TEL-36, TEL-38] a repetition makes no second subscription, another wish does", () => {
    const host = new SimulatedHost();
    const answers = [host.subscribe(), host.subscribe(), host.subscribe(linesOnly)];
    expect(answers).toEqual(['"OK"', '"AlreadySubscribed"', '"OK"']);
    host.advance(1000);
    host.attempts.length = 0;
    host.write("x");
    host.advance(1000);
    expect(host.attempts.map(({ subscription }) => subscription)).toEqual([1, 2]);
  });

  test("[DLV-80] the log format JSON and its levels keep nothing from subscribers", () => {
    const host = new SimulatedHost({ logFormat: "JSON" });
    host.subscribe(linesOnly);
    host.write('{"level":"TRACE","message":"fine"}');
    host.write("plain");
    host.advance(1000);
    expect(texts(host, 1)).toEqual([{ level: "TRACE", message: "fine" }, "plain\n"]);
  });
});

describe("the history of Init", () => {
  test("[TEL-85, TEL-86, TEL-88, DLV-25] a new subscription gets it at once, as a batch of its own, times unchanged", () => {
    const host = new SimulatedHost();
    host.accept(examples.initStart.record);
    host.subscribe({ name: "first", types: ["platform"] });
    host.write("early");
    host.advance(40);
    host.subscribe({ name: "second", schemaVersion: "2022-07-01", buffering: { timeoutMs: 30_000 } });
    const [replay] = host.batches(2);
    expect(replay?.map(({ type }) => type)).toEqual([
      "platform.initStart",
      "platform.telemetrySubscription",
      "function",
    ]);
    const [initStart] = examples.initStart.events["2022-07-01"] as readonly string[];
    expect(replay?.[0]).toEqual(JSON.parse(String(initStart)));
    expect(host.batches(2)).toHaveLength(1);
  });

  test("[TEL-86] initStart is part of it, whether it comes before or after the Init is told to have begun", () => {
    const host = new SimulatedHost();
    host.accept(examples.initStart.record);
    host.subscribe({ name: "first", types: ["platform"] });
    host.tell({ event: "generation ended" });
    host.accept(examples.initStart.record);
    host.tell({ event: "init began" });
    host.write("up");
    host.subscribe({ name: "second" });
    const replayed = [host.batches(1)[0], host.batches(2)[0]].map((batch) => batch?.map(({ type }) => type));
    expect(replayed).toEqual([["platform.initStart"], ["platform.initStart", "function"]]);
  });

  test("[TEL-87] its own subscription is the first live event", () => {
    const host = new SimulatedHost();
    host.accept(examples.initStart.record);
    host.subscribe({ types: ["platform"] });
    host.advance(1000);
    expect(host.batches(1).map((batch) => batch.map(({ type }) => type))).toEqual([
      ["platform.initStart"],
      ["platform.telemetrySubscription"],
    ]);
  });

  test("[TEL-88] an empty replay sends nothing", () => {
    const host = new SimulatedHost();
    host.write("not for it");
    host.subscribe({ types: ["extension"] });
    host.advance(1000);
    expect(host.attempts).toEqual([]);
  });

  test("[TEL-90] a repetition replays nothing", () => {
    const host = new SimulatedHost();
    host.write("once");
    host.subscribe(linesOnly);
    host.subscribe(linesOnly);
    host.advance(1000);
    expect(texts(host, 1)).toEqual(["once\n"]);
  });

  test("[TEL-91] a second subscription of the same extension gets the history too", () => {
    const host = new SimulatedHost();
    host.write("both");
    host.subscribe(linesOnly);
    host.subscribe({ ...linesOnly, buffering: { timeoutMs: 25 } });
    expect([texts(host, 1), texts(host, 2)]).toEqual([["both\n"], ["both\n"]]);
  });

  test("[TEL-92] the newest lines beyond 10,000 events are missing, platform events are not, and the replay says so", () => {
    const host = new SimulatedHost();
    for (let i = 0; i < 10_005; i++) host.write(`line ${i}`);
    host.accept(examples.extension.record);
    host.subscribe({ name: "all" });
    host.subscribe(linesOnly);
    const replay = host.delivered(1);
    expect(replay).toHaveLength(10_002);
    expect(replay.slice(-3).map(({ type }) => type)).toEqual([
      "function",
      "platform.extension",
      "platform.logsDropped",
    ]);
    const size = JSON.stringify({ ...replay[0], record: "line 10000\n" }).length;
    expect(replay.at(-1)?.record).toMatchObject({ droppedRecords: 5, droppedBytes: 5 * size });
    expect(types(host, 2)).toEqual(Array.from({ length: 10_000 }, () => "function"));
    expect(host.status(2).counters).toMatchObject({ produced: { events: 10_005 }, dropped: { events: 5 } });
  });

  test("[TEL-92] the history has at most 1 MiB", () => {
    const host = new SimulatedHost();
    for (let i = 0; i < 20; i++) host.write("x".repeat(100_000));
    host.subscribe(linesOnly);
    expect(host.delivered(1)).toHaveLength(10);
  });

  test("[TEL-93] it is gone when the window closes, and starts empty at each reset", () => {
    const host = new SimulatedHost();
    host.write("first init");
    host.tell({ event: "window closed" });
    host.write("invoke");
    host.tell({ event: "generation ended" });
    host.tell({ event: "init began" });
    host.write("second init");
    host.subscribe(linesOnly);
    host.advance(1000);
    expect(texts(host, 1)).toEqual(["second init\n"]);
  });

  test("[TEL-93] nothing of it is left after the window closed", () => {
    const host = new SimulatedHost();
    host.write("init");
    host.tell({ event: "window closed" });
    host.write("invoke");
    host.subscribe(linesOnly);
    host.advance(1000);
    expect(texts(host, 1)).toEqual([]);
  });

  test("[TEL-92, TEL-93] a history that was full has room again after a reset", () => {
    const host = new SimulatedHost();
    for (let i = 0; i < 10_001; i++) host.write(String(i));
    host.tell({ event: "generation ended" });
    host.tell({ event: "init began" });
    host.write("again");
    host.subscribe();
    expect(host.batches(1)[0]).toMatchObject([{ type: "function", record: "again\n" }]);
  });

  test("[DLV-25, DLV-27] a replay is cut by the subscription's own limits, and is not dropped for its size", () => {
    const host = new SimulatedHost();
    for (let i = 0; i < 9500; i++) host.write(String(i));
    host.meetings.set(1, "stay silent");
    host.subscribe({ ...linesOnly, buffering: { maxItems: 1000 } });
    expect(host.status(1).counters).toMatchObject({ queued: { events: 9500 }, dropped: { events: 0 } });
    host.meetings.set(1, "acknowledge");
    host.conclude(1, "acknowledged");
    expect(host.batches(1).map((batch) => batch.length)).toEqual([...Array.from({ length: 9 }, () => 1000), 500]);
  });
});

describe("the sequence-id", () => {
  test("[DLV-08, DLV-10] the captured example comes out exactly", () => {
    const host = new SimulatedHost();
    host.subscribe(linesOnly);
    host.write("FUNCTION_MARKER BEFORE");
    host.advance(1000);
    host.write("FUNCTION_MARKER AFTER_MUTATION");
    host.advance(1000);
    expect(host.attempts.map(({ batch }) => batch.sequenceId)).toEqual([
      "YKipwFBykWHixZ/mr+1RUKCXh61gdSRQKdjThAvAD1c",
      "jaeeGi+y+5ItwzWggWqVc1cSSumsJZmt42ytbtbTM3w",
    ]);
  });

  test("[DLV-11] is the same after the same event, whatever the version and however the batches were cut", () => {
    const host = new SimulatedHost({ logFormat: "JSON" });
    host.accept(examples.initStart.record);
    host.write('{"a": 1}');
    host.subscribe({ name: "a", types: ["function"], buffering: { timeoutMs: 25 } });
    host.subscribe({ name: "b", types: ["function"], schemaVersion: "2022-07-01" });
    host.subscribe({ name: "c", types: ["function"], destination: { protocol: "TCP", port: 5 } });
    for (let i = 0; i < 5; i++) {
      host.write(`{"n":${i}}`);
      host.advance(30);
    }
    host.advance(1000);
    const last = [1, 2, 3].map(
      (id) => host.attempts.findLast(({ subscription }) => subscription === id)?.batch.sequenceId,
    );
    expect(new Set(last).size).toBe(1);
    expect(host.batches(1).length).toBeGreaterThan(host.batches(2).length);
  });
});
