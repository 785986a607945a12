/** The `responseStream` of a streaming handler: a request's writable side, and nothing else of the request. */
import type { ClientRequest } from "node:http";
import { InvalidStreamingOperation } from "./error-report.ts";

const names = (text: string): readonly string[] => text.trim().split(/\s+/);

const methods = names(`
  write end cork uncork destroy
  on once off emit addListener removeListener removeAllListeners prependListener prependOnceListener
  listeners rawListeners listenerCount eventNames setMaxListeners getMaxListeners
`);

/** What `stream.pipeline` and `stream.finished` look at. */
const readableProperties = names(`
  writableEnded writableFinished writableNeedDrain writableLength
  writableHighWaterMark writableCorked writableObjectMode
`);
const changeableProperties = names("destroyed writable");

export interface ResponseStream extends Pick<
  ClientRequest,
  "write" | "end" | "on" | "once" | "destroy" | "writableEnded"
> {
  setContentType(type: string): void;
  /** Set by `HttpResponseStream.from`. */
  _onBeforeFirstWrite: ((write: (chunk: string | Uint8Array) => void) => void) | undefined;
}

/** Headers, sockets and the like stay hidden: code that used them here would fail on AWS. */
export function responseStream(request: ClientRequest): ResponseStream {
  const members = request as unknown as Record<string, unknown>;
  const stream: Record<string, unknown> = { _onBeforeFirstWrite: undefined };
  for (const name of methods) stream[name] = (members[name] as (...p: unknown[]) => unknown).bind(request);
  for (const name of readableProperties) Object.defineProperty(stream, name, { get: () => members[name] });
  for (const name of changeableProperties) {
    const set = (value: unknown): void => {
      members[name] = value;
    };
    Object.defineProperty(stream, name, { get: () => members[name], set });
  }

  const shown = stream as unknown as ResponseStream;
  return Object.assign(
    stream,
    firstWriteAware(request, () => shown._onBeforeFirstWrite),
  ) as unknown as ResponseStream;
}

type Parameters = [chunk?: unknown, ...rest: unknown[]];

function firstWriteAware(request: ClientRequest, prelude: () => ResponseStream["_onBeforeFirstWrite"]) {
  let begun = false;
  const write = request.write.bind(request) as (...parameters: Parameters) => boolean;
  const end = request.end.bind(request) as (...parameters: Parameters) => ClientRequest;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    prelude()?.((chunk) => write(chunk));
  };
  return {
    setContentType(type: string): void {
      if (begun) throw new InvalidStreamingOperation("Cannot set content-type, too late.");
      request.setHeader("Content-Type", type);
    },
    write(chunk: unknown, ...rest: unknown[]): boolean {
      begin();
      return write(asBytes(chunk), ...rest);
    },
    end(...parameters: Parameters): ClientRequest {
      const [chunk, ...rest] = parameters;
      if (chunk === undefined || chunk === null || typeof chunk === "function") return end(...parameters);
      begin();
      return end(asBytes(chunk), ...rest);
    },
  };
}

/** Anything else than text and bytes goes as JSON. */
function asBytes(chunk: unknown): unknown {
  return typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
}
