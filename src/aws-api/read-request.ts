/** From node:http's request to a value. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { credentialScope } from "./credential-scope.ts";
import { type AwsRequest, BodyTooLarge } from "./exchange.ts";

export function readRequest(message: IncomingMessage, response: ServerResponse): AwsRequest {
  const target = message.url ?? "/";
  const mark = target.indexOf("?");
  const rawQuery = mark < 0 ? "" : target.slice(mark + 1);
  const query = new URLSearchParams(rawQuery);
  const headers = plainHeaders(message);
  let signal: AbortSignal | undefined;
  let body: Promise<Uint8Array> | undefined;
  return {
    requestId: randomUUID(),
    method: message.method ?? "GET",
    path: mark < 0 ? target : target.slice(0, mark),
    query,
    rawQuery,
    headers,
    get rawHeaders() {
      return pairs(message.rawHeaders);
    },
    scope: credentialScope(headers["authorization"], query),
    sourceIp: message.socket.remoteAddress ?? "127.0.0.1",
    host: headers["host"] ?? "localhost",
    get signal() {
      return (signal ??= goneSignal(response));
    },
    body: (maxBytes) => (body ??= readBody(message, maxBytes, () => sendContinue(message, response))),
  };
}

/** Made for those who ask: few do, and it takes its time. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => {
    if (!response.writableFinished) gone.abort();
  };
  if (response.closed) abort();
  else response.once("close", abort);
  return gone.signal;
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
