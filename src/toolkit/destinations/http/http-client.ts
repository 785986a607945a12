/** HTTP requests to a destination: connections are kept, but not trusted after a freeze. */
import type http from "node:http";
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { ExtensionError, reasonOf } from "../../extension-error.ts";
import { connectionProblem } from "./connection-problems.ts";

interface HttpRequest {
  readonly method?: "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
  /** Of an answer that is longer the beginning is kept; default 64 KiB. */
  readonly maxAnswerBytes?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingMessage["headers"];
  /** At most the first `maxAnswerBytes`. */
  readonly body: Buffer;
  readonly text: string;
}

export interface HttpClient {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Idle connections are closed; what is under way goes on. */
  renew(): void;
  close(): void;
}

/** Shorter than what servers and the gateways on the way keep: AWS's own close after 60 s and more. */
const idleMs = 15_000;

export function httpClient(): HttpClient {
  const agents = new Map<string, Agent>();
  const newest = async (protocol: string): Promise<{ module: typeof http; agent: Agent }> => {
    // Loaded when first used: TLS costs an extension that has no use for it nothing.
    const module = protocol === "https:" ? await import("node:https") : await import("node:http");
    const agent = agents.get(protocol) ?? new module.Agent({ keepAlive: true, maxFreeSockets: 2, timeout: idleMs });
    agents.set(protocol, agent);
    return { module: module as typeof http, agent };
  };
  const renew = (): void => {
    for (const agent of agents.values())
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    agents.clear();
  };
  return {
    async send(request) {
      const { module, agent } = await newest(request.url.protocol);
      try {
        return await attempt(module.request, agent, request);
      } catch (error) {
        // The other side closed the connection while nobody looked: it has not seen the request.
        if (!(error instanceof LostConnection) || request.signal.aborted) throw error;
        renew();
        const fresh = await newest(request.url.protocol);
        return attempt(fresh.module.request, fresh.agent, request);
      }
    },
    renew,
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

/** A connection that had served before ended without a byte of an answer. */
class LostConnection extends Error {}

type Ask = (url: URL, options: RequestOptions) => ClientRequest;

const attempt = (ask: Ask, agent: Agent, sending: HttpRequest) =>
  new Promise<HttpAnswer>((resolve, reject) => {
    const { method = "POST", url, headers, body, signal, maxAnswerBytes = 65_536 } = sending;
    const sent = { ...headers, "Content-Length": String(body.length) };
    const request = ask(url, { method, headers: sent, agent, signal });
    request.on("response", (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      response.on("data", (piece: Buffer) => {
        if (bytes < maxAnswerBytes) pieces.push(piece);
        bytes += piece.length;
      });
      response.on("error", reject);
      response.on("end", () => {
        const answer = Buffer.concat(pieces).subarray(0, maxAnswerBytes);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: answer, text: answer.toString("utf8") });
      });
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const lost = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(lost ? new LostConnection(error.message) : failed(url, error));
    });
    request.end(body);
  });

const failed = (url: URL, error: NodeJS.ErrnoException): ExtensionError =>
  new ExtensionError("destination-failed", `${url.host}: ${connectionProblem(error.code) ?? reasonOf(error)}`, {
    cause: error,
  });
