/** Subscribing by real processes: window, resets, internal extensions, listeners that are not there (TEL-, LGS-, CAP-). */
import { afterEach, describe, expect, test } from "vitest";
import type { JournalReader } from "../fixtures/telemetry/journal-reader.ts";
import { collector, overHttp, overTcp, type Step } from "../fixtures/telemetry/scripts.ts";
import { endAll, freePort, freePorts, scripted } from "../fixtures/telemetry/scripted-environment.ts";

afterEach(endAll);

const answers = (journal: JournalReader): readonly unknown[] =>
  journal.all("subscribed").map(({ status, body }) => [status, body]);

const identifierOf = (journal: JournalReader): string => String(journal.all("registered").at(-1)?.["identifier"]);

/** A request that comes from outside, for moments in which no process of the environment runs. */
async function put(endpoint: string, path: string, identifier: string, body: unknown): Promise<[number, string]> {
  const headers = { "Lambda-Extension-Identifier": identifier, connection: "close" };
  const answer = await fetch(`http://${endpoint}${path}`, { method: "PUT", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.text()];
}

const closed = (api: "Telemetry" | "Logs") => [
  403,
  `{"errorMessage":"${api} API subscription is closed already","errorType":"${api}.SubscriptionClosed"}\n`,
];
const unknown = (identifier: string) => [
  403,
  `{"errorMessage":"Unknown extension ${identifier}","errorType":"Extension.UnknownExtensionIdentifier"}\n`,
];
const nobody = "11111111-2222-4333-8444-555555555555";

test("[TEL-07, TEL-66] no answer is 202, and an unknown identifier is answered before a broken body is looked at", async () => {
  const port = await freePort();
  const body = overHttp(port);
  const registered: Step[] = [
    { listen: { port } },
    { subscribe: { body } },
    { subscribe: { body } },
    { subscribe: { body: "{" } },
    { subscribe: { body: { ...body, types: [] } } },
    { subscribe: { body, api: "logs" } },
    { subscribe: { body: "{", identifier: nobody } },
  ];
  const it = await scripted({ scripts: { one: { registered } } });
  await it.invoke();
  expect(
    it
      .journal("one")
      .all("subscribed")
      .map(({ status }) => status),
  ).toEqual([200, 200, 400, 400, 400, 403]);
  expect(answers(it.journal("one")).at(-1)).toEqual(unknown(nobody));
});

test("[TEL-10] an internal extension subscribes from inside the runtime process", async () => {
  const port = await freePort();
  const start: Step[] = [
    { register: { name: "inside", events: [] } },
    { listen: { port } },
    { subscribe: { body: overHttp(port) } },
    { askForEvents: true },
  ];
  const it = await scripted({ runtimeScript: { start } });
  await it.invoke({ before: [{ print: "seen from inside\n" }] });
  await it.invoke({ before: [{ received: { type: "platform.report" } }] });
  expect(answers(it.runtime)).toEqual([[200, '"OK"']]);
  const records = it.runtime.events().map(({ record }) => record as unknown);
  expect(records).toContain("seen from inside\n");
});

test("[TEL-11, DLV-13] replay and live events come while the answer lies unread, before the first next", async () => {
  const port = await freePort();
  const start: Step[] = [{ listen: { port } }];
  const registered: Step[] = [
    { subscribeUnread: { body: overHttp(port) } },
    { received: { type: "platform.initStart" } },
    { received: { type: "platform.telemetrySubscription" } },
  ];
  const it = await scripted({ scripts: { one: { start, registered } } });
  expect(await it.environment.init()).toEqual({ status: "success" });
});

test("[TEL-26, TEL-34, DLV-35] nobody needs to listen yet, over HTTP or TCP", async () => {
  const [one = 0, two = 0] = await freePorts(2);
  const registered: Step[] = [{ subscribe: { body: overHttp(one) } }, { subscribe: { body: overTcp(two) } }];
  const late: Step[] = [
    { listen: { port: one } },
    { listen: { port: two, protocol: "TCP" } },
    { received: { port: one, type: "platform.start" } },
    { received: { port: two, type: "platform.start" } },
  ];
  const it = await scripted({ scripts: { one: { registered, invoke: [late] } } });
  await it.invoke();
  await it.end();
  const journal = it.journal("one");
  expect(answers(journal)).toEqual([
    [200, '"OK"'],
    [200, '"OK"'],
  ]);
  expect(journal.events(one).map(({ type }) => type)).toEqual([
    "platform.initStart",
    "platform.telemetrySubscription",
    "platform.telemetrySubscription",
    "platform.initRuntimeDone",
    "platform.extension",
    "platform.initReport",
    "platform.start",
    "platform.runtimeDone",
    "platform.report",
  ]);
  expect(journal.lines(two)).toEqual(journal.events(one));
});

test("[TEL-71] nothing ends a subscription", async () => {
  const port = await freePort();
  const body = overHttp(port);
  const end = (method: string): Step => ({ call: { method, path: "/2022-07-01/telemetry", body: "", as: method } });
  const script = {
    ...collector({ port }),
    registered: [
      { subscribe: { body } },
      end("DELETE"),
      end("POST"),
      { subscribe: { body: { ...body, types: [] } } },
      { subscribe: { body: "" } },
      { subscribe: { body: { ...body, types: ["platform"] } } },
    ] as Step[],
  };
  const it = await scripted({ scripts: { one: script } });
  await it.invoke({ before: [{ print: "still here\n" }] });
  await it.end();
  const journal = it.journal("one");
  expect(journal.all("called").map(({ as, status }) => [as, status])).toEqual([
    ["DELETE", 405],
    ["POST", 405],
  ]);
  expect(journal.events().map(({ record }) => record as unknown)).toContain("still here\n");
  expect(it.environment.subscriptions.map(({ types }) => types.join())).toEqual([
    "platform,function,extension",
    "platform",
  ]);
});

test("[TEL-44, TEL-74, TEL-72, LGS-06] from the end of Init on the window is closed: in an invocation, idle, and in shutdown", async () => {
  const [one = 0, two = 0] = await freePorts(2);
  const late: Step = { subscribe: { body: overHttp(one) } };
  const lateLogs: Step = { subscribe: { api: "logs", body: overHttp(two, { schemaVersion: "2021-03-18" }) } };
  const modern = { invoke: [[late]], shutdown: [late] };
  const older = { invoke: [[lateLogs]], shutdown: [lateLogs] };
  const it = await scripted({
    scripts: {
      modern: { ...collector({ port: one }), ...modern },
      older: { ...collector({ port: two }, { api: "logs" }), ...older },
    },
  });
  await it.invoke();
  const { endpoint } = it.environment;
  const idle = [
    await put(endpoint, "/2022-07-01/telemetry", identifierOf(it.journal("modern")), overHttp(one)),
    await put(endpoint, "/2020-08-15/logs", identifierOf(it.journal("older")), overHttp(two)),
  ];
  await it.end();
  const ok = [200, '"OK"'];
  expect(answers(it.journal("modern"))).toEqual([ok, closed("Telemetry"), closed("Telemetry")]);
  expect(answers(it.journal("older"))).toEqual([ok, closed("Logs"), closed("Logs")]);
  expect(idle).toEqual([closed("Telemetry"), closed("Logs")]);
});

test("[TEL-43, TEL-75, TEL-76, TEL-77, TEL-78] a reset ends identifiers, not subscriptions, and opens the window again", async () => {
  const [one = 0, two = 0] = await freePorts(2);
  const first = collector({ port: one });
  const same: Step = { subscribe: { body: overHttp(one) } };
  const other: Step = { subscribe: { body: overHttp(two, { types: ["platform"] }) } };
  const again = {
    start: [{ listen: { port: one } }, { listen: { port: two } }],
    registered: [same, other],
    invoke: [[same]],
  };
  const it = await scripted({ scripts: { one: [first, again] } });
  await it.invoke({ before: [{ exit: 1 }] });
  const old = identifierOf(it.journal("one"));
  expect(await put(it.environment.endpoint, "/2022-07-01/telemetry", old, overHttp(one))).toEqual(unknown(old));
  await it.invoke();
  expect(answers(it.journal("one"))).toEqual([
    [200, '"OK"'],
    [200, '"AlreadySubscribed"'],
    [200, '"OK"'],
    closed("Telemetry"),
  ]);
  await it.end();
  const second = it.journal("one").events(two);
  expect(second[0]?.type).toBe("platform.initStart");
  expect(
    it
      .journal("one")
      .events(one)
      .filter(({ type }) => type === "platform.report"),
  ).toHaveLength(2);
});

test("[TEL-80] subscriptions of a snapshot are in force after its restore, and the window stays closed", async () => {
  const port = await freePort();
  const repeat: Step = { subscribe: { body: overHttp(port) } };
  const it = await scripted({
    initializationType: "snap-start",
    runtimeScript: { snapshot: true },
    scripts: { one: { ...collector({ port }), invoke: [[repeat]] } },
  });
  await it.environment.init();
  await it.invoke();
  await it.end();
  expect(answers(it.journal("one"))).toEqual([[200, '"OK"'], closed("Telemetry")]);
  expect(
    it
      .journal("one")
      .events()
      .map(({ type }) => type),
  ).toEqual(expect.arrayContaining(["platform.restoreStart", "platform.restoreReport", "platform.report"]));
});

test("[CAP-03] output is captured without any subscription", async () => {
  const it = await scripted({ runtimeScript: { start: [{ printError: "in Init\n" }] } });
  const { logTail } = await it.invoke({ before: [{ print: "in the invocation\n" }] });
  const lines = it.environment.telemetry.filter(({ type }) => type === "function").map(({ record }) => record);
  expect(lines).toEqual(["in Init\n", "in the invocation\n"]);
  expect(logTail).toContain("in the invocation\n");
});

test.each([
  { logFormat: "Text", runtime: [null, null] },
  { logFormat: "JSON", runtime: ["JSON", "WARN"] },
] as const)("[CAP-38, CAP-39] log format $logFormat is told to the runtime, never to extensions", async (each) => {
  const level = { Text: {}, JSON: { applicationLogLevel: "WARN" } } as const;
  const it = await scripted({ logFormat: each.logFormat, ...level[each.logFormat], scripts: { one: {} } });
  await it.invoke();
  const told = (journal: JournalReader) =>
    journal.all("started").map(({ logFormat, logLevel }) => [logFormat, logLevel]);
  expect(told(it.runtime)).toEqual([each.runtime]);
  expect(told(it.journal("one"))).toEqual([[null, null]]);
});

describe("[CAP-36] the log descriptor", () => {
  test("is not given to a runtime that does not take frames", async () => {
    const it = await scripted({});
    await it.invoke();
    expect(it.runtime.all("started").map(({ logDescriptor }) => logDescriptor)).toEqual([null]);
  });

  const handler = 'exports.handler = async () => console.log("one\\ntwo");';
  test.each([
    { framedLog: true, text: /^[^\n]+\tINFO\tone\ntwo\n$/ },
    { framedLog: false, text: /^[^\n]+\tINFO\tone\rtwo\n$/ },
  ])("framedLog $framedLog: two lines in one record", async ({ framedLog, text }) => {
    const it = await scripted({
      framedLog,
      runtime: "nodejs22.x",
      handler: "index.handler",
      code: { "index.js": handler },
    });
    await it.invoke();
    const records = it.environment.telemetry.filter(({ type }) => type === "function").map(({ record }) => record);
    expect(records).toEqual([expect.stringMatching(text)]);
  });
});
