/** Passes one exchange on: request and response flow while they come, with their headers and trailers as they were. */
import http from "node:http";
import { pipeline, type Readable, type Transform, type Writable } from "node:stream";

export interface Exchange {
  /** `host:port` */
  readonly upstream: string;
  readonly agent: http.Agent;
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  /** What the request's body passes through; undefined lets it pass as it is. */
  readonly toPlatform: (request: http.IncomingMessage) => Transform | undefined;
  readonly toRuntime: (answer: http.IncomingMessage) => Transform | undefined;
}

export function forward({ upstream, agent, request, response, toPlatform, toRuntime }: Exchange): void {
  const [host, port] = upstream.split(":");
  const through = toPlatform(request);
  const onward = http.request({
    host,
    port,
    agent,
    method: request.method,
    path: request.url,
    headers: headersOf(request, through !== undefined),
  });
  onward.on("response", (answer) => {
    const back = toRuntime(answer);
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headersOf(answer, back !== undefined));
    flow(answer, back, response, () => response.destroy());
  });
  // A runtime knows what to do about a lost connection; of an answer that the platform never gave it would believe us.
  onward.on("error", () => response.destroy());
  // A runtime that went away, as at a time-out, waits for nothing any more.
  response.on("close", () => {
    if (!response.writableFinished) onward.destroy();
  });
  flow(request, through, onward, () => onward.destroy());
}

type Headers = string[];

/** Every header in its own spelling and order, but those that speak of this one connection, and a length that may change. */
function headersOf({ rawHeaders }: http.IncomingMessage, changed: boolean): Headers {
  const headers: Headers = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    const lower = name.toLowerCase();
    if (lower === "connection" || lower === "keep-alive" || (changed && lower === "content-length")) continue;
    headers.push(name, rawHeaders[at + 1]!);
  }
  if (changed && !headers.some((name) => name.toLowerCase() === "transfer-encoding"))
    headers.push("Transfer-Encoding", "chunked");
  return headers;
}

/** Trailers carry the error of a stream that failed on its way (RT-59 and following): they come when the body has ended. */
function flow(
  from: http.IncomingMessage,
  through: Transform | undefined,
  to: http.ClientRequest | http.ServerResponse,
  broken: () => void,
): void {
  const body: Readable = through === undefined ? from : pipeline(from, through, ignore);
  // By hand, not by `pipeline`: it would end `to` before the trailers are known, and a stream has to pass at once.
  body.on("data", (piece: Buffer) => {
    if (to.write(piece)) return;
    body.pause();
    to.once("drain", () => body.resume());
  });
  body.on("end", () => {
    if (from.rawTrailers.length > 0) to.addTrailers(pairsOf(from.rawTrailers));
    to.end();
  });
  body.on("error", broken);
  from.on("aborted", broken);
  if (from.headers["transfer-encoding"] !== undefined) flushHeaders(to);
}

const ignore = (): void => undefined;

/** The head of a streamed body goes at once: its first piece may be long in coming. */
const flushHeaders = (to: Writable & { flushHeaders: () => void }): void => to.flushHeaders();

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!, raw[at + 1]!]);
  return pairs;
}
