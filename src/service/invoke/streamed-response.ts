/** InvokeWithResponseStream: frames with the runtime's bytes while they come, and one at the end (SVC-153 to SVC-167). */
import type { AwsResponse } from "../../aws-api/exchange.ts";
import { eventFrame } from "../../aws-api/event-stream.ts";
import { maxStreamedResponseBytes } from "../../protocol/runtime-api.ts";
import { errorResponse } from "../error-response.ts";
import { type CallAnswer, callHeaders, failureOf, type RunningCall } from "./answers.ts";

export interface StreamOptions {
  /** SVC-157 */
  readonly tail: boolean;
  /** SVC-164 */
  readonly errorFields: boolean;
}

/** The head is sent as soon as there is something to send, so that failures of the service are plain errors (SVC-162). */
export async function streamedResponse(call: RunningCall, options: StreamOptions): Promise<AwsResponse> {
  const { inFlight } = call;
  await firstByteOrEnd(call);
  const { contentType } = inFlight.stream;
  const early = inFlight.stream.readableLength === 0 ? await inFlight.answered : undefined;
  if (early?.kind === "service error") return errorResponse(failureOf(early));
  return {
    status: 200,
    headers: {
      "Content-Type": "application/vnd.amazon.eventstream",
      ...callHeaders(call),
      "x-amzn-remapped-content-type": contentType ?? "application/octet-stream",
    },
    body: frames(call, options),
  };
}

async function* frames(call: RunningCall, options: StreamOptions): AsyncGenerator<Uint8Array> {
  for await (const chunk of limited(call.inFlight.stream))
    yield eventFrame("PayloadChunk", "application/octet-stream", chunk);
  yield eventFrame("InvokeComplete", "application/json", Buffer.from(JSON.stringify(await completion(call, options))));
}

/** SVC-166 */
async function* limited(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = maxStreamedResponseBytes + 1;
  for await (const chunk of chunks) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
  }
}

/** SVC-157, SVC-163, SVC-164 */
async function completion({ inFlight }: RunningCall, { tail, errorFields }: StreamOptions): Promise<object> {
  const details = errorFields ? errorDetails(await inFlight.answered) : undefined;
  return {
    ...(details === undefined ? {} : { ErrorCode: "Unhandled", ErrorDetails: details }),
    ...(tail ? { LogResult: (await inFlight.concluded).logTail } : {}),
  };
}

/** The error JSON as text, whether it came before, in the midst of or in place of the stream. */
function errorDetails(answer: CallAnswer): string | undefined {
  switch (answer.kind) {
    case "posted error":
      return Buffer.from(answer.body).toString("utf8");
    case "platform error":
      return JSON.stringify(answer.payload);
    case "streamed response":
      return answer.failure;
    case "service error":
    case "response":
      return undefined;
    default:
      return answer satisfies never;
  }
}

const firstByteOrEnd = ({ inFlight: { stream } }: RunningCall): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off("readable", done).off("end", done).off("close", done);
      resolve();
    };
    stream.on("readable", done).on("end", done).on("close", done);
  });
