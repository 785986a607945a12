// As much of the sandbox API as an extension needs, with the time at which each call came.
import { once } from "node:events";
import { createServer } from "node:http";

export async function openSandboxApi() {
  const waiting = [];
  const told = { register: undefined, subscription: undefined };
  const resolvers = {};
  const calls = Object.fromEntries(
    ["register", "subscribe", "next"].map((name) => [name, new Promise((resolve) => (resolvers[name] = resolve))]),
  );
  const server = createServer((request, response) => {
    const at = performance.now();
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      if (request.url.endsWith("/register")) {
        resolvers.register(at);
        response.setHeader("Lambda-Extension-Identifier", "4f6b9c1e-0000-4000-8000-000000000000");
        response.end('{"functionName":"f","functionVersion":"$LATEST","handler":"h"}');
      } else if (request.url.endsWith("/telemetry")) {
        told.subscription = JSON.parse(Buffer.concat(pieces).toString());
        resolvers.subscribe(at);
        response.end('"OK"');
      } else {
        resolvers.next(at);
        waiting.push(response);
      }
    });
  });
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const send = (event) => waiting.shift()?.end(JSON.stringify(event));
  return {
    endpoint: `127.0.0.1:${server.address().port}`,
    calls,
    told,
    invoke: () =>
      send({ eventType: "INVOKE", deadlineMs: Date.now() + 900_000, requestId: "r", invokedFunctionArn: "arn" }),
    shutDown: () => send({ eventType: "SHUTDOWN", deadlineMs: Date.now() + 2000, shutdownReason: "spindown" }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
