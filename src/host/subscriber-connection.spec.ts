import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { OutgoingBatch } from "../telemetry/delivery-effects.ts";
import { connectSubscriber, type SendResult, type SubscriberConnection } from "./subscriber-connection.ts";

const open: { server?: Server; connection?: SubscriberConnection; sockets: Socket[] } = { sockets: [] };

afterEach(async () => {
  open.connection?.close();
  for (const socket of open.sockets.splice(0)) socket.destroy();
  await new Promise((closed) => (open.server === undefined ? closed(0) : open.server.close(closed)));
});

/** A listener on TCP; each of its connections is handled by the next of these. */
async function listen(...handlers: readonly ((socket: Socket) => void)[]): Promise<number> {
  let connections = 0;
  const server = createServer((socket) => {
    open.sockets.push(socket);
    socket.on("error", () => undefined);
    handlers[Math.min(connections++, handlers.length - 1)]?.(socket);
  });
  open.server = server;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return (server.address() as AddressInfo).port;
}

const sandbox = {
  address: "127.0.0.1",
  connect: (port: number) => connect({ host: "127.0.0.1", port }),
} as Sandbox;

const lines = (count: number, bytes: number): OutgoingBatch => {
  const body = `${"x".repeat(bytes - 1)}\n`.repeat(count);
  return { destination: { protocol: "TCP", port: 0 }, body, bodyBytes: body.length, sequenceId: "", events: count };
};

const tcp = (port: number): SubscriberConnection =>
  (open.connection = connectSubscriber(sandbox, { protocol: "TCP", port }));

const send = (connection: SubscriberConnection, batch: OutgoingBatch): Promise<SendResult> =>
  new Promise((done) => connection.send(batch, done));

function reading(): { readonly handler: (socket: Socket) => void; readonly until: (bytes: number) => Promise<string> } {
  let text = "";
  let wake = (): void => undefined;
  return {
    handler: (socket) =>
      socket.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        wake();
      }),
    async until(bytes) {
      while (text.length < bytes) await new Promise<void>((more) => (wake = more));
      return text;
    },
  };
}

test("[DLV-17] a batch whose connection broke while it was written is sent again, whole, on a new one", async () => {
  const { handler, until } = reading();
  const port = await listen((socket) => socket.once("data", () => socket.destroy()), handler);
  const connection = tcp(port);
  // More than the sockets of both ends take, so that the write cannot have been accepted.
  const batch = lines(320, 100_000);
  expect(await send(connection, batch)).toMatchObject({ kind: "failed" });
  expect(await send(connection, batch)).toEqual({ kind: "acknowledged" });
  expect((await until(batch.bodyBytes)) === batch.body).toBe(true);
});

test("[DLV-17, DLV-16] one whose connection could not be made is sent again as soon as somebody listens", async () => {
  const port = await listen(() => undefined);
  await new Promise((closed) => open.server?.close(closed));
  const connection = tcp(port);
  expect(await send(connection, lines(1, 10))).toEqual({
    kind: "failed",
    why: `connection refused at 127.0.0.1:${port}: is the listener up before the subscription?`,
  });
  const { handler, until } = reading();
  open.server = createServer(handler);
  await new Promise<void>((listening) => open.server?.listen(port, "127.0.0.1", listening));
  expect(await send(connection, lines(1, 10))).toEqual({ kind: "acknowledged" });
  expect(await until(10)).toBe(lines(1, 10).body);
});

test("[DLV-16] a batch is not acknowledged while the listener's socket is full", async () => {
  const { handler, until } = reading();
  const taken: Socket[] = [];
  const port = await listen((socket) => taken.push(socket.pause()));
  const connection = tcp(port);
  const batch = lines(320, 100_000);
  let result: SendResult | undefined;
  const sending = send(connection, batch).then((sent) => (result = sent));
  while (taken.length === 0) await new Promise((turn) => setImmediate(turn));
  expect(result).toBeUndefined();
  handler(taken[0]!.resume());
  expect(await sending).toEqual({ kind: "acknowledged" });
  expect(await until(batch.bodyBytes)).toHaveLength(batch.bodyBytes);
});

test("an attempt that was given up tells nothing any more, and the next one has a new connection", async () => {
  let connections = 0;
  const { handler, until } = reading();
  const port = await listen(
    () => void connections++,
    (socket) => {
      connections++;
      handler(socket);
    },
  );
  const connection = tcp(port);
  let told = false;
  connection.send(lines(320, 100_000), () => (told = true));
  while (open.sockets.length === 0) await new Promise((turn) => setImmediate(turn));
  connection.abort();
  await send(connection, lines(1, 10));
  await until(10);
  expect([told, connections]).toEqual([false, 2]);
});
