/** Opens the server that the platform delivers telemetry to. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { ExtensionError, reasonOf } from "../extension-error.ts";
import { preferredPort } from "./preferred-port.ts";

export interface Listener {
  readonly server: http.Server;
  readonly port: number;
  /** What a subscription names as its destination. */
  readonly uri: string;
  /** Set when another port than the preferred one had to be taken. */
  readonly warning: string | undefined;
}

/** A listener that is being opened, while other things go on; who receives is said before anything can come. */
export interface EarlyListener {
  /** Never rejects by itself. */
  readonly opened: () => Promise<Listener>;
  receive(handle: http.RequestListener): void;
}

/** Begins to listen; fulfilled is `opened` when the port is bound. */
export function beginToListen(name: string, port: number | undefined): EarlyListener {
  let receive: http.RequestListener = (_, response) => void response.writeHead(503).end();
  const listening = listen(name, (request, response) => receive(request, response), port);
  listening.catch(() => undefined);
  return {
    opened: () => listening,
    receive: (handle) => {
      receive = handle;
    },
  };
}

/** A predecessor that was killed a moment ago may still hold the port. */
const retryWaitsMs = [10, 20, 40, 80, 100];

/**
 * Listens on `port`, or on the one that the name stands for; when that stays taken, on the next ones for this name, and at
 * last on any.
 * @throws ExtensionError `listener-failed`
 */
export async function listen(
  name: string,
  receive: http.RequestListener,
  port: number = preferredPort(name),
): Promise<Listener> {
  const server = http.createServer(receive);
  // The platform keeps its connection open through freezes of any length; a batch may be read before one and after it.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.timeout = 0;
  // A connection that could not be accepted, for want of descriptors, is no reason to end: the platform tries again.
  server.on("error", () => undefined);
  // An internal extension must not keep the runtime's process alive; an external one lives by its call for the next event.
  server.unref();
  const taken = await bindPatiently(server, port);
  if (taken === undefined) return listenerOf(server, port, undefined);
  for (const other of [preferredPort(name, 1), preferredPort(name, 2), 0]) {
    if ((await bind(server, other)) === undefined)
      return listenerOf(server, (server.address() as AddressInfo).port, `port ${port} is taken (${taken})`);
  }
  throw new ExtensionError("listener-failed", `port ${port} is taken, and so is every other: ${taken}`);
}

const listenerOf = (server: http.Server, port: number, problem: string | undefined): Listener => ({
  server,
  port,
  uri: `http://sandbox.localdomain:${port}`,
  warning:
    problem === undefined
      ? undefined
      : `${problem}: telemetry comes to port ${port}; after a reset what is pending for the old port may be late`,
});

async function bindPatiently(server: http.Server, port: number): Promise<string | undefined> {
  let taken = await bind(server, port);
  for (const waitMs of retryWaitsMs) {
    if (taken === undefined) return undefined;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    taken = await bind(server, port);
  }
  return taken;
}

/**
 * Every address of the environment: `sandbox.localdomain`, where Lambda delivers to, is one of them, and to look the name
 * up takes longer than all the rest.
 */
const bind = (server: http.Server, port: number): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const over = (error?: NodeJS.ErrnoException): void => {
      server.off("error", over).off("listening", over);
      if (error === undefined) resolve(undefined);
      else if (error.code === "EADDRINUSE") resolve(reasonOf(error));
      else reject(new ExtensionError("listener-failed", reasonOf(error), { cause: error }));
    };
    server.once("error", over).once("listening", over).listen({ port, exclusive: true });
  });
