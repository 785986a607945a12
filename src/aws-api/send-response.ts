/** From a value to node:http's response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsRequest, AwsResponse } from "./exchange.ts";
import { expectsContinue } from "./read-request.ts";

/** Sends `answer`; a client that is gone, or an answer that breaks off in the middle, ends the connection and nothing else. */
export async function sendResponse(
  message: IncomingMessage,
  response: ServerResponse,
  request: AwsRequest,
  answer: AwsResponse,
): Promise<void> {
  const { body } = answer;
  await discardRest(message);
  // SVC-08: a given id wins, since an invocation's is older than its answer.
  response.setHeader("x-amzn-RequestId", request.requestId);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  // A body that is still to come would be taken for the next request.
  if (!message.complete) response.setHeader("Connection", "close");
  response.statusCode = answer.status;
  try {
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) sendWhole(response, body ?? "");
    else await sendChunks(response, request, body, answer.trailers);
  } catch {
    response.destroy();
  }
}

/** How long a client may go on sending what nobody wants. */
const mostDiscardMs = 10_000;

/**
 * Many clients look for the answer only when they have sent everything, and a connection that is closed before is an error to
 * them, not an answer: 413 would never be seen.
 */
async function discardRest(message: IncomingMessage): Promise<void> {
  // Whoever was never told to go on sends nothing.
  const waits = expectsContinue(message) && !message.readableDidRead;
  if (message.complete || message.destroyed || waits) return;
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, mostDiscardMs);
    const done = (): void => {
      clearTimeout(limit);
      resolve();
    };
    message.once("end", done).once("close", done).once("error", done).resume();
  });
}

function sendWhole(response: ServerResponse, body: string | Uint8Array): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (response.statusCode !== 204 && response.statusCode !== 304)
    response.setHeader("Content-Length", bytes.byteLength);
  // In one piece with the head: two take node:http and the kernel longer.
  if (bytes.byteLength > mostJoinedBytes) response.end(bytes);
  else response.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"), "latin1");
}

const mostJoinedBytes = 16_384;

async function sendChunks(
  response: ServerResponse,
  request: AwsRequest,
  chunks: AsyncIterable<Uint8Array>,
  trailers: AwsResponse["trailers"],
): Promise<void> {
  // The head goes out before the first chunk: whoever streams wants to know at once that it began.
  response.flushHeaders();
  for await (const chunk of chunks) {
    if (request.signal.aborted) return;
    if (!response.write(chunk)) await drained(response);
  }
  if (trailers !== undefined) response.addTrailers(trailers());
  response.end();
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
