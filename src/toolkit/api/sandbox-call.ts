/**
 * One HTTP call to the sandbox API. `node:http`, not `fetch`: that one gives up after 300 s without headers, and a call
 * for the next event waits as long as the environment is idle, hours included.
 */
import http from "node:http";
import { ExtensionError, reasonOf } from "../extension-error.ts";

export interface SandboxAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

interface SandboxRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Called when the request is on its way, before there is an answer; once more for each attempt. */
  readonly sent?: () => void;
}

export type SandboxCall = (request: SandboxRequest) => Promise<SandboxAnswer>;

/**
 * Calls to `host:port`, over connections that stay open and never time out.
 * @throws ExtensionError `no-runtime-api`
 */
export function sandboxCalls(runtimeApi: string | undefined): SandboxCall {
  const [, host, port] = /^(.+):(\d+)$/.exec(runtimeApi ?? "") ?? [];
  if (host === undefined || port === undefined)
    throw new ExtensionError(
      "no-runtime-api",
      "AWS_LAMBDA_RUNTIME_API is not set: an extension is started by Lambda, or by `lambdarium invoke FUNCTION --extension FILE`",
    );
  const agent = new http.Agent({ keepAlive: true });
  return (request) => patiently(() => once({ host, port, agent }, request));
}

type Connection = { readonly host: string; readonly port: string; readonly agent: http.Agent };

const once = (to: Connection, { method, path, headers, body, sent: onSent }: SandboxRequest): Promise<SandboxAnswer> =>
  new Promise((resolve, reject) => {
    const sent = { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const request = http.request({ ...to, method, path, headers: sent }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString("utf8"),
        }),
      );
    });
    request.on("error", reject);
    if (onSent !== undefined) request.once("finish", onSent);
    request.end(body);
  });

const waitsMs = [10, 50, 200, 800];

/** A connection that was lost before the answer is no reason to end: the same call again gets the same event (EXT-65). */
async function patiently(call: () => Promise<SandboxAnswer>): Promise<SandboxAnswer> {
  for (const waitMs of waitsMs) {
    try {
      return await call();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return call().catch((error: unknown) => {
    throw new ExtensionError("platform-unreachable", `the sandbox API does not answer: ${reasonOf(error)}`, {
      cause: error,
    });
  });
}
