/** What the Node.js runtime program says to the Runtime API. */
import type { HttpAnswer } from "./http-answer.ts";
import { httpConnection } from "./http-connection.ts";

export const runtimeBasePath = "/2018-06-01/runtime/";

export interface InvocationRequest {
  readonly id: string;
  readonly headers: Headers;
  /** The event as it came, not yet parsed: parsing may fail, and then that is the invocation's error. */
  readonly eventText: string;
}

export type Headers = Readonly<Record<string, string>>;

export interface RuntimeApi {
  readonly host: string;
  readonly port: number;
  next(whenInvoked: (invocation: InvocationRequest) => void): void;
  /** Completes Init in a snap-start environment; called back when the environment has been restored (RT-84). */
  restoreNext(whenRestored: () => void): void;
  respond(invocation: InvocationRequest, body: string, then: () => void): void;
  postError(invocation: InvocationRequest, body: string, xrayCause: string, then: () => void): void;
  /** For errors that end the process: on a connection of its own, the usual one may be in use. */
  postLastError(path: "init/error" | `invocation/${string}/error`, headers: Headers, body: string): Promise<void>;
}

const json = { "Content-Type": "application/json" };

/** @param address `host:port`, as in `AWS_LAMBDA_RUNTIME_API`. */
export function connectRuntimeApi(address: string): RuntimeApi {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon);
  const port = Number(address.slice(colon + 1));
  const connection = httpConnection(host, port);

  const call = (
    method: "GET" | "POST",
    path: string,
    headers: Headers,
    body: string,
    then: (answer: HttpAnswer) => void,
  ): void => {
    const answered = (answer: HttpAnswer): void => {
      // Without an event there is nothing to do, and 500 is the answer after which a runtime must go (RT-50). A
      // refused response (413, RT-44) ends nothing.
      if (answer.status === 500 || (method === "GET" && answer.status !== 200)) {
        leave(`${method} ${path} was answered ${answer.status}`);
      }
      then(answer);
    };
    const request = { method, path: runtimeBasePath + path, headers, body };
    connection.exchange(request, answered, (why) => leave(`${method} ${path} failed: ${why.message}`));
  };

  return {
    host,
    port,
    next: (whenInvoked) =>
      call("GET", "invocation/next", {}, "", ({ headers, body }) =>
        whenInvoked({ id: headers["lambda-runtime-aws-request-id"] ?? "", headers, eventText: body }),
      ),
    restoreNext: (whenRestored) => call("GET", "restore/next", {}, "", whenRestored),
    respond: (invocation, body, then) =>
      call("POST", pathOf(invocation, "response"), { ...json, ...echo(invocation) }, body, then),
    postError: (invocation, body, xrayCause, then) => {
      const cause = xrayCause === "" ? {} : { "Lambda-Runtime-Function-XRay-Error-Cause": xrayCause };
      call("POST", pathOf(invocation, "error"), { ...json, ...echo(invocation), ...cause }, body, then);
    },
    postLastError: (path, headers, body) =>
      new Promise((resolve) => {
        const request = {
          method: "POST" as const,
          path: runtimeBasePath + path,
          headers: { ...json, ...headers },
          body,
        };
        const done = (): void => resolve();
        httpConnection(host, port).exchange(request, done, done);
      }),
  };
}

export function pathOf(invocation: InvocationRequest, what: "response" | "error"): string {
  return `invocation/${encodeURIComponent(invocation.id)}/${what}`;
}

/** Sending back the attempt's id keeps a late answer from reaching the wrong caller (RT-39). */
export function echo({ headers }: InvocationRequest): Headers {
  const invocationId = headers["lambda-runtime-invocation-id"];
  return invocationId === undefined ? {} : { "Lambda-Runtime-Invocation-Id": invocationId };
}

/** Without the platform there is nothing left to do, and nobody to report it to but the log. */
function leave(why: string): never {
  process.stderr.write(`The Runtime API is lost: ${why}\n`);
  process.exit(1);
}

/** Answers one invocation; calls `done` when the platform has taken the answer. */
export type Answer = (invocation: InvocationRequest, done: () => void) => void;
