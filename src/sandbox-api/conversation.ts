import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, RequestHead } from "./exchange.ts";
import type { Caller } from "./port.ts";
import { runtimeHeaders } from "../protocol/runtime-api.ts";

/** How a request body ended: with its announced length or last chunk, or before (RT-49). */
export type BodyEnd = "complete" | "truncated";

/** What conversations on one connection share. */
export interface Connection {
  /** Requests read and not yet answered to the end; more than one only when a client pipelines. */
  open: number;
  /** Tells the conversation that is reading a body that no more of it will come. */
  cut: (() => void) | undefined;
}

const ignore = (): void => {};

const mostJoinedBytes = 16_384;

const trailerErrorType = runtimeHeaders.functionErrorType.toLowerCase();
const trailerErrorBody = runtimeHeaders.functionErrorBody.toLowerCase();

/** One request and its answer, on a connection that may be lost at any instant. */
export class Conversation implements Caller {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  #written = false;
  #lost = false;
  #whenLost: (() => void)[] | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, connection: Connection) {
    this.#request = request;
    this.#response = response;
    this.#connection = connection;
    connection.open += 1;
    response.on("error", ignore);
    // node:http says "finish" also when a reset threw away what was still to be written; then the socket is gone.
    response.on("finish", () => (this.#written = !request.socket.destroyed));
    // A response that waits behind another one on its connection hears nothing of the connection's end; its request does.
    request.on("error", () => this.#abandon());
    response.on("close", () => {
      connection.open -= 1;
      this.#abandon();
    });
  }

  get head(): RequestHead {
    const { method = "", url = "", httpVersion, headers } = this.#request;
    return { method, target: url, httpVersion, headers };
  }

  /** RT-31, EXT-65 */
  whenLost(callBack: () => void): void {
    if (this.#lost) callBack();
    else (this.#whenLost ??= []).push(callBack);
  }

  /**
   * Hands over the body as it comes. A promise from `take` holds the sender back until it is fulfilled. A body that
   * breaks off while the sender still listens (half-closed, or a garbled chunk) ends `truncated` like a lost one.
   */
  read(take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<BodyEnd> {
    const request = this.#request;
    if (request.destroyed) return Promise.resolve("truncated");
    const ended = new Promise<BodyEnd>((resolve) => {
      request.on("data", (chunk: Uint8Array) => {
        const held = take(chunk);
        if (held === undefined) return;
        request.pause();
        const goOn = (): unknown => request.resume();
        held.then(goOn, goOn);
      });
      request.on("end", () => resolve("complete"));
      request.on("close", () => resolve("truncated"));
      this.#connection.cut = () => {
        this.#response.shouldKeepAlive = false;
        resolve("truncated");
      };
    });
    return ended.finally(() => (this.#connection.cut = undefined));
  }

  /** The trailers of RT-60 that the request announced; after the body was read. */
  get trailers(): { readonly errorType: string | undefined; readonly errorBody: string | undefined } | undefined {
    const announced = this.#request.headers.trailer
      ?.toLowerCase()
      .split(",")
      .map((name) => name.trim());
    if (announced === undefined) return undefined;
    const sent = this.#request.trailers;
    const errorType = announced.includes(trailerErrorType) ? sent[trailerErrorType] : undefined;
    const errorBody = announced.includes(trailerErrorBody) ? sent[trailerErrorBody] : undefined;
    return errorType === undefined && errorBody === undefined ? undefined : { errorType, errorBody };
  }

  /**
   * Writes the answer. On a connection that closes with it, what is left of the body is read first: closing with unread
   * bytes resets the connection, and the client would never see why it was refused (RT-45).
   */
  answer(answer: Answer): void {
    const mustDrain = !this.#response.shouldKeepAlive && !this.#request.complete && !this.#request.readableFlowing;
    if (!mustDrain) return this.#write(answer);
    this.read(() => undefined)
      .then(() => this.#write(answer))
      .catch(ignore);
  }

  #abandon(): void {
    if (this.#written || this.#lost) return;
    this.#lost = true;
    this.#whenLost?.forEach((callBack) => callBack());
  }

  #write({ status, headers, body }: Answer): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    // node:http writes head and body in one go when nothing was set on the response before.
    response.writeHead(status, headers as string[]);
    // In one piece with the head: two take node:http and the kernel longer.
    if (typeof body === "string" || body.byteLength > mostJoinedBytes) response.end(body);
    else response.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1"), "latin1");
  }
}
