import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { DebuggerClient, inspectorsAt } from "../../../test/fixtures/debugger-client.ts";
import type { Holdable } from "../../host/held-clock.ts";
import type { InspectedEnvironment } from "../../host/inspection.ts";
import { InspectorDoor } from "./inspector-door.ts";

const endings: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Counts by how many it is held. */
class Holds implements Holdable {
  count = 0;
  readonly hold = (): void => void (this.count += 1);
  readonly release = (): void => void (this.count -= 1);
}

async function openDoor(name?: string): Promise<InspectorDoor> {
  const door = await InspectorDoor.open(
    { port: 0, ...(name === undefined ? {} : { name }) },
    (known) => known === "hello",
  );
  endings.push(() => door.close());
  return door;
}

async function openEnvironment(door: InspectorDoor, clock = new Holds()): Promise<InspectedEnvironment> {
  const environment = await door.inspectionOf("hello").open(clock);
  endings.push(environment.close);
  return environment;
}

function startNode(port: number | undefined): ChildProcess {
  const child = spawn(process.execPath, [`--inspect=127.0.0.1:${port}`, "-e", "setInterval(() => { debugger; }, 10)"], {
    stdio: "ignore",
  });
  endings.push(() => child.kill("SIGKILL"));
  return child;
}

test.each([
  [undefined, { runtime: true, extension: false }],
  ["hello", { runtime: true, extension: false }],
  ["collector", { runtime: false, extension: true }],
])("of --inspect=%s it opens %j", async (name, expected) => {
  const environment = await openEnvironment(await openDoor(name));
  const open = (extensionName?: string) => environment.portOf(extensionName) !== undefined;
  expect({ runtime: open(), extension: open("collector") }).toEqual(expected);
  expect(open("another")).toBe(false);
});

test("a debugger attaches through the one port, and the clock is held while the process is stopped", async () => {
  const door = await openDoor();
  const clock = new Holds();
  const environment = await openEnvironment(door, clock);
  const child = startNode(environment.portOf());
  const [inspector] = await inspectorsAt(door.port);
  expect(inspector?.title).toBe("hello");
  expect(new URL(inspector!.webSocketDebuggerUrl).port).toBe(String(door.port));

  const client = await DebuggerClient.attach(inspector!.webSocketDebuggerUrl);
  expect(clock.count).toBe(0);
  client.send("Debugger.enable");
  await client.says("Debugger.paused");
  await vi.waitUntil(() => clock.count === 1);
  client.send("Debugger.resume");
  await client.says("Debugger.resumed");
  // It stops again at once: that is a second hold.
  await client.says("Debugger.paused");
  await vi.waitUntil(() => clock.count === 1);
  client.detach();
  await vi.waitUntil(() => clock.count === 0);

  child.kill("SIGKILL");
  await vi.waitUntil(async () => (await (await fetch(`http://127.0.0.1:${door.port}/json`)).text()) === "[]");
});

test("the clock goes on when the stopped process dies", async () => {
  const door = await openDoor();
  const clock = new Holds();
  const child = startNode((await openEnvironment(door, clock)).portOf());
  const [inspector] = await inspectorsAt(door.port);
  const client = await DebuggerClient.attach(inspector!.webSocketDebuggerUrl);
  client.send("Debugger.enable");
  await vi.waitUntil(() => clock.count === 1, { timeout: 20_000 });
  child.kill("SIGKILL");
  await vi.waitFor(() => expect(clock.count).toBe(0), { timeout: 20_000 });
});

test("every environment has its own inspector behind the port", async () => {
  const door = await openDoor();
  startNode((await openEnvironment(door)).portOf());
  startNode((await openEnvironment(door)).portOf());
  const inspectors = await inspectorsAt(door.port, 2);
  expect(new Set(inspectors.map(({ webSocketDebuggerUrl }) => webSocketDebuggerUrl)).size).toBe(2);
});

test("nothing that is not there, and no page under a name of its own", async () => {
  const door = await openDoor();
  await expect(DebuggerClient.attach(`ws://127.0.0.1:${door.port}/none`)).rejects.toThrow("status 404");
  const status = await new Promise((resolve) => {
    request({ port: door.port, path: "/json", headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  expect(status).toBe(403);
});

test("a port that is taken is an error of its own", async () => {
  const door = await openDoor();
  await expect(InspectorDoor.open({ port: door.port }, () => false)).rejects.toMatchObject({ code: "port-taken" });
});
