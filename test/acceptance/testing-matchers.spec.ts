/** Tests of extensions as their authors write them: fake back ends, matchers, crashes and long freezes, with real processes. */
import {
  createDestination,
  createEnvironment,
  type Environment,
  type EnvironmentOptions,
  type FakeDestination,
  formatTimeline,
} from "lambdarium";
import "lambdarium/vitest";
import { afterEach, describe, expect, test } from "vitest";
import { eventually, newGate, open, openGate } from "../fixtures/environments.ts";
import { extensionFile, shipperName } from "../fixtures/toolkit/shipping.ts";

const opened: FakeDestination[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((destination) => destination.close()));
});

async function webhookAt(variable: string): Promise<FakeDestination<"webhook">> {
  const destination = await createDestination("webhook", { variable });
  opened.push(destination);
  return destination;
}

/** A function that writes one line for each invocation, or waits where it is told to. */
const writer = `
  let number = 0;
  await serve(async ({ body }) => {
    const { gate: closed } = JSON.parse(body);
    process.stdout.write("line " + (number += 1) + "\\n");
    if (closed !== undefined) await gate(closed);
    return "null";
  });
`;

/** An extension of the toolkit that ships to SHIP_TO. */
const shipper = (deliver = ""): string =>
  extensionFile(
    shipperName,
    `defineExtension({ deliver: { to: webhook({ url: process.env.SHIP_TO }), strategy: "end", ${deliver} } });`,
  );

describe("toHaveDelivered", () => {
  test("finds what an extension delivered, by text, by shape, in order, so many times", async () => {
    const destination = await webhookAt("SHIP_TO");
    const env = await open({ bootstrap: writer, extensionPaths: [shipper()], destinations: [destination] });
    await env.invoke({});
    await env.invoke({});
    await env.shutdown();
    expect(env).toHaveDelivered("line 1");
    expect(env).toHaveDelivered([{ type: "function", record: "line 1\n" }, "line 2", { type: "platform.report" }], {
      to: "webhook",
    });
    expect(env).toHaveDelivered(
      { type: "platform.report", record: { status: "success", metrics: { durationMs: expect.any(Number) } } },
      { times: 2 },
    );
    expect(destination).toHaveDelivered(/line \d/, { times: 2 });
    expect(env).not.toHaveDelivered(["line 2", "line 1"]);
    expect(env).not.toHaveDelivered("line 3");
  });

  test("says why nothing came: what the back end answered, what lies in the spool, what the extension said last", async () => {
    const destination = await webhookAt("SHIP_TO");
    const env = await open({ bootstrap: writer, extensionPaths: [shipper()], destinations: [destination] });
    destination.fail(503);
    await env.invoke({});
    const claim = (): void => expect(env).toHaveDelivered("line 1");
    expect(claim).toThrow('expected: "line 1" to have been delivered\n  "line 1": did not come');
    expect(claim).toThrow(/requests to webhook:\n(?: {2}POST \/, \d+ records?: 503, failed, as the test wants it\n)+/);
    expect(claim).toThrow(new RegExp(`the extension ${shipperName} is Ready`));
    expect(claim).toThrow(/gets platform, function: \d+ produced, \d+ delivered to it, 0 dropped/);
    expect(claim).toThrow(new RegExp(`waiting in spools:\\n {2}${shipperName}.spool: [1-9]\\d* records?`));
    await env.shutdown();
    expect(claim).toThrow(new RegExp(`last lines of ${shipperName}:(?:\n.*)*left in the spool`));
  });

  test("says that there is nobody to deliver to", async () => {
    const env = await open();
    expect(() => expect(env).toHaveDelivered("x")).toThrow("the environment has no fake destination");
  });
});

describe("the life of an extension", () => {
  test("is claimed by what registered, subscribed, was reported, and which phases there were", async () => {
    const destination = await webhookAt("SHIP_TO");
    const env = await open({ bootstrap: writer, extensionPaths: [shipper()], destinations: [destination] });
    await env.invoke({});
    expect(env).toHaveRegistered(shipperName, { kind: "external", state: "Ready", events: ["INVOKE", "SHUTDOWN"] });
    expect(env).toHaveSubscribed(shipperName, { types: ["platform"], api: "telemetry" });
    expect(env).toHaveReported(
      { status: "success", metrics: { initDurationMs: (ms: number) => ms > 0 } },
      { invocation: 1 },
    );
    expect(env).not.toHaveReported({ status: "timeout" });
    expect(env).toHavePhase("init", { status: "success", atMost: "10s" });
    await env.shutdown();
    expect(env).toHaveRegistered(shipperName, { state: "Exited", exit: { code: 0 } });
    expect(env).toHavePhase("shutdown", { reason: "spindown", atMost: "2s" });
    expect(() => expect(env).toHavePhase("shutdown", { atLeast: "1h" })).toThrow(
      /took [\d.]+ ms\n\nwhat happened last:\n/,
    );
    expect(() => expect(env).toHaveRegistered("other")).toThrow(`${shipperName} is Exited`);
    expect(() => expect(env).toHaveSubscribed("other")).toThrow(`only ${shipperName} have`);
  });

  test("crash: the invocation that runs fails with Extension.Crash, and the next Init starts it again", async () => {
    const env = await open({
      bootstrap: writer,
      extensionPaths: [shipper()],
      destinations: [await webhookAt("SHIP_TO")],
    });
    await env.init();
    const gate = newGate();
    const running = env.invoke({ gate });
    await eventually(() => expect(env.linesOf("function")).toEqual(["line 1"]));
    await env.crash(shipperName);
    openGate(gate);
    expect(await running).toMatchObject({ status: "error", errorType: "Extension.Crash" });
    expect(env).toHaveReported({ errorType: "Extension.Crash" }, { invocation: 1 });
    expect(await env.invoke({})).toMatchObject({ status: "success" });
    expect(env).toHaveRegistered(shipperName, { state: "Ready" });
  });

  test("crash: an idle environment learns of it too, also while it is frozen", async () => {
    const env = await open({
      bootstrap: writer,
      extensionPaths: [shipper()],
      destinations: [await webhookAt("SHIP_TO")],
    });
    await env.invoke({});
    await env.freeze();
    await env.crash(shipperName);
    expect(await env.invoke({})).toMatchObject({ errorType: "Extension.Crash" });
  });

  test("crash: says who runs when nobody is called so", async () => {
    const env = await open({ bootstrap: writer });
    await expect(env.crash("nobody")).rejects.toMatchObject({
      code: "process-not-running",
      hint: expect.stringContaining("Nothing runs"),
    });
    await env.init();
    await expect(env.crash("nobody")).rejects.toMatchObject({ hint: "Name one of runtime." });
    await env.crash("runtime");
    expect(await env.invoke({})).toMatchObject({ errorType: "Runtime.ExitError" });
  });
});

describe("freezeFor", () => {
  test("cuts the connections of the destinations; an extension that is right loses nothing and doubles nothing", async () => {
    const destination = await webhookAt("SHIP_TO");
    const env = await open({ bootstrap: writer, extensionPaths: [shipper()], destinations: [destination] });
    await env.invoke({});
    await env.freezeFor("5m");
    expect(env.notices.map(({ text }) => text)).toContain("Frozen for 5m: connections to webhook were cut (1).");
    await env.invoke({});
    await env.shutdown();
    expect(destination).toHaveDelivered(["line 1", "line 2"], { times: 1 });
    expect(env.linesOf(shipperName)).toEqual([]);
  });

  test("leaves connections alone when it is shorter than those rest", async () => {
    const destination = await webhookAt("SHIP_TO");
    const env = await open({ bootstrap: writer, extensionPaths: [shipper()], destinations: [destination] });
    await env.invoke({});
    await env.freezeFor("10s");
    expect(destination.cut()).toBe(1);
  });

  test("wants an idle environment, and a duration", async () => {
    const env = await open({ bootstrap: writer });
    await expect(env.freezeFor("5m")).rejects.toMatchObject({ code: "environment-not-idle" });
    await expect(env.freezeFor("a while")).rejects.toMatchObject({ code: "invalid-setting" });
  });
});

describe("without a function", () => {
  const openBare = async (options: EnvironmentOptions = {}): Promise<Environment> => {
    const env = await createEnvironment({ sandbox: "process", ...options });
    bare.push(env);
    return env;
  };
  const bare: Environment[] = [];
  afterEach(async () => {
    await Promise.all(bare.splice(0).map((env) => env.kill()));
  });

  test("there is one that does what its event says", async () => {
    const env = await openBare({ timeoutMs: 1000 });
    expect(await env.invoke({ log: ["one", "two"], answer: 5 })).toMatchObject({ payload: 5, status: "success" });
    expect(env.linesOf("function")).toEqual(["one", "two"]);
    expect((await env.invoke("as it is")).payload).toBe("as it is");
    expect(await env.invoke({ error: "no" })).toMatchObject({ payload: { errorMessage: "no" } });
    expect(await env.invoke({ exit: 3 })).toMatchObject({ errorType: "Runtime.ExitError" });
    expect(await env.invoke({ waitMs: 60_000 })).toMatchObject({ status: "timeout" });
  });

  test("an extension is all that a test needs", async () => {
    const destination = await webhookAt("SHIP_TO");
    const env = await openBare({ extensions: [shipper()], destinations: [destination] });
    await env.invoke({ log: "line 1" });
    await env.shutdown();
    expect(env).toHaveDelivered("line 1", { times: 1 });
  });
});

test("the timeline as a text is the same from run to run", async () => {
  const tell = async (): Promise<string> => {
    const destination = await webhookAt("SHIP_TO");
    const env = await open({ bootstrap: writer, extensionPaths: [shipper()], destinations: [destination] });
    await env.invoke({});
    await env.freezeFor("5m");
    await env.invoke({});
    await env.shutdown();
    return formatTimeline(env).replaceAll(shipperName, "shipper");
  };
  const [one, other] = [await tell(), await tell()];
  expect(one).toBe(other);
  expect(one).toMatchInlineSnapshot(`
    "Init
      platform: finds the extensions shipper
      runtime: is launched
      runtime: asks for its next invocation
      shipper: is launched
      shipper: registers for INVOKE, SHUTDOWN
      shipper: subscribes: platform, function to http://sandbox.localdomain:<port> (schema 2025-01-29)
      shipper: asks for its next event
    Init ended: success
    Invoke 1
      runtime: answers
      runtime: asks for its next invocation
      shipper: gets INVOKE
      shipper: asks for its next event
    Invoke 1 ended: success
    Freeze
    Thaw
    Invoke 2
      runtime: answers
      runtime: asks for its next invocation
      shipper: gets INVOKE
      shipper: asks for its next event
    Invoke 2 ended: success
    Freeze
    Thaw
    Shutdown, reason spindown
      platform: sends SIGTERM to the runtime
      runtime: is ended by SIGTERM
      shipper: gets SHUTDOWN, reason spindown
      shipper: exits with status 0
    Shutdown ended"
  `);
});
