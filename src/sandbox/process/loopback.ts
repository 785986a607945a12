/** Servers on this machine's loopback interface, where the processes of every environment find them. */
import type { Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { failure } from "../../errors.ts";

/** What `sandbox.localdomain` stands for. */
export const loopback = "127.0.0.1";

/**
 * Opens the server on a free port; gives `host:port`.
 * @throws LambdariumError `sandbox-listen-failed`
 */
export async function listenOnLoopback(server: Server): Promise<string> {
  return orExplain(async () => listenOn(server, 0));
}

/**
 * Opens a port that is free for datagrams and for TCP at once.
 * @throws LambdariumError `sandbox-listen-failed`
 */
export async function listenDatagramsOnLoopback(
  server: Server,
  makeSocket: () => DatagramSocket,
): Promise<{ readonly socket: DatagramSocket; readonly hostAndPort: string }> {
  return orExplain(async () => {
    for (let attempt = 1; ; attempt += 1) {
      const socket = makeSocket();
      await new Promise<void>((resolve, reject) => socket.once("error", reject).bind(0, loopback, resolve));
      try {
        return { socket, hostAndPort: await listenOn(server, socket.address().port) };
      } catch (error) {
        socket.close();
        // The number was free for datagrams only.
        if (attempt === attemptsAtMost || (error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      }
    }
  });
}

const attemptsAtMost = 20;

async function listenOn(server: Server, port: number): Promise<string> {
  server.listen(port, loopback);
  await once(server, "listening");
  return `${loopback}:${(server.address() as AddressInfo).port}`;
}

async function orExplain<Result>(open: () => Promise<Result>): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    throw failure("sandbox-listen-failed", { address: loopback, why: (error as Error).message }, error);
  }
}

/** Closes it with its connections; a server that was never open or is closed is no error. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
