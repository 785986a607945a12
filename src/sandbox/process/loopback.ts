/** Servers on this machine's loopback interface, where the processes of every environment find them. */
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
  try {
    server.listen(0, loopback);
    await once(server, "listening");
  } catch (error) {
    throw failure("sandbox-listen-failed", { address: loopback, why: (error as Error).message }, error);
  }
  return `${loopback}:${(server.address() as AddressInfo).port}`;
}

/** Closes it with its connections; a server that was never open or is closed is no error. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
