/** What goes over the wire to real listeners, and when (DLV-01 to DLV-19, DLV-28, DLV-36 to DLV-41, DLV-60 to DLV-79). */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { type DeliveredRequest, headerOf } from "../fixtures/telemetry/journal-reader.ts";
import {
  floodNumbers,
  lifecycleAndTypes,
  placesOf,
  receivers,
  sentWhileFrozen,
  sentWhileNobodyLives,
} from "../fixtures/telemetry/readings.ts";
import {
  collector,
  type ExtensionScript,
  type Listener,
  overHttp,
  overTcp,
  type Step,
} from "../fixtures/telemetry/scripts.ts";
import {
  endAll,
  freePort,
  freePorts,
  scripted,
  type ScriptedEnvironment,
} from "../fixtures/telemetry/scripted-environment.ts";

afterEach(endAll);

const to = (port: number, path: string, method?: "POST" | "PUT") =>
  overHttp(port, {
    destination: { protocol: "HTTP", URI: `http://sandbox.localdomain:${port}${path}`, ...(method && { method }) },
  });

/** Listens, subscribes with this body, and has received something when its invocation is over. */
const receiving = (listener: Listener, body: unknown): ExtensionScript => ({
  start: [{ listen: listener }],
  registered: [{ subscribe: { body } }],
});

const types = (it: ScriptedEnvironment, name: string): readonly string[] =>
  it
    .journal(name)
    .events()
    .map(({ type }) => type);

describe("a request over HTTP", () => {
  test.each([
    { path: "", method: undefined, url: "/", used: "POST" },
    { path: "/deep/er?with=query&and=%20more", method: "PUT", url: "/deep/er?with=query&and=%20more", used: "PUT" },
    { path: "/?q", method: "POST", url: "/?q", used: "POST" },
  ] as const)("[DLV-01, DLV-02, LGS-10] $used to $url", async ({ path, method, url, used }) => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: receiving({ port }, to(port, path, method)) } });
    await it.environment.init();
    await it.end();
    const requests = it.journal("one").requests();
    expect(requests.length).toBeGreaterThan(0);
    expect(new Set(requests.map((request) => `${request.method} ${request.url}`))).toEqual(new Set([`${used} ${url}`]));
  });

  test("[DLV-04, DLV-05, DLV-06, DLV-08] has exactly these headers, and the length of its body", async () => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port }) } });
    await it.invoke({ before: [{ print: "grüße\n" }] });
    await it.end();
    const [request] = it.journal("one").requests() as [DeliveredRequest];
    expect(request.headers).toEqual([
      "content-type",
      "application/json",
      "sequence-id",
      expect.stringMatching(/^[A-Za-z0-9+/]{43}$/),
      "host",
      `127.0.0.1:${port}`,
      "connection",
      "keep-alive",
      "user-agent",
      "awslambda-worker/1.0",
      "content-length",
      String(Buffer.byteLength(request.body)),
    ]);
    const lengths = it
      .journal("one")
      .requests()
      .map((each) => headerOf(each, "content-length") === String(Buffer.byteLength(each.body)));
    expect(lengths).not.toContain(false);
  });

  test.each(["127.0.0.1", "0.0.0.0", "::"])("[DLV-03] reaches a listener that is bound to %s", async (host) => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port, host }) } });
    await it.invoke();
    await it.end();
    expect(types(it, "one")).toContain("platform.report");
  });
});

describe("connections over HTTP", () => {
  test("[DLV-07] one is kept over invocations and freezes", async () => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port }) } });
    await it.invoke();
    await it.invoke();
    await it.invoke();
    await it.end();
    const requests = it.journal("one").requests();
    expect(requests.length).toBeGreaterThan(2);
    expect(new Set(requests.map(({ connection }) => connection))).toEqual(new Set([1]));
  });

  test("[DLV-07] one that the listener closed is replaced without a failure", async () => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port, answers: ["last"] }) } });
    await it.invoke();
    await it.invoke();
    await it.end();
    const [subscription] = it.environment.subscriptions;
    const connections = it
      .journal("one")
      .requests()
      .map(({ connection }) => connection);
    expect(new Set(connections).size).toBeGreaterThan(1);
    expect([subscription?.retried, it.environment.notices.filter(({ text }) => text.includes("waits"))]).toEqual([
      0,
      [],
    ]);
  });

  test("[DLV-07] a request that met its kept connection closed is sent again at once, the same, and is no retry", async () => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port, answers: ["ok", "hang-up", "ok"] }) } });
    await it.invoke();
    await it.end();
    const [first, lost, again] = it.journal("one").requests() as DeliveredRequest[];
    expect([first?.connection, lost?.connection, again?.connection]).toEqual([1, 1, 2]);
    expect([again?.body, headerOf(again!, "sequence-id")]).toEqual([lost?.body, headerOf(lost!, "sequence-id")]);
    expect(it.environment.subscriptions[0]?.retried).toBe(0);
  });

  test("[DLV-28] a listener that speaks HTTP/1.0 is served", async () => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port, answers: ["http/1.0"] }) } });
    await it.invoke();
    await it.end();
    expect(types(it, "one")).toContain("platform.report");
    expect(it.environment.subscriptions[0]).toMatchObject({ retried: 0, queued: { events: 0 } });
  });
});

describe("an answer", () => {
  test.each(["ok", "text", "302", "399"])("[DLV-28] %s acknowledges", async (answer) => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port, answers: [answer] }) } });
    await it.invoke();
    await it.end();
    const requests = it.journal("one").requests();
    expect(new Set(requests.map((request) => headerOf(request, "sequence-id"))).size).toBe(requests.length);
    expect(requests.map(({ url }) => url)).not.toContain("/elsewhere");
    expect(it.environment.subscriptions[0]).toMatchObject({ retried: 0, queued: { events: 0 } });
  });
});

describe("over TCP", () => {
  test("[DLV-16, DLV-19] one connection stays open, and what the listener writes is no answer", async () => {
    const port = await freePort();
    const listener = { port, protocol: "TCP", answers: ["chatter"] } as const;
    const shutdown: Step[] = [{ received: { type: "platform.report", count: 2 } }];
    const it = await scripted({ scripts: { one: { ...collector(listener), shutdown } } });
    await it.invoke();
    await it.invoke();
    await it.end();
    const journal = it.journal("one");
    expect(journal.all("connection")).toHaveLength(1);
    expect(journal.lines().filter(({ type }) => type === "platform.report")).toHaveLength(2);
    expect(it.environment.subscriptions[0]).toMatchObject({ retried: 0, queued: { events: 0 } });
  });

  test("[DLV-19] a reset closes it, and the re-init opens a new one", async () => {
    const port = await freePort();
    const again = {
      ...collector({ port, protocol: "TCP" }),
      shutdown: [{ received: { type: "platform.report", count: 2 } }],
    };
    const it = await scripted({ scripts: { one: [collector({ port, protocol: "TCP" }), again] } });
    await it.invoke({ before: [{ exit: 1 }] });
    await it.invoke();
    await it.end();
    const journal = it.journal("one");
    const [first, second] = journal.all("connection");
    expect(journal.all("connection")).toHaveLength(2);
    expect(first?.pid).not.toBe(second?.pid);
    expect(journal.lines().filter(({ type }) => type === "platform.report")).toHaveLength(2);
  });

  test("a listener that hangs up gets what follows on a new connection", async () => {
    const port = await freePort();
    const it = await scripted({
      scripts: { one: collector({ port, protocol: "TCP", answers: ["hang-up 2", "hang-up 3", "ok"] }) },
    });
    await it.invoke({ before: [{ flood: { lines: 200, pauseMs: 3, perWrite: 10 } }] });
    // What was not sent before the freeze would wait for the next invocation (DLV-60).
    await it.environment.thaw();
    await it.journal("one").until((journal) => floodNumbers(journal.lines()).at(-1) === 199);
    await it.end();
    const sent = it.environment.subscriptions[0]!;
    expect(sent.dropped.events).toBe(0);
    expect(it.journal("one").all("connection").length).toBeGreaterThan(2);
    expect(floodNumbers(it.journal("one").lines()).at(-1)).toBe(199);
  });
});

describe("time", () => {
  test("[DLV-36] a listener that never answers delays neither invocation nor output", async () => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: collector({ port, answers: ["silence"] }) } });
    const { durationMs, status } = await it.invoke({ before: [{ flood: { lines: 5000 } }] });
    // One answer is waited for as long as 5,000 ms (DLV-29).
    expect([durationMs < 4500, status]).toEqual([true, "success"]);
    expect(it.environment.subscriptions[0]?.delivered.events).toBe(0);
  });

  test("[DLV-62, LGS-25, EVT-49] runtimeDone comes while the extension still works", async () => {
    const [one = 0, two = 0] = await freePorts(2);
    const wait: readonly Step[][] = [[{ received: { type: "platform.runtimeDone" } }]];
    const it = await scripted({
      scripts: {
        modern: { ...collector({ port: one }), invoke: wait },
        older: { ...collector({ port: two }, { api: "logs" }), invoke: wait },
      },
    });
    expect((await it.invoke()).status).toBe("success");
  });

  test("[DLV-60, DLV-61, DLV-63] runtimeDone and report of an invocation that froze at once come after the next thaw", async () => {
    const port = await freePort();
    const slowly = { buffering: { timeoutMs: 300, maxItems: 1000, maxBytes: 262_144 } };
    const it = await scripted({ scripts: { one: receiving({ port }, overHttp(port, slowly)) } });
    await it.invoke();
    // Longer than the batch may wait, so that its time runs out in the freeze.
    await sleep(500);
    await it.invoke();
    await sleep(500);
    await it.end();
    expect(sentWhileFrozen(it.environment)).toEqual([]);
    const order = lifecycleAndTypes(it.journal("one"), ["platform.runtimeDone", "platform.report"]);
    expect(order).toEqual([
      "INVOKE",
      "INVOKE",
      "platform.runtimeDone",
      "platform.report",
      "platform.runtimeDone",
      "platform.report",
      "SHUTDOWN",
    ]);
  });

  test("[DLV-65] with the switch they come while frozen processes wait to read them", async () => {
    const port = await freePort();
    const it = await scripted({
      deliverWhileFrozen: true,
      freeze: false,
      scripts: { one: collector({ port }) },
    });
    await it.invoke();
    const reported = it
      .journal("one")
      .until((journal) => journal.events().some(({ type }) => type === "platform.report"));
    expect(await reported).toBe(true);
  });

  test("[DLV-67, DLV-69, LGS-38, LGS-14] the report of a timeout reaches the next incarnation", async () => {
    const [one = 0, two = 0] = await freePorts(2);
    const it = await scripted({
      timeoutMs: 2000,
      scripts: { modern: collector({ port: one }), older: collector({ port: two }, { api: "logs" }) },
    });
    await it.invoke({ before: [{ hang: true }] });
    await sleep(200);
    expect(sentWhileNobodyLives(it.environment)).toEqual([]);
    await it.invoke();
    await it.end();
    const ends = ["platform.runtimeDone", "platform.fault", "platform.end", "platform.report"];
    expect(receivers(it.journal("modern"), ends).slice(0, 2)).toEqual(["platform.runtimeDone 0", "platform.report 1"]);
    expect(receivers(it.journal("older"), ends).slice(0, 4)).toEqual([
      "platform.runtimeDone 0",
      "platform.fault 1",
      "platform.end 1",
      "platform.report 1",
    ]);
  });

  test("[DLV-71, DLV-75] who is not registered for SHUTDOWN has everything before it is killed", async () => {
    const port = await freePort();
    const it = await scripted({ scripts: { one: { ...collector({ port }), events: ["INVOKE"] } } });
    await it.invoke();
    await it.end();
    expect(types(it, "one").slice(-2)).toEqual(["platform.runtimeDone", "platform.report"]);
    expect(it.environment.subscriptions[0]).toMatchObject({ queued: { events: 0 } });
  });

  test("[DLV-72, DLV-73] what is written during SHUTDOWN comes as well", async () => {
    const port = await freePort();
    const writer: ExtensionScript = { shutdown: [{ print: "last words\n" }] };
    const reader: ExtensionScript = {
      ...collector({ port }),
      shutdown: [{ received: { type: "extension" } }, { received: { type: "platform.report" } }],
    };
    const it = await scripted({ scripts: { reader, writer } });
    await it.invoke();
    await it.end();
    expect(it.journal("reader").events().at(-1)).toMatchObject({ type: "extension", record: "last words\n" });
    expect(it.environment.snapshot.extensions.map(({ exit }) => exit.code)).toEqual([0, 0]);
  });
});

describe("order", () => {
  test("[DLV-38] lines come before the runtimeDone and report of the moment they were written in", async () => {
    const port = await freePort();
    const noisy: ExtensionScript = { invoke: [[{ print: "extension, before its next\n" }]] };
    const it = await scripted({ scripts: { one: collector({ port }), noisy } });
    const before = (which: number): Step[] => [{ print: `a ${which}\n` }, { printError: `b ${which}\n` }];
    await it.invoke({ before: before(1), after: [{ print: "after the response 1\n" }] });
    await it.invoke({ before: before(2), after: [{ print: "after the response 2\n" }] });
    await it.end();
    const events = it.journal("one").events();
    const place = (which: string) => events.findIndex(({ record }) => record === which);
    const done = placesOf(events, "platform.runtimeDone");
    const reported = placesOf(events, "platform.report");
    const inFront = [1, 2].flatMap((which) => [
      place(`a ${which}\n`) < done[which - 1]!,
      place(`b ${which}\n`) < done[which - 1]!,
      place(`after the response ${which}\n`) < done[which - 1]!,
    ]);
    expect(inFront).toEqual([true, true, true, true, true, true]);
    const said = placesOf(events, "extension");
    expect([said[0]! < reported[0]!, said[1]! < reported[1]!]).toEqual([true, true]);
  });

  test("[DLV-41, CAP-16] however much a runtime wrote just before it asks for its next event, all of it comes first", async () => {
    const it = await scripted({});
    await it.invoke({ after: [{ flood: { lines: 5000, perWrite: 5000 } }] });
    const types = it.environment.telemetry.map(({ type }) => type);
    expect(types.slice(-5002)).toEqual([
      ...Array.from({ length: 5000 }, () => "function"),
      "platform.runtimeDone",
      "platform.report",
    ]);
  });

  test("[DLV-39, DLV-40, DLV-37] lines of one stream keep their order for each subscriber, whatever the others do", async () => {
    const ports = await freePorts(3);
    const [one = 0, two = 0, three = 0] = ports;
    const it = await scripted({
      scripts: {
        prompt: collector({ port: one }),
        late: collector({ port: two, answers: ["500", "late 60", "503", "late 30"] }),
        lines: {
          ...collector({ port: three, protocol: "TCP" }),
          shutdown: [{ received: { type: "function", count: 900 } }],
        },
      },
    });
    await it.invoke({ before: [{ flood: { lines: 900, pauseMs: 2, perWrite: 30 } }] });
    await it.end();
    const all = Array.from({ length: 900 }, (_, index) => index);
    expect(floodNumbers(it.journal("prompt").events())).toEqual(all);
    expect(floodNumbers(it.journal("late").events())).toEqual(all);
    expect(floodNumbers(it.journal("lines").lines())).toEqual(all);
  });
});

test("[DLV-79] result, tail and reports are the same with stuck subscriptions and with none", async () => {
  const [one = 0, two = 0] = await freePorts(2);
  const stuck = {
    first: collector({ port: one, answers: ["silence"] }),
    second: { registered: [{ subscribe: { body: overTcp(two) } }] as Step[] },
  };
  const quiet = { first: {}, second: {} };
  const seen: unknown[] = [];
  for (const scripts of [stuck, quiet]) {
    const it = await scripted({ scripts });
    const { payload, status, logTail, requestId } = await it.invoke({ before: [{ print: "one line\n" }] });
    const lines = logTail.split("\n").filter((line) => !line.startsWith("TELEMETRY"));
    const withoutFigures = lines.map((line) => line.replaceAll(requestId, "id").replaceAll(/[\d.]+ (ms|MB)/g, "n $1"));
    seen.push([payload, status, withoutFigures]);
  }
  expect(seen[0]).toEqual(seen[1]);
});
