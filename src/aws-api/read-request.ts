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
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
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
    signal: gone.signal,
    body: (maxBytes) => (body ??= readBody(message, maxBytes, () => sendContinue(message, response))),
  };
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
  let bytes = 0;
  // The answer to a body that is too long still has to get through: the connection stays.
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new BodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  const [only = Buffer.alloc(0)] = chunks;
  return chunks.length > 1 ? Buffer.concat(chunks, bytes) : only;
}
