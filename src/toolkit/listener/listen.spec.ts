import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { listen } from "./listen.ts";
import { preferredPort } from "./preferred-port.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function occupied(port: number): Promise<Server> {
  const server = createServer();
  open.push(server);
  server.listen(port, "0.0.0.0");
  await once(server, "listening");
  return server;
}

const ignore = (): void => undefined;

test("takes the port of its name", async () => {
  const name = `listener-${process.pid}`;
  const it = await listen(name, ignore);
  open.push(it.server);
  expect(it).toMatchObject({ port: preferredPort(name), warning: undefined });
  expect(it.uri).toBe(`http://sandbox.localdomain:${it.port}`);
});

test("waits for a predecessor that lets go of the port", async () => {
  const predecessor = await occupied(0);
  const { port } = predecessor.address() as AddressInfo;
  const listening = listen("waiting", ignore, port);
  setTimeout(() => predecessor.close(), 30);
  const it = await listening;
  open.push(it.server);
  expect(it).toMatchObject({ port, warning: undefined });
});

test("takes another port of its name when the first stays taken, and says so", async () => {
  const { port } = (await occupied(0)).address() as AddressInfo;
  const name = `fallback-${process.pid}`;
  const it = await listen(name, ignore, port);
  open.push(it.server);
  expect(it.port).toBe(preferredPort(name, 1));
  expect(it.warning).toContain(`port ${port} is taken`);
});
