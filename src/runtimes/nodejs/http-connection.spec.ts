import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { HttpAnswer } from "./http-answer.ts";
import { httpConnection } from "./http-connection.ts";

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

type Answer = (socket: Socket) => void;

/** Answers the requests by these in turn, and the rest with `ok`; `seen` is what came, by connection. */
async function serve(...answers: readonly Answer[]) {
  const seen: string[][] = [];
  let requests = 0;
  const server = createServer((socket) => {
    const mine: string[] = [];
    seen.push(mine);
    socket.on("data", (bytes) => {
      mine.push(bytes.toString());
      (answers[requests++] ?? ok)(socket);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { seen, connection: httpConnection("127.0.0.1", (server.address() as AddressInfo).port) };
}

const answerWith =
  (text: string): Answer =>
  (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\n${text}`);
const ok = answerWith("Content-Length: 2\r\n\r\nok");
const hangUp: Answer = (socket) => socket.destroy();

function exchange(connection: ReturnType<typeof httpConnection>, path: string, body = "") {
  const request = { method: body === "" ? ("GET" as const) : ("POST" as const), path, headers: { "X-A": "b" }, body };
  return new Promise<HttpAnswer>((resolve, reject) => connection.exchange(request, resolve, reject));
}

test("sends head and body as one piece and keeps the connection", async () => {
  const { seen, connection } = await serve();
  await exchange(connection, "/one");
  await exchange(connection, "/two", "bödy");
  expect(seen).toEqual([
    [
      expect.stringMatching(/^GET \/one HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nX-A: b\r\n\r\n$/),
      expect.stringMatching(/^POST \/two HTTP\/1\.1\r\n.*Content-Length: 5\r\n\r\nbödy$/s),
    ],
  ]);
});

test("connects again when the idle connection had been closed just as it was used", async () => {
  // The second request is read and its connection closed without an answer, as a server does that timed out.
  const { seen, connection } = await serve(ok, hangUp);
  await exchange(connection, "/one");
  expect((await exchange(connection, "/two")).body).toBe("ok");
  expect(seen.map((requests) => requests.length)).toEqual([2, 1]);
});

test("does not repeat on a connection that was new, and says that it was lost", async () => {
  const { seen, connection } = await serve(hangUp);
  await expect(exchange(connection, "/one")).rejects.toThrow("the connection was closed");
  expect(seen.length).toBe(1);
});

test("does not repeat what was answered in part", async () => {
  const breakOff: Answer = (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart");
  const { connection } = await serve(ok, breakOff);
  await exchange(connection, "/one");
  await expect(exchange(connection, "/two")).rejects.toThrow("the connection was closed");
});

test("takes a new connection after an answer that closes the old one", async () => {
  const { seen, connection } = await serve(answerWith("Connection: close\r\nContent-Length: 2\r\n\r\nok"));
  await exchange(connection, "/one");
  await exchange(connection, "/two");
  expect(seen.length).toBe(2);
});
