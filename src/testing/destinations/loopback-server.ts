/** An HTTP server on loopback whose connections can be cut and whose port can be closed and opened again. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { failure } from "../../errors.ts";

export class LoopbackServer {
  readonly #handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly #name: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(name: string, handle: (request: IncomingMessage, response: ServerResponse) => void) {
    this.#name = name;
    this.#handle = handle;
  }

  /** The same from one opening to the next. */
  get port(): number {
    return this.#port;
  }

  get isOpen(): boolean {
    return this.#server !== undefined;
  }

  /** @throws LambdariumError `destination-not-listening` */
  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer(this.#handle);
    // A back end that closes what rests, or what takes its time, would be a fault nobody asked for.
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    server.headersTimeout = 0;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      // Whoever forgets to close it has a test run that ends all the same.
      socket.unref();
    });
    try {
      server.listen(this.#port, "127.0.0.1");
      await once(server, "listening");
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      throw failure("destination-not-listening", { destination: this.#name, port: this.#port, why });
    }
    server.unref();
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Nobody listens any more: connections are refused, and those there are end. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    this.cut();
    await closed;
  }

  /** Resets every connection, with whatever is under way on it; gives how many there were. */
  cut(): number {
    const cut = [...this.#sockets];
    this.#sockets.clear();
    for (const socket of cut) socket.resetAndDestroy();
    return cut.length;
  }
}
