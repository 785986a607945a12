/** From node:http's request to a value. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { credentialScope } from "./credential-scope.ts";
import { type AwsRequest, BodyTooLarge, type CredentialScope } from "./exchange.ts";

export const readRequest = (message: IncomingMessage, response: ServerResponse): AwsRequest =>
  new ReceivedRequest(message, response);

/**
 * A class for its getters: an object literal with getters gets a hidden class of its own each time it is made, which keeps
 * the whole exchange in memory until the next full garbage collection.
 */
class ReceivedRequest implements AwsRequest {
  readonly requestId = randomUUID();
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly scope: CredentialScope | undefined;
  readonly sourceIp: string;
  readonly host: string;
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  #gone: AbortController | undefined;
  #body: Promise<Uint8Array> | undefined;

  constructor(message: IncomingMessage, response: ServerResponse) {
    const target = message.url ?? "/";
    const mark = target.indexOf("?");
    this.method = message.method ?? "GET";
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.rawQuery = mark < 0 ? "" : target.slice(mark + 1);
    this.query = new URLSearchParams(this.rawQuery);
    this.headers = plainHeaders(message);
    this.scope = credentialScope(this.headers["authorization"], this.query);
    this.sourceIp = message.socket.remoteAddress ?? "127.0.0.1";
    this.host = this.headers["host"] ?? "localhost";
    this.#message = message;
    this.#response = response;
  }

  get rawHeaders(): readonly (readonly [string, string])[] {
    return pairs(this.#message.rawHeaders);
  }

  /** Made for those who ask: most never do. */
  get signal(): AbortSignal {
    this.#gone ??= abortedWhenGone(this.#response);
    return this.#gone.signal;
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return (this.#body ??= readBody(this.#message, maxBytes, () => sendContinue(this.#message, this.#response)));
  }
}

function abortedWhenGone(response: ServerResponse): AbortController {
  const gone = new AbortController();
  const closed = (): void => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.closed) closed();
  else response.once("close", closed);
  return gone;
}

/** node:http joins repeated headers itself, but for the few that come as a list. */
function plainHeaders(message: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers))
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  return headers;
}

const pairs = (flat: readonly string[]): (readonly [string, string])[] =>
  Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? "", flat[2 * at + 1] ?? ""] as const);

/** True for a client that waits for the interim response before it sends its body. */
export const expectsContinue = ({ headers }: IncomingMessage): boolean =>
  headers.expect?.toLowerCase() === "100-continue";

/** SVC-19: only once somebody wants the body, so that one too large is refused before it is sent. */
function sendContinue(message: IncomingMessage, response: ServerResponse): void {
  if (expectsContinue(message)) response.writeContinue();
}

async function readBody(message: IncomingMessage, maxBytes: number, begin: () => void): Promise<Uint8Array> {
  const declared = Number(message.headers["content-length"] ?? 0);
  if (declared > maxBytes) throw new BodyTooLarge(maxBytes);
  begin();
  const chunks: Buffer[] = [];
  await eachChunk(message, maxBytes, (chunk) => chunks.push(chunk));
  const [only = Buffer.alloc(0)] = chunks;
  return chunks.length > 1 ? Buffer.concat(chunks) : only;
}

/** By events: an iterator costs several times as much, and every call has a body. */
function eachChunk(message: IncomingMessage, maxBytes: number, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) return take(chunk);
      // The answer to a body that is too long still has to get through: the connection stays.
      message.off("data", onData).pause();
      reject(new BodyTooLarge(maxBytes));
    };
    message.on("data", onData).once("end", resolve).once("error", reject);
    // After the end it changes nothing.
    message.once("close", () => reject(new Error("The request broke off before its body was there.")));
    if (message.destroyed && !message.readableEnded) reject(new Error("The request broke off."));
  });
}
