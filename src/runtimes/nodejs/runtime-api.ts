/** What the Node.js runtime program says to the Runtime API, over one kept-alive connection. */
import { Agent, request, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

const base = "/2018-06-01/runtime/";

export interface InvocationRequest {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  /** The event as it came, not yet parsed: parsing may fail, and then that is the invocation's error. */
  readonly eventText: string;
}

export interface RuntimeApi {
  next(whenInvoked: (invocation: InvocationRequest) => void): void;
  /** Completes Init in a snap-start environment; called back when the environment has been restored (RT-84). */
  restoreNext(whenRestored: () => void): void;
  respond(invocation: InvocationRequest, body: string, then: () => void): void;
  /** A response whose bytes the handler writes itself (RT-51). */
  openStream(invocation: InvocationRequest, highWaterMark: number | undefined): ClientRequest;
  postError(invocation: InvocationRequest, body: string, xrayCause: string, then: () => void): void;
  /** For errors that end the process: on a connection of its own, the usual one may be held by a stream. */
  postLastError(path: "init/error" | `invocation/${string}/error`, headers: Headers, body: string): Promise<void>;
}

export type Headers = Readonly<Record<string, string>>;

/** @param address `host:port`, as in `AWS_LAMBDA_RUNTIME_API`. */
export function connectRuntimeApi(address: string): RuntimeApi {
  const colon = address.lastIndexOf(":");
  // No time limits anywhere: a parked `next` may wait for hours and through freezes (RT-08).
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const target = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)), agent };

  const get = (path: string, answered: (answer: IncomingMessage, body: string) => void): void => {
    const sent = request({ ...target, path: base + path }, (answer) => {
      if (answer.statusCode !== 200) leave(`GET ${path} was answered ${answer.statusCode}`);
      readText(answer, (body) => answered(answer, body));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      // The other side closed the idle connection just as we used it again: nothing was handed out, ask again.
      if (sent.reusedSocket && error.code === "ECONNRESET") get(path, answered);
      else leave(`GET ${path} failed: ${error.message}`);
    });
    sent.end();
  };

  const post = (path: string, headers: Headers, body: string, then: () => void, again = true): void => {
    const sent = request({ ...target, method: "POST", path: base + path, headers: sized(headers, body) }, (answer) => {
      // 500 is the one answer after which a runtime must go (RT-50); a refused response (413, RT-44) ends nothing.
      if (answer.statusCode === 500) leave(`POST ${path} was answered 500`);
      readText(answer, then);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (again && sent.reusedSocket && error.code === "ECONNRESET") post(path, headers, body, then, false);
      else leave(`POST ${path} failed: ${error.message}`);
    });
    sent.end(body);
  };

  return {
    next: (whenInvoked) =>
      get("invocation/next", ({ headers }, eventText) =>
        whenInvoked({ id: headers["lambda-runtime-aws-request-id"] as string, headers, eventText }),
      ),
    restoreNext: (whenRestored) => get("restore/next", whenRestored),
    respond: (invocation, body, then) => post(pathOf(invocation, "response"), echo(invocation), body, then),
    openStream: (invocation, highWaterMark) =>
      request({
        ...target,
        ...(highWaterMark === undefined ? {} : { highWaterMark }),
        method: "POST",
        path: base + pathOf(invocation, "response"),
        headers: { ...echo(invocation), ...streamHeaders },
      }),
    postError: (invocation, body, xrayCause, then) => {
      const cause = xrayCause === "" ? {} : { "Lambda-Runtime-Function-XRay-Error-Cause": xrayCause };
      post(pathOf(invocation, "error"), { ...echo(invocation), ...cause }, body, then);
    },
    postLastError: (path, headers, body) =>
      new Promise((resolve) => {
        const sent = request(
          { ...target, agent: false, method: "POST", path: base + path, headers: sized(headers, body) },
          (answer) => readText(answer, () => resolve()),
        );
        sent.on("error", () => resolve());
        sent.end(body);
      }),
  };
}

const streamHeaders = {
  "Content-Type": "application/octet-stream",
  "Transfer-Encoding": "chunked",
  "Lambda-Runtime-Function-Response-Mode": "streaming",
  Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
};

const pathOf = (invocation: InvocationRequest, what: "response" | "error"): `invocation/${string}/${typeof what}` =>
  `invocation/${encodeURIComponent(invocation.id)}/${what}`;

/** Sending back the attempt's id keeps a late answer from reaching the wrong caller (RT-39). */
function echo({ headers }: InvocationRequest): Headers {
  const invocationId = headers["lambda-runtime-invocation-id"];
  return typeof invocationId === "string" ? { "Lambda-Runtime-Invocation-Id": invocationId } : {};
}

function sized(headers: Headers, body: string): Headers {
  return { "Content-Type": "application/json", ...headers, "Content-Length": String(Buffer.byteLength(body)) };
}

function readText(answer: IncomingMessage, whenRead: (text: string) => void): void {
  let text = "";
  answer.setEncoding("utf8");
  answer.on("data", (piece: string) => (text += piece));
  answer.on("end", () => whenRead(text));
}

/** Without the platform there is nothing left to do, and nobody to report it to but the log. */
function leave(why: string): never {
  process.stderr.write(`The Runtime API is lost: ${why}\n`);
  process.exit(1);
}
