/** Who an extension is, what it is told and refused, with processes of its own. */
import { expect, test } from "vitest";
import { eventually, open, records, said, writeCode } from "../fixtures/environments.ts";
import { follower } from "../fixtures/programs.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const kinds = (environment: Awaited<ReturnType<typeof open>>): unknown[] =>
  environment.snapshot.extensions.map(({ name, kind }) => ({ name, kind }));

test("[EXT-09] takes an extension for external by its whole file name, suffix included", async () => {
  const environment = await open({ extensions: { "watcher.sh": follower } });
  await environment.init();
  expect(kinds(environment)).toEqual([{ name: "watcher.sh", kind: "external" }]);
});

test.each(["watcher", "Watcher.sh"])(
  "[EXT-10, EXT-11] takes %s, registered by watcher.sh, for internal, and waits for watcher.sh to the limit",
  async (name) => {
    const environment = await open({
      extensions: { "watcher.sh": `await follow((await register(["INVOKE"], ${JSON.stringify(name)})).id);` },
      initLimitMs: 1500,
    });
    expect(await environment.init()).toMatchObject({ status: "timeout" });
    expect(records(environment, "platform.extension")).toEqual(
      expect.arrayContaining([
        { name: "watcher.sh", state: "Started", events: [] },
        { name, state: "Ready", events: ["INVOKE"] },
      ]),
    );
    expect(environment.notices.map(({ text }) => text).join("\n")).toContain("the extension watcher.sh never asked");
  },
);

test.each([
  ["INVOKE", "SHUTDOWN"],
  ["SHUTDOWN", "INVOKE"],
])("[EXT-96] one that registered for %s and %s is reported with both, in whatever order", async (...events) => {
  const environment = await open({
    extensions: { watcher: `await follow((await register(${JSON.stringify(events)})).id);` },
  });
  await environment.init();
  const reported = records(environment, "platform.extension").map((record) => new Set(record.events));
  expect(reported).toEqual([new Set(["INVOKE", "SHUTDOWN"])]);
});

test("[EXT-12] lets one process register an external extension of another file that has not registered yet", async () => {
  const environment = await open({
    extensions: {
      "a-both": `
        const own = await register(["INVOKE"]);
        const other = await register(["INVOKE"], "b-silent");
        void follow(other.id);
        await follow(own.id);
      `,
      "b-silent": "await forever();",
    },
  });
  expect(await environment.init()).toEqual({ status: "success" });
  expect(kinds(environment)).toEqual([
    { name: "a-both", kind: "external" },
    { name: "b-silent", kind: "external" },
  ]);
});

test("[EXT-14] lets one process register several internal extensions, each with an id of its own", async () => {
  const environment = await open({
    bootstrap: `
      const ids = [(await register(["INVOKE"], "one")).id, (await register(["INVOKE"], "two")).id];
      for (const id of ids) void follow(id, async ({ status, eventType, headers }) => say({ id: headers["lambda-extension-identifier"] ?? id, eventType }));
      await serve(() => JSON.stringify(ids));
    `,
  });
  const ids = (await environment.invoke()).payload as string[];
  expect(new Set(ids).size).toBe(2);
  expect(
    said<{ id: string }>(environment, "function")
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...ids].sort());
});

test("[EXT-16, EXT-23, EXT-24, EXT-27] answers a registration with the function's facts and a new id", async () => {
  const environment = await open({
    extensions: {
      teller:
        "const { status, rawHeaders, body, id } = await register([]); say({ status, rawHeaders, body, id }); await follow(id);",
    },
    functionName: "registered",
    functionVersion: "3",
    handler: "some.handler",
  });
  await environment.init();
  const [told] = said<{ id: string; rawHeaders: string[] }>(environment, "extension");
  expect(told).toMatchObject({
    status: 200,
    body: '{"functionName":"registered","functionVersion":"3","handler":"some.handler"}\n',
    id: expect.stringMatching(uuid),
  });
  expect(told!.rawHeaders).toEqual(expect.arrayContaining(["Content-Type", "Lambda-Extension-Identifier", told!.id]));
});

test("[EXT-26] adds the account when it is asked for", async () => {
  const environment = await open({
    extensions: {
      teller: `
        const { body, id } = await register([], undefined, { "Lambda-Extension-Accept-Feature": "accountId" });
        say(JSON.parse(body));
        await follow(id);
      `,
    },
    accountId: "000000000042",
  });
  await environment.init();
  const [told] = said(environment, "extension");
  expect(told).toMatchObject({ accountId: "000000000042" });
  expect(Object.keys(told!)[0]).toBe("accountId");
});

test("[EXT-18, OBS-17, TEL-12] carries the extension's name in subscriptions and records", async () => {
  const environment = await open({
    extensions: {
      "named.js": `
        const { id } = await register(["INVOKE"]);
        const server = require("node:http").createServer((request, response) => { request.resume(); response.end(); });
        await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { status } = await call("PUT", "/2022-07-01/telemetry", {
          headers: { "Lambda-Extension-Identifier": id },
          body: JSON.stringify({
            schemaVersion: "2025-01-29",
            types: ["platform", "function"],
            destination: { protocol: "HTTP", URI: "http://sandbox.localdomain:" + server.address().port },
          }),
        });
        say({ status });
        await follow(id);
      `,
    },
  });
  const { logTail } = await environment.invoke();
  expect(said(environment, "extension")).toEqual([{ status: 200 }]);
  expect(environment.subscriptions).toMatchObject([{ extensionName: "named.js" }]);
  expect(records(environment, "platform.extension")).toMatchObject([{ name: "named.js", state: "Ready" }]);
  expect(logTail).toContain("TELEMETRY\tName: named.js\tState: Subscribed\tTypes: [Platform, Function]\n");
});

test("[EXT-58] gives internal and external extensions INVOKE in the same form", async () => {
  const tell = (register: string): string => `
    const { id } = ${register};
    void (async () => { for (;;) { const { headers, body } = await event(id); say({ names: Object.keys(headers).sort(), body }); } })();
  `;
  const environment = await open({
    bootstrap: `${tell('await register(["INVOKE"], "inside")')} await serve();`,
    extensions: { outside: `${tell('await register(["INVOKE"])')} await forever();` },
  });
  await environment.invoke();
  expect(said(environment, "function")).toEqual(said(environment, "extension"));
  expect(said(environment, "extension")).toHaveLength(1);
});

test("[EXT-98, EXT-99] starts no extension and serves none of their routes when they are switched off", async () => {
  const environment = await open({
    bootstrap: `
      const { status, body } = await register(["INVOKE"], "inside");
      await serve(() => JSON.stringify({ status, body }));
    `,
    layers: [writeCode({ "disable-extensions-jwigqn8j": "" })],
    extensions: { follower },
  });
  const { payload, status } = await environment.invoke();
  expect({ payload, status }).toEqual({ payload: { status: 404, body: "" }, status: "success" });
  expect(environment.snapshot.extensions).toEqual([]);
  expect(records(environment, "platform.extension")).toEqual([]);
});

const misdeeds = [
  {
    what: "a second registration",
    does: "await register([]); await register([]);",
    notice: /outside was refused POST \/2020-01-01\/extension\/register in state Registered: 403/,
  },
  {
    what: "a name that is missing",
    does: 'await register([], ""); await register([]);',
    notice: /POST \/2020-01-01\/extension\/register.* was refused: Extension\.InvalidExtensionName/,
  },
  {
    what: "an unknown identifier",
    does: 'await event("00000000-0000-4000-8000-000000000000"); await register([]);',
    notice: /was refused GET \/2020-01-01\/extension\/event\/next .*Extension\.UnknownExtensionIdentifier/,
  },
  {
    what: "an unknown event",
    does: 'await register(["INVOKED"]); await register([]);',
    notice:
      /register.* was refused.*Extension\.InvalidEventType|refused POST \/2020-01-01\/extension\/register.*Extension\.InvalidEventType/,
  },
  {
    what: "a subscription that is wrong",
    does: 'await call("PUT", "/2022-07-01/telemetry", { headers: { "Lambda-Extension-Identifier": (await register([])).id }, body: "{}" });',
    notice: /PUT \/2022-07-01\/telemetry by outside was refused: 400/,
  },
];

test.each(misdeeds)("[EXT-102] tells the developer that it refused $what", async ({ does, notice }) => {
  const environment = await open({ extensions: { outside: `${does} await forever();` }, initLimitMs: 60_000 });
  void environment.init();
  await eventually(() =>
    expect(environment.notices.map(({ text }) => text)).toContainEqual(expect.stringMatching(notice)),
  );
});
