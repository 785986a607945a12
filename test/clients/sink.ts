/** A server on this machine that keeps what is posted to it: where an extension's vendor would be. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface Posted {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly body: Buffer;
}

export interface Sink extends AsyncDisposable {
  readonly port: number;
  readonly posted: readonly Posted[];
}

export async function openSink(): Promise<Sink> {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      posted.push({ method: request.method ?? "", url: request.url ?? "", body });
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    posted,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
