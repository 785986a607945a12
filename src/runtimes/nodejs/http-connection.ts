/**
 * HTTP/1.1 over one kept-alive socket, one exchange at a time. `node:http` would do, but costs more in every invocation
 * than all the rest of this program, and has to be loaded in every cold start.
 */
import { connect, type Socket } from "node:net";
import { answerReader, type HttpAnswer } from "./http-answer.ts";

export interface HttpConnection {
  /** Calls one of the two, once. The answer may take hours: there are no time limits (RT-08). */
  exchange(request: HttpRequest, answered: (answer: HttpAnswer) => void, failed: (why: Error) => void): void;
}

interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Exchange {
  readonly request: HttpRequest;
  readonly answered: (answer: HttpAnswer) => void;
  readonly failed: (why: Error) => void;
  /** A connection that was idle before may have been closed by the other side just as we used it. */
  mayRepeat: boolean;
}

/** Connects with the first exchange, and again whenever the connection was lost in between. */
export function httpConnection(host: string, port: number): HttpConnection {
  let socket: Socket | undefined;
  let open: Exchange | undefined;

  const lose = (lost: Socket, why: Error): void => {
    if (lost !== socket) return;
    socket = undefined;
    const interrupted = open;
    open = undefined;
    if (interrupted === undefined) return;
    if (interrupted.mayRepeat) start({ ...interrupted, mayRepeat: false });
    else interrupted.failed(why);
  };

  const establish = (): Socket => {
    const fresh = connect({ host, port, noDelay: true });
    const read = answerReader((answer) => {
      const finished = open;
      open = undefined;
      if (answer.headers["connection"] === "close") {
        socket = undefined;
        fresh.destroy();
      } else {
        // Between exchanges the connection must not keep the event loop from running empty (ENV-112 to ENV-114).
        fresh.unref();
      }
      finished?.answered(answer);
    });
    fresh.on("data", (bytes) => {
      if (open !== undefined) open.mayRepeat = false;
      read(bytes);
    });
    fresh.on("error", (error) => lose(fresh, error));
    fresh.on("close", () => lose(fresh, new Error("the connection was closed")));
    return fresh;
  };

  const start = (exchange: Exchange): void => {
    open = exchange;
    socket ??= establish();
    socket.ref();
    socket.write(textOf(exchange.request, `${host}:${port}`));
  };

  return {
    exchange: (request, answered, failed) => start({ request, answered, failed, mayRepeat: socket !== undefined }),
  };
}

/** Head and body together, so that they leave in one packet. */
function textOf({ method, path, headers, body }: HttpRequest, host: string): string {
  let text = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  if (method === "POST") text += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${text}\r\n${body}`;
}
