/**
 * One port for debuggers, however often environments come and go: it lists the inspectors of all processes that are
 * debugged, passes their WebSockets through, and holds an environment's clock while its process is stopped.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { failure } from "../../errors.ts";
import type { Holdable } from "../../host/held-clock.ts";
import type { Inspection } from "../../host/inspection.ts";
import { DebuggerEvents } from "./debugger-events.ts";
import { type InspectWish, wishesRuntimeOf } from "./inspect-wish.ts";

interface Target {
  readonly port: number;
  readonly title: string;
  readonly clock: Holdable;
  readonly sockets: Set<Socket>;
}

/** How long an inspector may take to say what it has: a process that is not up yet has none. */
const longestAnswerMs = 1000;

export class InspectorDoor {
  readonly #wish: InspectWish;
  readonly #isFunction: (name: string) => boolean;
  readonly #server: Server;
  readonly #targets = new Set<Target>();

  /** @throws LambdariumError `port-taken`, `listen-failed` */
  static async open(wish: InspectWish, isFunction: (name: string) => boolean): Promise<InspectorDoor> {
    const door = new InspectorDoor(wish, isFunction);
    await door.#listen();
    return door;
  }

  private constructor(wish: InspectWish, isFunction: (name: string) => boolean) {
    this.#wish = wish;
    this.#isFunction = isFunction;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => void this.#pass(request, socket, head));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What is different where processes may be debugged: those are not frozen (LIFE-102). */
  readonly hostOf = (functionName: string): { inspection?: Inspection; freeze?: false } =>
    this.#concerns(functionName) ? { inspection: this.inspectionOf(functionName), freeze: false } : {};

  /** Which function has an extension of that name is only known once its environment starts. */
  #concerns(functionName: string): boolean {
    return wishesRuntimeOf(this.#wish, functionName) || !this.#isFunction(this.#wish.name ?? "");
  }

  inspectionOf(functionName: string): Inspection {
    const { name } = this.#wish;
    return {
      open: async (clock) => {
        const runtime = wishesRuntimeOf(this.#wish, functionName) ? await this.#add(functionName, clock) : undefined;
        const extension =
          name === undefined || this.#isFunction(name)
            ? undefined
            : await this.#add(`${name} (extension of ${functionName})`, clock);
        return {
          portOf: (extensionName) =>
            (extensionName === undefined ? runtime : extensionName === name ? extension : undefined)?.port,
          close: () => [runtime, extension].forEach((target) => target !== undefined && this.#remove(target)),
        };
      },
    };
  }

  async #add(title: string, clock: Holdable): Promise<Target> {
    const target: Target = { port: await freePort(), title, clock, sockets: new Set() };
    this.#targets.add(target);
    return target;
  }

  async close(): Promise<void> {
    for (const target of this.#targets) this.#remove(target);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #remove(target: Target): void {
    this.#targets.delete(target);
    for (const socket of target.sockets) socket.destroy();
  }

  #listen(): Promise<void> {
    const { port } = this.#wish;
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EADDRINUSE") reject(failure("port-taken", { port }, error));
        else reject(failure("listen-failed", { port, why: error.message }, error));
      });
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.removeAllListeners("error").on("error", () => {});
        resolve();
      });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").replace(/\/$/, "");
    if (!isLocal(request)) return void response.writeHead(403).end();
    if (path === "/json/version")
      return sendJson(response, { Browser: `node.js/${process.version}`, "Protocol-Version": "1.1" });
    if (path !== "/json" && path !== "/json/list") return void response.writeHead(404).end();
    const lists = await Promise.all([...this.#targets].map((target) => listed(target, request.headers.host ?? "")));
    sendJson(response, lists.flat());
  }

  /** The WebSocket of the process whose list has its id. */
  async #pass(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on("error", () => client.destroy());
    const id = (request.url ?? "").slice(1);
    const lists = await Promise.all(
      [...this.#targets].map(async (target) => ({ target, entries: await listed(target, "") })),
    );
    const target = lists.find(({ entries }) => entries.some((entry) => entry["id"] === id))?.target;
    if (target === undefined || !isLocal(request)) return void client.end("HTTP/1.1 404 Not Found\r\n\r\n");
    join(target, request, client, head);
  }
}

/** Passes bytes both ways, and reads along what the process says. */
function join(target: Target, request: IncomingMessage, client: Duplex, head: Buffer): void {
  const socket = connect(target.port, "127.0.0.1");
  target.sockets.add(socket);
  const events = new DebuggerEvents();
  let stopped = false;
  const change = (now: boolean): void => {
    if (now === stopped) return;
    stopped = now;
    if (now) target.clock.hold();
    else target.clock.release();
  };
  let answered = false;
  socket.on("data", (bytes: Buffer) => {
    // The answer to the upgrade comes before the first frame, in one piece from Node.js.
    const end = answered ? 0 : bytes.indexOf("\r\n\r\n") + 4;
    answered = true;
    for (const event of events.accept(bytes.subarray(end))) change(event === "paused");
  });
  const over = (): void => {
    target.sockets.delete(socket);
    change(false);
    socket.destroy();
    client.destroy();
  };
  for (const side of [socket, client]) side.on("close", over).on("error", over);
  socket.write(upgradeText(request, target.port));
  socket.write(head);
  socket.pipe(client);
  client.pipe(socket);
}

/** As it came, but for the host: Node.js answers its own address only. */
function upgradeText(request: IncomingMessage, port: number): string {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? "";
    lines.push(`${name}: ${name.toLowerCase() === "host" ? `127.0.0.1:${port}` : request.rawHeaders[index + 1]}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

type Entry = Record<string, unknown>;

/** What the process's own inspector lists, with this door in place of its address. */
async function listed({ port, title }: Target, host: string): Promise<Entry[]> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(longestAnswerMs) });
    const text = (await answer.text()).replaceAll(`127.0.0.1:${port}`, host);
    return (JSON.parse(text) as Entry[]).map((entry) => ({ ...entry, title }));
  } catch {
    return [];
  }
}

/** Pages of the web reach this port under names of their own. */
const isLocal = ({ headers: { host } }: IncomingMessage): boolean =>
  /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? "");

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json; charset=UTF-8" }).end(JSON.stringify(value));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createTcpServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
