/** Listeners and extensions that misbehave, each a real process: nothing is lost without being counted, and it is told. */
import { afterEach, describe, expect, test } from "vitest";
import { headerOf } from "../fixtures/telemetry/journal-reader.ts";
import { conserves, droppedRecords, floodNumbers } from "../fixtures/telemetry/readings.ts";
import { collector, type ExtensionScript, overHttp, overTcp, type Step } from "../fixtures/telemetry/scripts.ts";
import {
  endAll,
  freePort,
  freePorts,
  scripted,
  type ScriptedEnvironment,
} from "../fixtures/telemetry/scripted-environment.ts";

afterEach(endAll);

const notices = (it: ScriptedEnvironment, word: RegExp): readonly string[] =>
  it.environment.notices.map(({ text }) => text).filter((text) => word.test(text));

const nextNotice = (it: ScriptedEnvironment, words: string): Promise<string> =>
  new Promise((resolve) => {
    it.environment.onNotice(({ text }) => {
      if (text.includes(words)) resolve(text);
    });
  });

const waits = (it: ScriptedEnvironment): readonly string[] => notices(it, /waits/);

const kept = (it: ScriptedEnvironment): readonly boolean[] => it.environment.subscriptions.map(conserves);

const coldStart = [
  "platform.initStart",
  "platform.telemetrySubscription",
  "platform.initRuntimeDone",
  "platform.extension",
  "platform.initReport",
];
const invocation = ["platform.start", "platform.runtimeDone", "platform.report"];

const types = (it: ScriptedEnvironment, name = "one"): readonly string[] =>
  it
    .journal(name)
    .events()
    .map(({ type }) => type);

describe("a listener", () => {
  test("that is up only in the second invocation gets everything, and the developer is told where nobody listens", async () => {
    const port = await freePort();
    const registered: Step[] = [{ subscribe: { body: overHttp(port) } }];
    const up: Step[] = [{ listen: { port } }, { received: { type: "platform.report" } }];
    const it = await scripted({ scripts: { one: { registered, invoke: [[{ sleepMs: 100 }], up] } } });
    await it.invoke();
    expect(waits(it)).toEqual([
      `Telemetry for the extension one waits: connection refused at 127.0.0.1:${port}: is the listener up before the subscription?`,
    ]);
    await it.invoke();
    await it.end();
    expect(types(it)).toEqual([...coldStart, ...invocation, ...invocation]);
    expect(it.environment.subscriptions[0]).toMatchObject({ dropped: { events: 0 }, queued: { events: 0 } });
    expect(it.environment.subscriptions[0]?.retried).toBeGreaterThan(0);
  });

  test.each([
    { answers: ["500", "503", "ok"], told: [/status 500$/, /status 503$/] },
    { answers: ["400", "404", "ok"], told: [/status 400$/, /status 404$/] },
    { answers: ["half", "ok"], told: [/closed the connection in the middle of its answer$/] },
    { answers: ["hang-up", "ok"], told: [/closed the connection without an answer$/] },
    { answers: ["tear", "ok"], told: [/closed the connection without an answer$/] },
  ])("[DLV-29, DLV-12, DLV-78] that answers $answers gets the same batch again, and then the rest", async (each) => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port, answers: each.answers }) } });
    await it.invoke({ before: [{ print: "a line\n" }] });
    await it.end();
    const told = waits(it);
    expect(told).toHaveLength(each.told.length);
    expect(told.map((text, index) => each.told[index]!.test(text))).not.toContain(false);
    expect(told.join("\n")).toContain(`127.0.0.1:${port}`);
    const ids = it
      .journal("one")
      .requests()
      .map((request) => `${headerOf(request, "sequence-id")} ${request.body}`);
    const failures = each.answers.length - 1;
    expect(new Set(ids.slice(0, failures)).size).toBe(1);
    expect(new Set(ids).size).toBe(new Set(ids.map((id) => id.slice(0, 43))).size);
    expect(types(it)).toEqual([...coldStart, "platform.start", "function", "platform.runtimeDone", "platform.report"]);
    const [subscription] = it.environment.subscriptions;
    expect(subscription).toMatchObject({ retried: failures, dropped: { events: 0 }, queued: { events: 0 } });
    expect(subscription?.attempts.map(({ result }) => result.kind).slice(0, failures + 1)).toEqual([
      ...Array.from({ length: failures }, () => "failed"),
      "acknowledged",
    ]);
  });

  test("[DLV-29, DLV-31] that never answers is given 5 s, told of, and tried again with the same batch", async () => {
    const port = await freePort();
    const extension: ExtensionScript = {
      ...collector({ port, answers: ["silence", "ok"] }),
      invoke: [[{ received: { type: "platform.start" } }]],
    };
    const it = await scripted({ scripts: { one: extension } });
    await it.invoke();
    await it.end();
    expect(waits(it)).toEqual([
      `Telemetry for the extension one waits: no complete answer from 127.0.0.1:${port} in 5 s`,
    ]);
    const [first, second] = it.journal("one").requests();
    expect([second?.body, second?.connection]).toEqual([first?.body, 2]);
    const [attempt] = it.environment.subscriptions[0]!.attempts;
    expect(attempt).toMatchObject({ attempt: 1, result: { kind: "failed" } });
    expect(attempt!.endedAt - attempt!.sentAt).toBeGreaterThanOrEqual(4990);
    expect(types(it)).toEqual([...coldStart, ...invocation]);
  });

  test("[DLV-81] that is frozen in the middle of a batch answers after the thaw, and nothing is sent twice", async () => {
    const port = await freePort();
    const it = await scripted({
      scripts: {
        one: { ...collector({ port, answers: ["ok", "late 400", "ok"] }), invoke: [[{ gate: "arrived" }], []] },
      },
    });
    const first = it.invoke();
    await it.journal("one").until((journal) => journal.requests().some(({ answer }) => answer === "late 400"));
    it.open("arrived");
    await first;
    expect(it.environment.subscriptions[0]?.inFlight.events).toBeGreaterThan(0);
    await it.invoke();
    await it.end();
    const ids = it
      .journal("one")
      .requests()
      .map((request) => headerOf(request, "sequence-id"));
    expect(new Set(ids).size).toBe(ids.length);
    expect(types(it)).toEqual([...coldStart, ...invocation, ...invocation]);
    expect(it.environment.subscriptions[0]).toMatchObject({ retried: 0, queued: { events: 0 } });
  });

  test("[DLV-42, DLV-43, DLV-48, DLV-58] that is ten times slower than the function loses the newest lines, and each is counted", async () => {
    const port = await freePort();
    const extension: ExtensionScript = {
      ...collector({ port, answers: ["ok", "late 150", "late 150", "ok"] }),
      invoke: [[{ gate: "flooded" }]],
    };
    const it = await scripted({ scripts: { one: extension } });
    const flooding = it.invoke({ before: [{ flood: { lines: 40_000 } }] });
    await flooding.answered();
    it.open("flooded");
    await flooding;
    await it.end();
    const events = it.journal("one").events();
    const reports = events.filter(({ type }) => type === "platform.logsDropped");
    const dropped = droppedRecords(events);
    const [subscription] = it.environment.subscriptions;
    expect(subscription!.dropped.events).toBeGreaterThan(0);
    expect(dropped).toBe(subscription!.dropped.events);
    expect(events.length - reports.length + dropped).toBe(subscription!.produced.events - reports.length);
    expect(subscription!.queued.events).toBe(0);
    expect(kept(it)).toEqual([true]);
    const numbers = floodNumbers(events);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  });
});

describe("an extension that crashes with a batch in flight", () => {
  test("[DLV-68, DLV-76, DLV-78] over HTTP gets the same batch again in its next incarnation", async () => {
    const port = await freePort();
    const it = await scripted({
      scripts: { one: [collector({ port, answers: ["ok", "exit"] }), collector({ port })] },
    });
    await it.invoke();
    await it.invoke();
    await it.end();
    const journal = it.journal("one");
    const lost = journal.requests().find(({ answer }) => answer === "exit");
    const again = journal.requests().filter(({ body }) => body === lost?.body);
    const incarnations = journal.all("started").map(({ pid }) => pid);
    expect(again.map(({ pid }) => incarnations.indexOf(pid))).toEqual([0, 1]);
    expect(new Set(again.map((request) => headerOf(request, "sequence-id"))).size).toBe(1);
    expect(it.environment.subscriptions[0]).toMatchObject({ dropped: { events: 0 }, queued: { events: 0 } });
    expect(kept(it)).toEqual([true]);
    expect(waits(it)[0]).toMatch(/one waits: .*(nobody listens there any more|without an answer)$/);
    expect(waits(it).filter((text) => !text.includes(`127.0.0.1:${port}`))).toEqual([]);
  });

  test("[DLV-16, DLV-68] over TCP what the socket had taken is lost, and counted as delivered", async () => {
    const port = await freePort();
    const it = await scripted({
      scripts: {
        one: [
          collector({ port, protocol: "TCP", answers: ["exit"] }),
          { ...collector({ port, protocol: "TCP" }), shutdown: [{ received: { type: "platform.report", count: 1 } }] },
        ],
      },
    });
    await it.invoke();
    await it.invoke();
    await it.end();
    const [subscription] = it.environment.subscriptions;
    expect(subscription).toMatchObject({ dropped: { events: 0 } });
    expect(kept(it)).toEqual([true]);
    const arrived = new Set(
      it
        .journal("one")
        .lines()
        .map((event) => JSON.stringify(event)),
    ).size;
    expect(subscription!.delivered.events).toBeGreaterThanOrEqual(arrived);
  });
});

test("two extensions on one port are both named", async () => {
  const port = await freePort();
  const it = await scripted({
    scripts: { first: collector({ port }), second: { registered: [{ subscribe: { body: overHttp(port) } }] } },
  });
  await it.invoke();
  const [clash, ...more] = notices(it, /port/);
  expect([clash, more]).toEqual([expect.stringMatching(new RegExp(`first|second`)), []]);
  expect(clash).toContain("first");
  expect(clash).toContain("second");
  expect(clash).toContain(String(port));
});

test("one that crashes because another listens where it wants to is named with the other", async () => {
  const port = await freePort();
  const second: ExtensionScript = { registered: [{ gate: "listening" }, { listen: { port } }] };
  const it = await scripted({ scripts: { first: collector({ port }), second } });
  const init = it.environment.init();
  await it.journal("first").until((journal) => journal.all("subscribed").length > 0);
  it.open("listening");
  expect(await init).toMatchObject({ errorType: "Extension.Crash" });
  expect(notices(it, /could not listen/)).toEqual([
    `The extension second could not listen, its address is in use: the extension first receives telemetry on port ${port}.`,
  ]);
});

test("an extension that subscribes twice to one port clashes with nobody", async () => {
  const port = await freePort();
  const registered: Step[] = [
    { subscribe: { body: overHttp(port) } },
    { subscribe: { body: overHttp(port, { types: ["function"] }) } },
    { subscribe: { body: overHttp(port) } },
  ];
  const it = await scripted({ scripts: { one: { start: [{ listen: { port } }], registered } } });
  await it.invoke();
  await it.end();
  expect(notices(it, /port/)).toEqual([]);
});

test("an extension that writes lines about the lines it receives stays bounded, and is told of", async () => {
  const port = await freePort();
  const careless = { ...collector({ port, answers: ["talk 2"] }), invoke: [[{ gate: "told" }]] };
  const it = await scripted({ scripts: { one: { ...careless, shutdown: [{ closeListeners: true }] } } });
  const told = nextNotice(it, "its own output");
  const invocation = it.invoke();
  expect(await told).toContain("The extension one receives little but its own output");
  const { queued, inFlight } = it.environment.subscriptions[0]!;
  it.open("told");
  await invocation;
  // DLV-45: 4 × 1,000 events beside the batch in flight.
  expect(queued.events - inFlight.events).toBeLessThanOrEqual(4000);
  await it.end();
  expect(kept(it)).toEqual([true]);
});

test("[CAP-04, DLV-42, DLV-45, DLV-47] 1,000,000 lines in one invocation cost bounded memory", async () => {
  const ports = await freePorts(3);
  const [one = 0, two = 0, three = 0] = ports;
  const lines = 1_000_000;
  const largest = { buffering: { timeoutMs: 100, maxItems: 10_000, maxBytes: 1_048_576 } };
  const reading: ExtensionScript = {
    start: [{ listen: { port: one, keep: "counts" } }],
    registered: [{ subscribe: { body: overHttp(one, largest) } }],
  };
  const it = await scripted({
    timeoutMs: 120_000,
    scripts: {
      reading,
      stuck: {
        start: [{ listen: { port: two, answers: ["silence"] } }],
        registered: [{ subscribe: { body: overHttp(two, largest) } }],
      },
      deaf: {
        start: [{ listen: { port: three, protocol: "TCP", answers: ["stop-reading"] } }],
        registered: [{ subscribe: { body: overTcp(three) } }],
      },
    },
  });
  await it.environment.init();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 50);
  const { status } = await it.invoke({ before: [{ flood: { lines } }] });
  clearInterval(watch);
  await it.end();
  expect(status).toBe("success");
  expect(most - before).toBeLessThan(600 * 1_048_576);
  expect(kept(it)).toEqual([true, true, true]);
  const counted = it.journal("reading").all("counted").at(-1) as unknown as {
    byType: Record<string, number>;
    droppedRecords: number;
    misplaced: number;
    largestBatch: { bytes: number };
  };
  expect(counted.byType["function"]! + counted.droppedRecords).toBeGreaterThanOrEqual(lines);
  expect(counted.misplaced).toBe(0);
  // Four batches and the one that was under way; the reports of drops have places of their own.
  const queued = (name: string) =>
    it.environment.subscriptions.find(({ extensionName }) => extensionName === name)?.queued;
  expect(queued("deaf")?.events).toBeLessThanOrEqual(5 * 1000 + 1);
  expect(queued("stuck")?.bytes).toBeLessThanOrEqual(5 * 1_048_576 + 1000);
});

test("[CAP-17, CAP-19, DLV-21, TEL-29] one line of 10 MB, for a subscriber with the greatest maxBytes and one with the least", async () => {
  const [one = 0, two = 0] = await freePorts(2);
  const greatest = {
    types: ["platform", "function"],
    buffering: { timeoutMs: 25, maxItems: 1000, maxBytes: 1_048_576 },
  };
  const least = { types: ["platform", "function"] };
  const script = (port: number, more: Readonly<Record<string, unknown>>): ExtensionScript => ({
    start: [{ listen: { port } }],
    registered: [{ subscribe: { body: overHttp(port, more) } }],
  });
  const it = await scripted({ scripts: { great: script(one, greatest), small: script(two, least) } });
  await it.invoke({ before: [{ flood: { lines: 1, bytes: 10_485_760 } }] });
  await it.end();
  for (const name of ["great", "small"]) {
    const events = it.journal(name).events();
    const pieces = events.filter(({ type }) => type === "function").map(({ record }) => Buffer.byteLength(record));
    const dropped = droppedRecords(events);
    expect(pieces.length + dropped).toBe(Math.ceil(10_485_760 / 262_118));
    expect(Math.max(...pieces)).toBe(262_118);
  }
  const batches = (name: string) =>
    it
      .journal(name)
      .requests()
      .map(({ body }) => body.length);
  expect(Math.max(...batches("great"))).toBeGreaterThan(1_000_000);
  expect(Math.max(...batches("great"))).toBeLessThan(1_048_576 + 262_118 + 1000);
  expect(Math.max(...batches("small"))).toBeLessThan(262_144 + 262_118 + 1000);
  expect(kept(it)).toEqual([true, true]);
});
