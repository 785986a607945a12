// The floor of the service in a process of its own: callers come by HTTP, wait for a bare runtime that is idle, and are
// answered by HTTP. As many hops between as many processes as the service has, and nothing else.
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Floor } from "./contenders/floor.mjs";
import { tellBenchmark } from "./told-host.mjs";

const { environments } = JSON.parse(process.argv[2]);
const functionDirectory = fileURLToPath(new URL("programs/function", import.meta.url));
const floors = Array.from({ length: environments }, () => new Floor());
await Promise.all(floors.map((floor) => floor.start({ functionDirectory, extensions: [] })));
const idle = [...floors];
const waiting = [];

const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0, noDelay: true }, (request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    waiting.push({ payload: Buffer.concat(chunks), response });
    serveWaiting();
  });
});

function serveWaiting() {
  while (waiting.length > 0 && idle.length > 0) void serve(idle.pop(), waiting.shift());
}

async function serve(floor, { payload, response }) {
  const { answered, done } = floor.invoke(payload);
  const body = await answered;
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
  response.end(body);
  await done;
  idle.push(floor);
  serveWaiting();
}

server.listen(0, "127.0.0.1");
await once(server, "listening");
tellBenchmark(server.address().port, async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(floors.map((floor) => floor.stop()));
});
