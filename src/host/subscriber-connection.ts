/** The way to one subscriber's listener: HTTP requests or lines over TCP (DLV-01 to DLV-19). */
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { OutgoingBatch } from "../telemetry/delivery-effects.ts";
import type { Destination } from "../telemetry/subscription.ts";

export type SendResult =
  | { readonly kind: "acknowledged"; readonly status?: number }
  /** `why` is for the developer: what happened at which address. */
  | { readonly kind: "failed"; readonly why: string; readonly status?: number };

export interface SubscriberConnection {
  /** Numeric address and port. */
  readonly address: string;
  /** One batch at a time (DLV-30). `done` is called once, and never after `abort` or `close`. */
  send(batch: OutgoingBatch, done: (result: SendResult) => void): void;
  /** Gives the attempt up; the next one uses a new connection. */
  abort(): void;
  close(): void;
}

export const connectSubscriber = (sandbox: Sandbox, destination: Destination): SubscriberConnection =>
  destination.protocol === "HTTP" ? new HttpSubscriber(sandbox, destination) : new TcpSubscriber(sandbox, destination);

type HttpDestination = Extract<Destination, { protocol: "HTTP" }>;

class HttpSubscriber implements SubscriberConnection {
  readonly #agent: Agent;
  readonly #destination: HttpDestination;
  /** DLV-05: not the name in the URI. */
  readonly address: string;
  #request: ClientRequest | undefined;
  #reached = false;

  constructor(sandbox: Sandbox, destination: HttpDestination) {
    this.#destination = destination;
    this.address = `${sandbox.address}:${destination.port}`;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#agent.createConnection = () => sandbox.connect(destination.port);
  }

  send(batch: OutgoingBatch, done: (result: SendResult) => void): void {
    const { method, target } = this.#destination;
    const sent = request({
      agent: this.#agent,
      method,
      path: target,
      setHost: false,
      headers: [
        "content-type",
        "application/json",
        "sequence-id",
        batch.sequenceId,
        "host",
        this.address,
        "connection",
        "keep-alive",
        "user-agent",
        "awslambda-worker/1.0",
        "content-length",
        String(batch.bodyBytes),
      ],
    });
    this.#request = sent;
    const finish = (result: SendResult): void => {
      if (this.#request !== sent) return;
      this.#request = undefined;
      done(result);
    };
    let answered = false;
    sent.on("response", (response) => {
      answered = true;
      this.#reached = true;
      readAnswer(response, this.address, finish);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#request !== sent) return;
      // DLV-07: the listener had closed the kept connection; it never saw this request.
      if (sent.reusedSocket && !answered && isLostConnection(error)) {
        this.send(batch, done);
        return;
      }
      finish({ kind: "failed", why: explain(error, this.address, this.#reached) });
    });
    sent.end(batch.body);
  }

  abort(): void {
    const given = this.#request;
    this.#request = undefined;
    given?.destroy();
  }

  close(): void {
    this.abort();
    this.#agent.destroy();
  }
}

/** DLV-28: a complete answer below 400; its body and headers do not matter. */
function readAnswer(response: IncomingMessage, address: string, finish: (result: SendResult) => void): void {
  const status = response.statusCode ?? 0;
  response.resume();
  response.on("end", () =>
    finish(
      status < 400
        ? { kind: "acknowledged", status }
        : { kind: "failed", why: `the listener at ${address} answered with status ${status}`, status },
    ),
  );
  response.on("error", () =>
    finish({ kind: "failed", why: `the listener at ${address} closed the connection in the middle of its answer` }),
  );
}

class TcpSubscriber implements SubscriberConnection {
  readonly #sandbox: Sandbox;
  readonly #port: number;
  readonly address: string;
  #socket: Socket | undefined;
  #done: ((result: SendResult) => void) | undefined;
  #reached = false;

  constructor(sandbox: Sandbox, destination: Extract<Destination, { protocol: "TCP" }>) {
    this.#sandbox = sandbox;
    this.#port = destination.port;
    this.address = `${sandbox.address}:${destination.port}`;
  }

  /** DLV-16: acknowledged once the socket accepted all bytes. */
  send(batch: OutgoingBatch, done: (result: SendResult) => void): void {
    this.#done = done;
    const socket = this.#socket ?? this.#open();
    socket.write(batch.body, (error) => {
      if (error === null || error === undefined) this.#finish(socket, { kind: "acknowledged" });
    });
  }

  abort(): void {
    this.#done = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  close(): void {
    this.abort();
  }

  #open(): Socket {
    const socket = this.#sandbox.connect(this.#port);
    this.#socket = socket;
    socket.on("connect", () => (this.#reached = true));
    // Nothing a listener sends is an answer (DLV-16), but it must not fill the socket either.
    socket.resume();
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#finish(socket, { kind: "failed", why: explain(error, this.address, this.#reached) });
    });
    socket.on("close", () => {
      this.#finish(socket, { kind: "failed", why: `the listener at ${this.address} closed the connection` });
      if (this.#socket === socket) this.#socket = undefined;
    });
    return socket;
  }

  #finish(socket: Socket, result: SendResult): void {
    if (this.#socket !== socket) return;
    const done = this.#done;
    this.#done = undefined;
    if (result.kind === "failed") {
      this.#socket = undefined;
      socket.destroy();
    }
    done?.(result);
  }
}

const neverUp = "is the listener up before the subscription?";

const isLostConnection = ({ code }: NodeJS.ErrnoException): boolean => code === "ECONNRESET" || code === "EPIPE";

function explain(error: NodeJS.ErrnoException, address: string, reached: boolean): string {
  if (error.code === "ECONNREFUSED")
    return `connection refused at ${address}: ${reached ? "nobody listens there any more" : neverUp}`;
  if (isLostConnection(error)) return `the listener at ${address} closed the connection without an answer`;
  return `${error.message} (${address})`;
}
