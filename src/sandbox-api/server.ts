import { createServer, STATUS_CODES, type Server } from "node:http";
import { internalServerError } from "../protocol/refusals.ts";
import { refusalAnswer, textAnswer } from "./answers.ts";
import type { BodyBudget } from "./body.ts";
import { refuseStranger } from "./callers.ts";
import { carryOut } from "./carry-out.ts";
import { Conversation, type Connection } from "./conversation.ts";
import type { EnvironmentPort } from "./port.ts";
import { planFor } from "./routes.ts";

/**
 * The server behind `AWS_LAMBDA_RUNTIME_API` of one environment: Runtime, Extensions, Telemetry and Logs API (RT-01).
 * It listens where the host tells it to; nothing that a client does throws or ends the process (LIFE-126).
 */
export function createSandboxApi(port: EnvironmentPort): Server {
  const server = createServer(settings);
  const connections = new WeakMap<object, Connection>();
  const budget: BodyBudget = { heldBytes: 0 };
  // A parked call may wait for hours, its process frozen (RT-08, EXT-06): no clock of node:http may end it.
  server.timeout = 0;
  server.on("request", (request, response) => {
    let connection = connections.get(request.socket);
    if (connection === undefined) {
      connection = { open: 0, cut: undefined };
      connections.set(request.socket, connection);
    }
    if (connection.open < maxPipelined) void serve(port, new Conversation(request, response, connection), budget);
    else request.socket.destroy();
  });
  server.on("clientError", (error, socket) => endGarbled(error, socket, connections.get(socket)));
  // Accepting can fail later (no file descriptors left); a failure to listen is still the host's to hear.
  server.on("listening", () => server.on("error", () => {}));
  return server;
}

const settings = {
  keepAliveTimeout: 0,
  requestTimeout: 0,
  headersTimeout: 0,
  noDelay: true,
  requireHostHeader: false,
  // Runtime clients send X-Ray causes of up to 1 MiB in a header (RT-74).
  maxHeaderSize: 1_114_112,
} as const;

/** No client of these APIs pipelines; each waiting request costs memory, so a flood on one connection ends here. */
const maxPipelined = 32;

async function serve(port: EnvironmentPort, conversation: Conversation, budget: BodyBudget): Promise<void> {
  try {
    const { head } = conversation;
    const stranger = refuseStranger(head);
    if (stranger !== undefined) {
      const errorMessage = stranger.body.toString().trimEnd();
      const refusal = { status: stranger.status, errorType: "Forbidden", errorMessage };
      port.refusedUnasked?.({ method: head.method, target: head.target, extensionName: undefined, refusal });
      return conversation.answer(stranger);
    }
    conversation.answer(await carryOut(planFor(head, port), { port, conversation, budget }));
  } catch (cause) {
    // The host hears what went wrong, the client that it was us (RT-50, EXT-08, TEL-45).
    port.faulted?.(cause);
    conversation.answer(refusalAnswer(internalServerError));
  }
}

/** Bytes that are no HTTP, or an end in the middle of it. */
function endGarbled(error: NodeJS.ErrnoException, socket: ClientSocket, connection: Connection | undefined): void {
  if (connection?.cut !== undefined && socket.writable) return connection.cut();
  // An answer on a connection with a waiting call would be taken for the answer to that call.
  if (!socket.writable || (connection?.open ?? 0) > 0) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = error.code === "HPE_HEADER_OVERFLOW" ? headersTooLarge : noHttp;
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, "Connection: close"];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  // Waiting for the client's own end would let it keep the connection half open for ever.
  socket.end(`${lines.join("\r\n")}\r\n\r\n${String(body)}`, () => socket.destroy());
}

interface ClientSocket {
  readonly writable: boolean;
  destroy(): unknown;
  end(text: string, written: () => void): unknown;
}

const noHttp = textAnswer(400, "This is no HTTP/1.1 request.\n");
const headersTooLarge = textAnswer(431, "The headers of this request are too large.\n");
