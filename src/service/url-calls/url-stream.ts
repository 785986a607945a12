/** A streamed answer of a function URL: status and headers first, then the bytes as they come (SVC-244, SVC-245). */
import { isFunctionError, type RunningCall } from "../invoke/answers.ts";
import { describedAnswer, integrationContentType, internalServerError, splitPrelude } from "./url-answer.ts";

export interface UrlStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Fulfilled as soon as it is known how the answer begins. */
export async function streamedAnswer({ inFlight }: RunningCall): Promise<UrlStream> {
  const { stream } = inFlight;
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  // Nothing came of it, or all at once: the runtime did not stream.
  if (!stream.began) return wholeAnswer(isFunctionError(await inFlight.answered), received(first));
  if (stream.contentType !== integrationContentType) {
    const headers = { "content-type": stream.contentType ?? "application/octet-stream" };
    return { status: 200, headers, cookies: [], body: rest(received(first), chunks) };
  }
  let head = received(first);
  for (;;) {
    const prelude = splitPrelude(head);
    if (prelude !== undefined) {
      const answer = describedAnswer(prelude.description, prelude.rest);
      return answer === undefined ? internalServerError : { ...answer, body: rest(prelude.rest, chunks) };
    }
    const next = await chunks.next();
    if (next.done === true) return internalServerError;
    head = Buffer.concat([head, next.value]);
  }
}

/** The body is the whole result, whatever it describes; what it describes holds but for that. */
function wholeAnswer(failed: boolean, result: Buffer): UrlStream {
  if (failed) return internalServerError;
  return describedAnswer(descriptionIn(result), result) ?? internalServerError;
}

function descriptionIn(result: Buffer): object {
  try {
    const value: unknown = JSON.parse(result.toString("utf8"));
    return typeof value === "object" && value !== null && "statusCode" in value ? value : {};
  } catch {
    return {};
  }
}

const received = (result: IteratorResult<Buffer>): Buffer => (result.done === true ? Buffer.alloc(0) : result.value);

async function* rest(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    // A caller that goes away is not waited for (SVC-167).
    await chunks.return?.();
  }
}
