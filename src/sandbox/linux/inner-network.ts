/** Sockets in the network of a sandbox: servers of ours in it, and connections from us to servers there. */
import type { Socket as DatagramSocket } from "node:dgram";
import type { Server } from "node:http";
import { Socket } from "node:net";
import { failure } from "../../errors.ts";
import { readDatagrams } from "../process/datagram-reader.ts";
import type { ReadMeter } from "../process/output-reader.ts";
import type { DatagramEndpoint } from "../sandbox.ts";
import { systemError } from "./exit-status.ts";
import type { InitProcess } from "./init-process.ts";

/** What `sandbox.localdomain` stands for. */
export const innerAddress = "127.0.0.1";

/** Port of the Runtime API on Lambda, reserved there (ENV-98). */
const runtimeApiPort = 9001;

export class InnerNetwork {
  readonly #init: InitProcess;
  readonly #servers = new Set<Server>();
  readonly #datagrams: DatagramSocket[] = [];
  /** Sockets made in advance, because a connection must be begun at once. */
  readonly #stock: unknown[] = [];
  #wanted = 0;
  #closed = false;

  constructor(init: InitProcess) {
    this.#init = init;
  }

  /** Opens the server inside; gives `host:port`. @throws LambdariumError `sandbox-listen-failed` */
  async listen(server: Server): Promise<string> {
    const port = this.#servers.size === 0 ? runtimeApiPort : 0;
    const address = await this.#opened(async () => this.#listenOn(server, port));
    void this.fill();
    return address;
  }

  /** Opens a port for datagrams and the server on the same one. @throws LambdariumError `sandbox-listen-failed` */
  async listenDatagrams({ port, server, onDatagram }: DatagramEndpoint, meter: ReadMeter): Promise<string> {
    return this.#opened(async () => {
      const handle = await this.#init.socket({ use: "datagrams", port });
      this.#datagrams.push(readDatagrams(onDatagram, meter).bind(handle as number));
      return this.#listenOn(server, port);
    });
  }

  /** Begins a connection to a port inside. */
  connect(port: number): Socket {
    const handle = this.#stock.shift();
    void this.fill();
    if (handle === undefined) {
      const socket = new Socket();
      socket.destroy(new Error("no socket is left in the sandbox: too many connections are opened at once"));
      return socket;
    }
    // `manualStart`: a socket that is not connected yet cannot be read.
    const options = { handle, manualStart: true } as ConstructorParameters<typeof Socket>[0];
    return new Socket(options).connect({ port, host: innerAddress });
  }

  /** Makes sockets in advance. */
  async fill(): Promise<void> {
    while (!this.#closed && this.#stock.length + this.#wanted < stockSize) {
      this.#wanted += 1;
      try {
        this.#stock.push(await this.#init.socket({ use: "connect" }));
      } catch {
        return;
      } finally {
        this.#wanted -= 1;
      }
    }
    if (this.#closed) {
      this.#dropStock();
    }
  }

  /** Closes our servers and the sockets that were not used. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#dropStock();
    this.#datagrams.splice(0).forEach((socket) => socket.close());
    await Promise.all(
      [...this.#servers].map(
        async (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  }

  async #listenOn(server: Server, port: number): Promise<string> {
    const handle = await this.#init.socket({ use: "listen", port });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(handle, () => {
        server.off("error", reject);
        resolve();
      });
    });
    this.#servers.add(server);
    const address = server.address();
    return `${innerAddress}:${typeof address === "object" && address !== null ? address.port : port}`;
  }

  async #opened(open: () => Promise<string>): Promise<string> {
    try {
      return await open();
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      const { message } = errno === undefined || errno < 0 ? (error as Error) : systemError(errno, "socket");
      throw failure("sandbox-listen-failed", { address: innerAddress, why: message }, error);
    }
  }

  #dropStock(): void {
    this.#stock.splice(0).forEach((handle) => (handle as { close(): void }).close());
  }
}

/** Ten extensions can have a subscription each, and after a thaw all of them are connected at once. */
const stockSize = 12;
