/** From a value to node:http's response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsRequest, AwsResponse } from "./exchange.ts";

/** Sends `answer`; a client that is gone, or an answer that breaks off in the middle, ends the connection and nothing else. */
export async function sendResponse(
  message: IncomingMessage,
  response: ServerResponse,
  request: AwsRequest,
  answer: AwsResponse,
): Promise<void> {
  const { body } = answer;
  // SVC-08: a given id wins, since an invocation's is older than its answer.
  response.setHeader("x-amzn-RequestId", request.requestId);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  // A body that nobody read would be taken for the next request.
  if (!message.complete) response.setHeader("Connection", "close");
  response.statusCode = answer.status;
  try {
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) sendWhole(response, body ?? "");
    else await sendChunks(response, request, body, answer.trailers);
  } catch {
    response.destroy();
  }
}

function sendWhole(response: ServerResponse, body: string | Uint8Array): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (response.statusCode !== 204 && response.statusCode !== 304)
    response.setHeader("Content-Length", bytes.byteLength);
  response.end(bytes);
}

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
