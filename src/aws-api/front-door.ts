/** The HTTP server in front of all APIs: one port on loopback, each request handed to the API it is meant for. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { failure } from "../errors.ts";
import type { AwsApi, AwsRequest, AwsResponse } from "./exchange.ts";
import { readRequest } from "./read-request.ts";
import { sendResponse } from "./send-response.ts";
import { strangeness } from "./strangers.ts";

export interface FrontDoorOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  /** Asked in this order; the first that claims a request answers it. */
  readonly apis: readonly AwsApi[];
  /** Answers what no API claims. */
  readonly unclaimed: (request: AwsRequest) => AwsResponse;
  /** True for requests that may come from web pages, such as those for function URLs, which have rules of their own. */
  readonly openToPages?: (request: AwsRequest) => boolean;
  /** Told what no API foresaw; the client is answered 500. */
  readonly faulted: (cause: unknown, request: AwsRequest) => void;
}

export interface FrontDoor {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, what clients take as their endpoint. */
  readonly endpoint: string;
  /** Takes no new connection, lets what runs end until `graceMs` are over, then cuts it. */
  readonly close: (graceMs: number) => Promise<void>;
}

/** @throws LambdariumError `port-taken` or `listen-failed`. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  // A request body of a slow client may take its time, an invocation up to 15 minutes.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000, noDelay: true }, (message, response) => {
    void serve(options, message, response);
  });
  // Without this node:http asks for every body at once.
  server.on("checkContinue", (message: IncomingMessage, response: ServerResponse) => {
    void serve(options, message, response);
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return { port, endpoint: `http://127.0.0.1:${port}`, close: (graceMs) => close(server, graceMs) };
}

async function serve(options: FrontDoorOptions, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = readRequest(message, response);
  const answer = await answerFor(options, request).catch((cause: unknown): AwsResponse => {
    options.faulted(cause, request);
    return serviceException;
  });
  await sendResponse(message, response, request, answer);
}

async function answerFor(options: FrontDoorOptions, request: AwsRequest): Promise<AwsResponse> {
  const strange = options.openToPages?.(request) === true ? undefined : strangeness(request);
  if (strange !== undefined)
    return { status: 403, headers: { "content-type": "text/plain" }, body: `Refused, since ${strange}.\n` };
  const api = options.apis.find((candidate) => candidate.claims(request));
  return api === undefined ? options.unclaimed(request) : api.answer(request);
}

/** What every AWS API answers when the fault is its own. */
const serviceException: AwsResponse = {
  status: 500,
  headers: { "content-type": "application/json", "x-amzn-errortype": "ServiceException" },
  body: '{"Type":"Server","__type":"ServiceException","Message":"The service failed; its log says why.","message":"The service failed; its log says why."}',
};

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(failure("port-taken", { port }, error));
      else reject(failure("listen-failed", { port, why: error.message }, error));
    });
    // Accepting may fail later (no descriptors left): the next connection is the next try.
    server.listen(port, "127.0.0.1", () => {
      server.removeAllListeners("error").on("error", () => {});
      resolve();
    });
  });
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  // Those that are busy now are kept alive by their clients once they are answered.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
