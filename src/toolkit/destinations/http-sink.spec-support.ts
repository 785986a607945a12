/** A server that keeps what it is sent and answers as it is told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  /** Unpacked. */
  readonly body: Buffer;
}

export type Answer = (received: Received, response: ServerResponse) => void;

export const status =
  (code: number, text = "", headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end(text);

export class HttpSink {
  readonly received: Received[] = [];
  answer: Answer = status(200);
  #server: Server | undefined;

  /** Listens; gives the address. */
  async open(): Promise<string> {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const raw = Buffer.concat(pieces);
        const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
        const received = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, raw, body };
        this.received.push(received);
        this.answer(received, response);
      });
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}
